/**
 * A thread that compacts documents, one at a time: decoding and encoding a long document takes tens of milliseconds, in which no socket of the
 * main thread may wait. It has a connection to the database of its own, and ends when it has had nothing to do for a while.
 */
import { Worker } from 'node:worker_threads'
import type { DocumentId } from '@skein/protocol'
import type { CompactionReport } from '../commands/history/keep-compact.ts'

/** What the thread answers. */
export type ThreadAnswer = { report: CompactionReport } | { error: Error }

/** A document that needs more kills the thread, and not the process. */
const HEAP_MB_MAX = 1_024

export class CompactionThread {
  readonly #address: string
  readonly #restMs: number
  #worker: Worker | undefined
  #waiting: { resolve(report: CompactionReport): void; reject(error: Error): void } | undefined
  #timer: NodeJS.Timeout | undefined

  /** `restMs`: how long it is kept without work. Nothing is started yet. */
  constructor(address: string, restMs = 60_000) {
    this.#address = address
    this.#restMs = restMs
  }

  /** Rejects when the compaction fails or the thread dies; nothing has changed then, or all of it. */
  compact(document: DocumentId): Promise<CompactionReport> {
    if (this.#waiting) throw new Error('The compaction thread works on another document')
    clearTimeout(this.#timer)
    const worker = this.#worker ?? this.#start()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      worker.postMessage(document)
    })
  }

  /** Ends the thread, also in the middle of its work: its transaction is rolled back. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('compact-worker.ts', import.meta.url), {
      workerData: this.#address,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    })
    let death = new Error('The compaction thread was ended')
    worker.on('message', (answer: ThreadAnswer) => {
      if ('report' in answer) this.#take()?.resolve(answer.report)
      else this.#take()?.reject(answer.error)
      this.#timer = setTimeout(() => void this.#letGo(worker), this.#restMs).unref()
    })
    worker.on('error', (error: unknown) => {
      death = error instanceof Error ? error : new Error(String(error))
    })
    // One that was let go has no work any more: what is waited for is another one's.
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#take()?.reject(death)
    })
    worker.unref()
    this.#worker = worker
    return worker
  }

  /** A thread takes a moment to end; a document that comes meanwhile gets a new one. */
  #letGo(worker: Worker): Promise<number> {
    this.#worker = undefined
    return worker.terminate()
  }

  #take() {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }
}
