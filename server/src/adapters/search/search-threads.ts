/**
 * Searches in threads of Node: expressions are matched by a library in JavaScript, and a thread keeps that off the loop that serves everybody's
 * typing. A thread that is needed no more waits a while for the next search; one that is still at work when its search ends is ended too.
 */
import { Worker } from 'node:worker_threads'
import { Refusal } from '@skein/protocol'
import type { TextSearcher, TextSearchers } from '../../commands/find/text-searchers.ts'
import type { FromThread, ToThread } from './search-thread.ts'

/** Searches at the same time on this node, and how many more may wait for them. */
const threadsMax = 2
const waitingMax = 16
/** A thread costs about 10 MB while nothing is searched. */
const idleMs = 60_000
/** For a thread to begin and an expression to be compiled, which takes a tenth of a second, and far longer on a machine that has too much to do. */
const compileMsMax = 30_000
const megabytesMax = 256

/** Makes the threads of a node; none runs before the first search. */
export function createSearchThreads(): TextSearchers {
  const idle: SearchThread[] = []
  const waiting: (() => void)[] = []
  let busy = 0

  const acquire = async (signal: AbortSignal): Promise<SearchThread> => {
    if (busy >= threadsMax) await waitForTurn(waiting, signal)
    else busy++
    return idle.pop() ?? new SearchThread((thread) => void idle.splice(idle.indexOf(thread), 1))
  }
  const release = (thread: SearchThread): void => {
    if (thread.rest()) idle.push(thread)
    const next = waiting.shift()
    if (next) next()
    else busy--
  }

  return {
    open: async (terms, signal) => {
      signal.throwIfAborted()
      const thread = await acquire(signal)
      try {
        const answer = await thread.ask({ terms }, compileMsMax, signal)
        if (answer === 'too-slow') throw unavailable('The search could not begin in time.')
        if ('fault' in answer) {
          release(thread)
          return answer
        }
      } catch (error) {
        release(thread)
        throw error
      }
      return searcherOn(thread, signal, release)
    },
  }
}

function searcherOn(thread: SearchThread, signal: AbortSignal, release: (thread: SearchThread) => void): TextSearcher {
  return {
    search: async (texts, withinMs) => {
      const answer = await thread.ask({ texts }, withinMs, signal)
      if (answer === 'too-slow') return answer
      if (!('found' in answer)) throw new Error('a thread answered something else')
      return answer.found
    },
    close: () => release(thread),
  }
}

function waitForTurn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  if (waiting.length >= waitingMax) {
    throw unavailable('Too many people search at this moment.')
  }
  return new Promise((resolve, reject) => {
    const turn = () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = () => {
      waiting.splice(waiting.indexOf(turn), 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    waiting.push(turn)
  })
}

const unavailable = (what: string): Refusal => new Refusal('unavailable', what, { hint: 'Try again in a few seconds.' })

type Settle = { resolve(answer: FromThread | 'too-slow'): void; reject(reason: unknown): void }

class SearchThread {
  readonly #worker: Worker
  #asked: Settle | undefined
  /** Takes back the timer and the listener of the question that is open. */
  #forget: (() => void) | undefined
  #isEnded = false
  #idleTimer: NodeJS.Timeout | undefined
  readonly #onIdleEnd: (thread: SearchThread) => void

  /** `onIdleEnd` is told when the thread has waited for long enough. */
  constructor(onIdleEnd: (thread: SearchThread) => void) {
    this.#onIdleEnd = onIdleEnd
    this.#worker = new Worker(new URL('./search-thread.ts', import.meta.url), {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: megabytesMax },
    })
    this.#worker.unref()
    this.#worker.on('message', (answer: FromThread) => this.#settle((asked) => asked.resolve(answer)))
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#isEnded = true
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      this.#settle((asked) => (isMemory ? asked.resolve('too-slow') : asked.reject(error)))
    })
  }

  /** One question at a time. A thread that did not answer in time, or is not wanted any more, is ended. */
  ask(message: ToThread, withinMs: number, signal: AbortSignal): Promise<FromThread | 'too-slow'> {
    clearTimeout(this.#idleTimer)
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise<FromThread | 'too-slow'>((resolve, reject) => {
      this.#asked = { resolve, reject }
      const onAbort = () => {
        this.#end()
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        this.#end()
        resolve('too-slow')
      }, withinMs)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#forget = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      this.#worker.postMessage(message)
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

  #settle(how: (asked: Settle) => void): void {
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
