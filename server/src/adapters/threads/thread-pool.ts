/**
 * Threads of one kind: a few at the same time, and a bounded queue for them. None runs before the first is wanted; one that is needed no more waits
 * a while for the next.
 */
import { Refusal } from '@skein/protocol'
import { WorkThread } from './work-thread.ts'

export interface PoolOptions {
  /** What the threads run. */
  module: URL
  /** At the same time, and how many more may wait for them. */
  threadsMax: number
  waitingMax: number
  /** Of memory for each. */
  megabytesMax: number
  /** What is said when too many wait. */
  busy: string
}

export class ThreadPool<Question, Answer> {
  readonly #options: PoolOptions
  readonly #idle: WorkThread<Question, Answer>[] = []
  readonly #waiting: (() => void)[] = []
  #busy = 0

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /**
   * A thread for oneself, to be given back with `release`. Rejects with the signal's reason when it is aborted first, with a Refusal
   * `unavailable` when too many wait.
   */
  async acquire(signal?: AbortSignal): Promise<WorkThread<Question, Answer>> {
    const { module, threadsMax, megabytesMax } = this.#options
    if (this.#busy >= threadsMax) await this.#waitForTurn(signal)
    else this.#busy++
    const idle = this.#idle.pop()
    if (idle) return idle
    return new WorkThread(module, megabytesMax, (thread) => void this.#idle.splice(this.#idle.indexOf(thread), 1))
  }

  release(thread: WorkThread<Question, Answer>): void {
    if (thread.rest()) this.#idle.push(thread)
    const next = this.#waiting.shift()
    if (next) next()
    else this.#busy--
  }

  #waitForTurn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#options.waitingMax) throw refuseNow(this.#options.busy)
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(turn)
    })
  }
}

/** Too much is asked of the threads in this moment. */
export const refuseNow = (what: string): Refusal =>
  new Refusal('unavailable', what, { hint: 'Try again in a few seconds.' })
