import fc from 'fast-check'
import { expect, test } from 'vitest'
import { twinKey } from './twin-key.ts'

test.each([
  ['README.md', 'readme.MD'],
  ['caf\u00e9', 'cafe\u0301'],
  ['CAF\u00c9', 'cafe\u0301'],
  ['straße', 'STRASSE'],
  ['STRAẞE', 'straße'],
  ['ΟΔΟΣ', 'οδος'],
  ['οδοσ.md', 'ΟΔΟΣ.MD'],
  ['\u212a', 'k'],
  ['ﬁle', 'FILE'],
])('TW1: %j and %j are twins', (one, other) => {
  expect(twinKey(one)).toBe(twinKey(other))
})

test.each([
  ['a', 'b'],
  ['ılk', 'ilk'],
  ['resume', 'résumé'],
  ['a b', 'a_b'],
  ['①', '1'],
])('TW2: %j and %j are two names', (one, other) => {
  expect(twinKey(one)).not.toBe(twinKey(other))
})

test('TW3: keys are stable and are made segment by segment (property)', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((s) => `a${s.replaceAll('/', '')}`)
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
      const path = segments.join('/')
      expect(twinKey(twinKey(path))).toBe(twinKey(path))
      expect(twinKey(path)).toBe(segments.map(twinKey).join('/'))
      expect(twinKey(path.normalize('NFD'))).toBe(twinKey(path.normalize('NFC')))
    }),
  )
})
