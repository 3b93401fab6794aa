import fc from 'fast-check'
import { expect, test } from 'vitest'
import { choosePacks, type SizedPack } from './choose-packs.ts'

const packs = (...sizes: number[]): SizedPack[] => sizes.map((packBytes, n) => ({ sha: `pack-${n}`, packBytes }))
const sizes = (chosen: readonly SizedPack[]): number[] => chosen.map(({ packBytes }) => packBytes)

test('SN6: packs of one size become one', () => {
  expect(sizes(choosePacks(packs(5, 5, 5, 5)))).toEqual([5, 5, 5, 5])
})

test('SN6: packs that each are twice as large as the next stay', () => {
  expect(choosePacks(packs(1, 2, 4, 8, 16))).toEqual([])
  expect(choosePacks(packs(7))).toEqual([])
  expect(choosePacks([])).toEqual([])
})

test('SN6: a large pack is not written again for a few small ones', () => {
  expect(sizes(choosePacks(packs(1, 1, 1, 1_000)))).toEqual([1, 1, 1])
  expect(sizes(choosePacks(packs(1, 1, 3, 1_000)))).toEqual([1, 1, 3])
})

test('SN6: a round has an end, also over very many and over very large packs', () => {
  expect(choosePacks(packs(...Array.from({ length: 3_000 }, () => 10)))).toHaveLength(500)
  expect(choosePacks(packs(600e6, 600e6))).toEqual([])
  expect(choosePacks(packs(200e6, 200e6, 200e6))).toHaveLength(2)
})

test('SN6: rounds end in a geometric order of few packs, and no byte is written more often than the size doubles', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 2, maxLength: 200 }), (arriving) => {
      let live: SizedPack[] = []
      let written = 0
      let n = 0
      for (const packBytes of arriving) {
        live.push({ sha: `in-${n++}`, packBytes })
        const chosen = choosePacks(live)
        if (chosen.length === 0) continue
        const joined = sizes(chosen).reduce((sum, size) => sum + size, 0)
        written += joined
        live = [...live.filter((pack) => !chosen.includes(pack)), { sha: `in-${n++}`, packBytes: joined }]
      }
      const total = sizes(live).reduce((sum, size) => sum + size, 0)
      expect(total).toBe(arriving.reduce((sum, size) => sum + size, 0))
      expect(live.length).toBeLessThanOrEqual(2 + Math.log2(total))
      expect(written).toBeLessThanOrEqual(total * (2 + Math.log2(total)))
    }),
    { seed: 11, numRuns: 300 },
  )
})
