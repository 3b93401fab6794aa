/**
 * Searches in threads of Node: expressions are matched by a library in JavaScript, and a thread keeps that off the loop that serves everybody's
 * typing. A search keeps its thread from `open` to `close`; one that is still at work when its search ends is ended too.
 */
import type { TextSearcher, TextSearchers } from '../../commands/find/text-searchers.ts'
import { refuseNow, ThreadPool } from '../threads/thread-pool.ts'
import type { FromThread, ToThread } from './search-thread.ts'

/** For a thread to begin and an expression to be compiled, which takes a tenth of a second, and far longer on a machine that has too much to do. */
const compileMsMax = 30_000

/** Makes the threads of a node; none runs before the first search. */
export function createSearchThreads(): TextSearchers {
  const pool = new ThreadPool<ToThread, FromThread>({
    module: new URL('./search-thread.ts', import.meta.url),
    threadsMax: 2,
    waitingMax: 16,
    megabytesMax: 256,
    busy: 'Too many people search at this moment.',
  })
  return {
    open: async (terms, signal) => {
      signal.throwIfAborted()
      const thread = await pool.acquire(signal)
      try {
        const answer = await thread.ask({ terms }, compileMsMax, signal)
        if (answer === 'too-slow') throw refuseNow('The search could not begin in time.')
        if ('fault' in answer) {
          pool.release(thread)
          return answer
        }
      } catch (error) {
        pool.release(thread)
        throw error
      }
      return searcherOn(pool, thread, signal)
    },
  }
}

type Pool = ThreadPool<ToThread, FromThread>

const searcherOn = (pool: Pool, thread: Awaited<ReturnType<Pool['acquire']>>, signal: AbortSignal): TextSearcher => ({
  search: async (texts, withinMs) => {
    const answer = await thread.ask({ texts }, withinMs, signal)
    if (answer === 'too-slow') return answer
    if (!('found' in answer)) throw new Error('a thread answered something else')
    return answer.found
  },
  close: () => pool.release(thread),
})
