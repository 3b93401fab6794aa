/** What is told of a write with many hunks. */
import { HUNKS_LISTED_MAX } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { HunkReport } from '../live-documents.ts'
import { listHunkNumbers } from './write-text.ts'

const reportOf = (outcome: 'applied' | 'rebased' | 'noop'): HunkReport => ({
  hunk: { at: 0, remove: 0, insert: 'x', edits: [], line: 1 },
  line: 1,
  result: { outcome },
})

test('AE6: of many hunks those that were not made are all told, and as many others as there is room for, in the order of the text', () => {
  const hunks = Array.from({ length: 2_000 }, (_, n) => reportOf(n % 500 === 499 ? 'noop' : 'applied'))
  const listed = listHunkNumbers(hunks)
  expect(listed).toHaveLength(HUNKS_LISTED_MAX)
  expect(listed.filter((n) => hunks[n]?.result.outcome === 'noop')).toEqual([499, 999, 1499, 1999])
  expect(listed).toEqual(listed.toSorted((a, b) => a - b))
  expect(listHunkNumbers(hunks.slice(0, 3))).toEqual([0, 1, 2])
})
