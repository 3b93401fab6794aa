/**
 * Scans for secrets in a thread: the rules are regular expressions by the dozen over texts of up to 4 MiB, and some of them are slow on texts that
 * are made for it. What takes too long is ended, and told as such.
 */
import type { FoundSecret, SecretScanner } from '../../commands/secrets/secret-scanner.ts'
import { ThreadPool } from '../threads/thread-pool.ts'
import type { ToThread } from './secret-thread.ts'

/** A text of 4 MiB takes about a second; the first one also waits for the rules to load. */
const scanMsMax = 30_000

/** Makes the thread of a node; it does not run before the first scan. */
export function createSecretScanner(withinMs = scanMsMax): SecretScanner {
  const pool = new ThreadPool<ToThread, FoundSecret[]>({
    module: new URL('./secret-thread.ts', import.meta.url),
    threadsMax: 1,
    waitingMax: 1_000,
    megabytesMax: 512,
    busy: 'Too many commits are looked at for secrets at this moment.',
  })
  return {
    scan: async (file, signal) => {
      const thread = await pool.acquire(signal)
      try {
        const answer = await thread.ask(file, withinMs, signal)
        return answer === 'too-slow' ? 'unscanned' : answer
      } finally {
        pool.release(thread)
      }
    },
  }
}
