import { describe, expect, test } from 'vitest'
import { closeTab, keepTabs, moveTab, noTabs, openTab, type Tabs, tabsToText, textToTabs } from './tabs-model.ts'

const opened = (...ids: string[]): Tabs => ids.reduce(openTab, noTabs)

describe('tabs', () => {
  test('a new file stands right of the current one, a known one stays where it is', () => {
    expect(openTab(openTab(opened('a', 'b'), 'a'), 'c').open).toEqual(['a', 'c', 'b'])
    expect(openTab(opened('a', 'b'), 'a')).toEqual({ open: ['a', 'b'], current: 'a', recent: ['a', 'b'] })
  })

  test('closing shows what was looked at before', () => {
    const tabs = openTab(opened('a', 'b', 'c'), 'a')
    expect(closeTab(tabs, 'a')).toMatchObject({ open: ['b', 'c'], current: 'c' })
    expect(closeTab(tabs, 'b')).toMatchObject({ open: ['a', 'c'], current: 'a' })
    expect(closeTab(opened('a'), 'a')).toMatchObject({ open: [], current: null })
  })

  test('after a reload the neighbour is shown when nothing recent is open', () => {
    expect(closeTab({ open: ['a', 'b'], current: 'b', recent: ['b'] }, 'b').current).toBe('a')
  })

  test('fifty at most; the one not looked at for longest goes', () => {
    const ids = Array.from({ length: 51 }, (_, index) => `f${index}`)
    const tabs = opened(...ids)
    expect(tabs.open).toHaveLength(50)
    expect(tabs.open).not.toContain('f0')
    expect(tabs.current).toBe('f50')
  })

  test('tabs move by one place and stop at the ends', () => {
    expect(moveTab(opened('a', 'b'), 'b', -1).open).toEqual(['b', 'a'])
    expect(moveTab(opened('a', 'b'), 'b', 1).open).toEqual(['a', 'b'])
  })

  test('they survive being written down, and nonsense is no tabs', () => {
    const tabs = opened('a', 'b')
    expect(textToTabs(tabsToText(tabs))).toEqual(tabs)
    for (const nonsense of [null, '', '{', '[]', '{"open":1,"recent":[]}', 'null']) {
      expect(textToTabs(nonsense)).toEqual(noTabs)
    }
  })

  test('files that are gone are dropped', () => {
    expect(keepTabs(opened('a', 'b'), (id) => id === 'a')).toEqual({ open: ['a'], current: 'a', recent: ['a'] })
  })
})
