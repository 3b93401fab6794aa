import { describe, expect, test } from 'vitest'
import { countUnsent, countUnsentOfOthers, mergeUnsent, type UnsentByTab } from './unsent-by-tab.ts'

const first: UnsentByTab = mergeUnsent({}, { tab: 'first', edits: 5, sentRow: 0 }, 5)

describe('unsent edits of several tabs', () => {
  test('are counted together', () => {
    const both = mergeUnsent(first, { tab: 'second', edits: 2, sentRow: 0 }, 7)
    expect(countUnsent(both)).toBe(7)
    expect(countUnsentOfOthers(both, 'second')).toBe(5)
    expect(countUnsentOfOthers(both, 'a third')).toBe(7)
  })

  test('stay when a tab that never read them is acknowledged', () => {
    const both = mergeUnsent(first, { tab: 'second', edits: 2, sentRow: 0 }, 7)
    expect(mergeUnsent(both, { tab: 'second', edits: 0, sentRow: 0 }, null)).toEqual(first)
  })

  test('fall when a tab that read all of them is acknowledged', () => {
    expect(mergeUnsent(first, { tab: 'second', edits: 0, sentRow: 5 }, null)).toEqual({})
  })

  test('stay when some came after they were read', () => {
    const more = mergeUnsent(first, { tab: 'first', edits: 6, sentRow: 0 }, 9)
    expect(mergeUnsent(more, { tab: 'second', edits: 0, sentRow: 5 }, null)).toEqual(more)
  })

  test('keep their place through a write without rows', () => {
    expect(mergeUnsent(first, { tab: 'first', edits: 5, sentRow: 0 }, null)).toEqual(first)
  })
})
