/**
 * One thread of Node that answers one question at a time, for work that must not hold up the loop that serves everybody's typing. What takes too long,
 * or more memory than it may have, is ended with its thread.
 */
import { Worker } from 'node:worker_threads'

/** A thread costs about 10 MB while it has nothing to do. */
const idleMs = 60_000

type Settle<Answer> = { resolve(answer: Answer | 'too-slow'): void; reject(reason: unknown): void }

export class WorkThread<Question, Answer> {
  readonly #worker: Worker
  #asked: Settle<Answer> | undefined
  /** Takes back the timer and the listener of the question that is open. */
  #forget: (() => void) | undefined
  #isEnded = false
  #idleTimer: NodeJS.Timeout | undefined
  readonly #onIdleEnd: (thread: WorkThread<Question, Answer>) => void

  /** `onIdleEnd` is told when the thread has waited for long enough. */
  constructor(module: URL, megabytesMax: number, onIdleEnd: (thread: WorkThread<Question, Answer>) => void) {
    this.#onIdleEnd = onIdleEnd
    this.#worker = new Worker(module, { env: {}, resourceLimits: { maxOldGenerationSizeMb: megabytesMax } })
    this.#worker.unref()
    this.#worker.on('message', (answer: Answer) => this.#settle((asked) => asked.resolve(answer)))
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#isEnded = true
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      this.#settle((asked) => (isMemory ? asked.resolve('too-slow') : asked.reject(error)))
    })
  }

  /** One question at a time. A thread that did not answer in time, or is not wanted any more, is ended. */
  ask(question: Question, withinMs: number, signal?: AbortSignal): Promise<Answer | 'too-slow'> {
    clearTimeout(this.#idleTimer)
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise<Answer | 'too-slow'>((resolve, reject) => {
      this.#asked = { resolve, reject }
      const onAbort = () => {
        this.#end()
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        this.#end()
        resolve('too-slow')
      }, withinMs)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#forget = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      this.#worker.postMessage(question)
    }).finally(() => {
      this.#forget?.()
      this.#forget = undefined
    })
  }

  /** Whether the thread can be used again; it ends by itself when that takes too long. */
  rest(): boolean {
    if (this.#asked) this.#end()
    if (this.#isEnded) return false
    this.#idleTimer = setTimeout(() => {
      this.#onIdleEnd(this)
      this.#end()
    }, idleMs)
    this.#idleTimer.unref()
    return true
  }

  #settle(how: (asked: Settle<Answer>) => void): void {
    const asked = this.#asked
    this.#asked = undefined
    if (asked) how(asked)
  }

  #end(): void {
    this.#isEnded = true
    this.#asked = undefined
    void this.#worker.terminate()
  }
}
