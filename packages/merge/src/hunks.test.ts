import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffToHunks, type Hunk } from './hunks.ts'

const apply = (text: string, hunks: readonly Hunk[]): string =>
  hunks
    .toReversed()
    .reduce((done, { at, remove, insert }) => done.slice(0, at) + insert + done.slice(at + remove), text)

test('AE3: only the words that changed are replaced', () => {
  expect(diffToHunks('one\ntwo\nthree\n', 'one\n2wo\nthree\nfour\n')).toEqual([
    { at: 4, remove: 3, insert: '2wo' },
    { at: 14, remove: 0, insert: 'four\n' },
  ])
  expect(diffToHunks('the colour is blue today', 'the colour is red today')).toEqual([
    { at: 14, remove: 4, insert: 'red' },
  ])
  expect(diffToHunks('same', 'same')).toEqual([])
  expect(diffToHunks('', 'new')).toEqual([{ at: 0, remove: 0, insert: 'new' }])
  expect(diffToHunks('old\n', '')).toEqual([{ at: 0, remove: 4, insert: '' }])
})

test('AE3: each of as many lines as before is a change of its own', () => {
  expect(diffToHunks('one\ntwo\nthree\n', 'one\nzwei\ndrei\n')).toEqual([
    { at: 4, remove: 3, insert: 'zwei' },
    { at: 8, remove: 5, insert: 'drei' },
  ])
})

test('AE3: changes with only signs between them are one, and a block of which little stays is replaced', () => {
  expect(diffToHunks('f(a, b)', 'f(c, d)')).toEqual([{ at: 2, remove: 4, insert: 'c, d' }])
  const [before, after] = ['wholly other words stand in this line here', 'not one of them is kept but in']
  expect(diffToHunks(before, after)).toHaveLength(1)
})

test('AE3: scripts without spaces change by character', () => {
  expect(diffToHunks('今日は晴れです', '今日は雨です')).toEqual([{ at: 3, remove: 2, insert: '雨' }])
})

test('AE3: characters stay whole: two emoji that share a half, and a letter with its accent', () => {
  expect(diffToHunks('a😀b', 'a😁b')).toEqual([{ at: 1, remove: 2, insert: '😁' }])
  expect(diffToHunks('x e\u0301', 'x e\u0300')).toEqual([{ at: 2, remove: 2, insert: 'e\u0300' }])
})

test('AE3: any two texts: applying the hunks gives the second, and no hunk touches the next', () => {
  const texts = fc.string({
    unit: fc.constantFrom('a', 'b', '\n', '😀', '😁', ' ', '.', '\u0301', '字'),
    maxLength: 60,
  })
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const hunks = diffToHunks(before, after)
      expect(apply(before, hunks)).toBe(after)
      for (const [i, hunk] of hunks.entries()) {
        const previous = hunks[i - 1]
        if (previous) expect(hunk.at).toBeGreaterThan(previous.at + previous.remove)
      }
    }),
    { numRuns: 2000 },
  )
})

test('AE3: a word that changes on thousands of lines is as many hunks; a line that moved is a deletion and an insertion', () => {
  const lines = Array.from({ length: 5000 }, (_, n) => `const value${n} = compute(${n})\n`)
  const before = lines.join('')
  const after = before.replaceAll('compute', 'calculate')
  expect(diffToHunks(before, after)).toHaveLength(5000)
  const moved = [...lines.slice(1, 900), lines[0], ...lines.slice(900)].join('')
  expect(diffToHunks(before, moved)).toEqual([
    { at: 0, remove: lines[0]?.length, insert: '' },
    { at: before.indexOf(lines[900] as string), remove: 0, insert: lines[0] },
  ])
})

test('texts that have nothing in common are replaced as a whole, soon', () => {
  const before = Array.from({ length: 5000 }, (_, i) => `left ${i}\n`).join('')
  const after = Array.from({ length: 5000 }, (_, i) => `RIGHT-${i}\n`).join('')
  expect(apply(before, diffToHunks(before, after))).toBe(after)
})
