/** Finds the hunks of large writes in threads of Node, and those of small ones where it stands. */
import type { HunkList } from '@skein/document'
import { findHunks, type HunkFinder, isSmall, type WantedHunks } from '../../commands/content/hunk-finder.ts'
import { refuseNow, ThreadPool } from '../threads/thread-pool.ts'

/**
 * The work is counted and ends within about two seconds; what takes as long as this meets a machine that has too much to do. All who wait have
 * been served or refused before the claim of an idempotency key is over.
 */
const findMsMax = 10_000

/** Makes the threads of a node; none runs before the first large write. */
export function createHunkThreads(): HunkFinder {
  const pool = new ThreadPool<WantedHunks, HunkList>({
    module: new URL('./hunk-thread.ts', import.meta.url),
    threadsMax: 2,
    waitingMax: 6,
    megabytesMax: 512,
    busy: 'Too many large texts are written at this moment. Nothing was written.',
  })
  return {
    find: async (question) => {
      if (isSmall(question)) return findHunks(question)
      const thread = await pool.acquire()
      try {
        const found = await thread.ask(question, findMsMax)
        if (found === 'too-slow') throw refuseNow('It took too long to find what changes. Nothing was written.')
        return found
      } finally {
        pool.release(thread)
      }
    },
  }
}
