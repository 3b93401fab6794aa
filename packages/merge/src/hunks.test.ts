import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffToHunks, type Hunk } from './hunks.ts'

const apply = (text: string, hunks: readonly Hunk[]): string =>
  hunks
    .toReversed()
    .reduce((done, { at, remove, insert }) => done.slice(0, at) + insert + done.slice(at + remove), text)

test('only what changed is replaced', () => {
  expect(diffToHunks('one\ntwo\nthree\n', 'one\n2wo\nthree\nfour\n')).toEqual([
    { at: 4, remove: 1, insert: '2' },
    { at: 14, remove: 0, insert: 'four\n' },
  ])
  expect(diffToHunks('same', 'same')).toEqual([])
  expect(diffToHunks('', 'new')).toEqual([{ at: 0, remove: 0, insert: 'new' }])
  expect(diffToHunks('old\n', '')).toEqual([{ at: 0, remove: 4, insert: '' }])
})

test('characters stay whole: two emoji that share a half are replaced as a whole', () => {
  expect(diffToHunks('a😀b', 'a😁b')).toEqual([{ at: 1, remove: 2, insert: '😁' }])
})

test('any two texts: applying the hunks gives the second, and no hunk touches the next', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '😀', '😁', ' '), maxLength: 60 })
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const hunks = diffToHunks(before, after)
      expect(apply(before, hunks)).toBe(after)
      for (const [i, hunk] of hunks.entries()) {
        const previous = hunks[i - 1]
        if (previous) expect(hunk.at).toBeGreaterThan(previous.at + previous.remove)
      }
    }),
  )
})

test('texts that have nothing in common are replaced as a whole, soon', () => {
  const before = Array.from({ length: 5000 }, (_, i) => `left ${i}\n`).join('')
  const after = Array.from({ length: 5000 }, (_, i) => `RIGHT-${i}\n`).join('')
  expect(apply(before, diffToHunks(before, after))).toBe(after)
})
