import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinHunks } from './few.ts'
import { diffToHunks, HUNKS_MAX, type Hunk } from './hunks.ts'

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
  const lines = Array.from({ length: 2000 }, (_, n) => `const value${n} = compute(${n})\n`)
  const before = lines.join('')
  const after = before.replaceAll('compute', 'calculate')
  expect(diffToHunks(before, after)).toHaveLength(2000)
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

test('AE3: many hunks become few: neighbours are joined two by two, none of them across half of the text', () => {
  const before = Array.from({ length: 19_000 }, (_, n) => `${n} aa bb cc dd ee ff`).join('\n')
  const after = before.replaceAll('cc', 'xx').replaceAll('ff', 'yy')
  const hunks = diffToHunks(before, after)
  expect(hunks.length).toBeLessThanOrEqual(HUNKS_MAX)
  expect(hunks.length).toBeGreaterThan(HUNKS_MAX / 2)
  expect(apply(before, hunks)).toBe(after)
  expect(Math.max(...hunks.map(({ remove }) => remove))).toBeLessThan(1_000)
})

test('AE3: of any hunks as few as are wanted do the same, apart from each other', () => {
  const gaps = fc.array(fc.tuple(fc.nat(6), fc.nat(3), fc.string({ maxLength: 3 })), { maxLength: 40 })
  fc.assert(
    fc.property(gaps, fc.nat(12), (parts, most) => {
      const hunks: Hunk[] = []
      let end = 0
      for (const [gap, remove, insert] of parts) {
        hunks.push({ at: end + gap + 1, remove, insert })
        end += gap + 1 + remove
      }
      const before = 'abcdefg'.repeat(80).slice(0, end)
      const joined = joinHunks(before, hunks, most)
      expect(joined.length).toBeLessThanOrEqual(Math.max(most, 1))
      if (hunks.length <= most) expect(joined).toEqual(hunks)
      expect(apply(before, joined)).toBe(apply(before, hunks))
    }),
  )
})

test('AE3: a comparison without end is given up, block by block: right, only less fine', () => {
  let seed = 1
  const draw = (letters: string) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return letters[seed % letters.length] as string
  }
  const blocks = Array.from({ length: 30 }, (_, n) => {
    const lines = Array.from({ length: 4_000 }, () => [`${draw('abc')}\n`, `${draw('abc')}\n`] as const)
    return {
      before: `anchor ${n}\n${lines.map(([a]) => a).join('')}`,
      after: `anchor ${n}\n${lines.map(([, b]) => b).join('')}`,
    }
  })
  const [before, after] = [blocks.map((block) => block.before).join(''), blocks.map((block) => block.after).join('')]
  const hunks = diffToHunks(before, after)
  expect(apply(before, hunks)).toBe(after)
  expect(hunks.length).toBeLessThanOrEqual(HUNKS_MAX)
})
