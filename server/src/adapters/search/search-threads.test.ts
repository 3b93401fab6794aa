/** Threads that search: they answer, they can be stopped, and what one is asked to do harms no other search. */
import { describe, expect, test } from 'vitest'
import type { SearchTerms } from '../../commands/find/text-search.ts'
import type { TextSearcher } from '../../commands/find/text-searchers.ts'
import { createSearchThreads } from './search-threads.ts'

const threads = createSearchThreads()
const forEver = new AbortController().signal
const terms = (query: string, more: Partial<SearchTerms> = {}): SearchTerms => ({
  query,
  regex: true,
  caseSensitive: true,
  wholeWord: false,
  matchesMax: 10,
  ...more,
})
const open = async (query: string, signal = forEver): Promise<TextSearcher> => {
  const opened = await threads.open(terms(query), signal)
  if ('fault' in opened) throw new Error(opened.fault)
  return opened
}
/** As slow as RE2 gets, seconds for each megabyte: a thousand characters to look ahead, and no state seen twice in a text without order. */
const slow = 'a[ab]{990}c'
const long = `${Array.from({ length: 2_000_000 }, (_, index) => 'ab'[((index * 2654435761) >>> 16) & 1]).join('')} c`
const enoughMs = 60_000

describe('a search in a thread', () => {
  test('answers for each text in their order', async () => {
    const searcher = await open('go+se')
    const found = await searcher.search(['a goose', 'nothing', 'goooose'], enoughMs)
    expect(found).toMatchObject([{ matches: [{ text: 'goose' }] }, null, { matches: [{ text: 'goooose' }] }])
    searcher.close()
  })

  test('tells what is wrong with an expression, and goes on to serve', async () => {
    expect(await threads.open(terms('a('), forEver)).toMatchObject({ fault: 'missing closing )', at: 2 })
    const searcher = await open('b')
    expect(await searcher.search(['b'], enoughMs)).toHaveLength(1)
    searcher.close()
  })

  test('that takes too long is given up; the next one has a thread of its own', async () => {
    const searcher = await open(slow)
    expect(await searcher.search([long], 50)).toBe('too-slow')
    searcher.close()
    const next = await open('b')
    expect(await next.search(['b'], enoughMs)).toHaveLength(1)
    next.close()
  })

  test('ends when nobody wants it any more, at work or in the queue', async () => {
    const gone = new AbortController()
    const working = await open(slow, gone.signal)
    // More than is looked through while a second thread begins on a busy machine.
    const searching = working.search(Array<string>(20).fill(long), enoughMs)
    const second = await open('b')
    const waiting = threads.open(terms('c'), gone.signal)
    const outcomes = Promise.allSettled([searching, waiting])
    gone.abort('went away')
    expect(await outcomes).toMatchObject([{ reason: 'went away' }, { reason: 'went away' }])
    working.close()
    second.close()
    const next = await open('b')
    expect(await next.search(['b'], enoughMs)).toHaveLength(1)
    next.close()
  })

  test('waits for its turn, and is refused when too many wait', async () => {
    const first = await Promise.all([open('a'), open('b')])
    const turns = Array.from({ length: 16 }, () => open('c'))
    await expect(open('d')).rejects.toMatchObject({ code: 'unavailable' })
    for (const searcher of first) searcher.close()
    for (const turn of turns) {
      const searcher = await turn
      expect(await searcher.search(['c'], enoughMs)).toHaveLength(1)
      searcher.close()
    }
  })
})
