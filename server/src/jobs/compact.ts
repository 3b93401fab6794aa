/**
 * Compacts documents whose tail is due (DL8). What is due stands in their rows, so that nothing is forgotten over a restart; a lease in the
 * row keeps several nodes from doing the same, and if it should run out, compare-and-set lets only one of them win.
 */
import { documentCompactionQueries as compaction, type Database } from '@skein/db'
import type { DocumentId } from '@skein/protocol'
import type { CompactionReport } from '../commands/history/keep-compact.ts'

/**
 * Rows and bytes: a tail below them costs an opening less than a tenth of what the state costs. Ten minutes of quiet: a short tail is no burden,
 * but its rows take 25 times the space of history; and whoever writes with pauses should not pay for a new state in each of them.
 */
export const COMPACTION_LIMITS: compaction.CompactionLimits = { rows: 500, bytes: 256 * 1024, quietMs: 10 * 60_000 }

export interface CompactionLoopOptions {
  db: Database
  /** Compacts one document; the next one is asked for when it has answered. */
  thread: { compact(document: DocumentId): Promise<CompactionReport>; stop(): Promise<void> }
  onReport: (document: DocumentId, report: CompactionReport) => void
  logFault: (error: unknown, about: object) => void
  limits?: compaction.CompactionLimits
  /** A document whose node was killed is compacted by another after this. */
  leaseMs?: number
  /** A document that could not be compacted is left alone for that long. */
  failureRestMs?: number
  pollMs?: number
}

/** Documents of one look; when there are more, the next look follows at once. */
const DUE_MAX = 50

export class CompactionLoop {
  readonly name = 'compaction'
  readonly #options: Required<CompactionLoopOptions>
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isDraining = false

  constructor(options: CompactionLoopOptions) {
    const defaults = { limits: COMPACTION_LIMITS, leaseMs: 120_000, failureRestMs: 3_600_000, pollMs: 5_000 }
    this.#options = { ...defaults, ...options }
  }

  start(): void {
    this.#timer = setInterval(() => this.#wake(), this.#options.pollMs)
    this.#wake()
  }

  /** Puts down what it is at: a compaction that is broken off has changed nothing. */
  async drain(): Promise<void> {
    this.#isDraining = true
    clearInterval(this.#timer)
    await this.#options.thread.stop()
    await this.#round
  }

  #wake(): void {
    if (this.#isDraining) return
    this.#round ??= this.#look()
      .catch((error: unknown) => this.#options.logFault(error, { loop: this.name }))
      .finally(() => {
        this.#round = undefined
      })
  }

  async #look(): Promise<void> {
    const { db, limits } = this.#options
    for (;;) {
      const due = await compaction.listDueCompactions(db.log, limits, DUE_MAX)
      let done = 0
      for (const { document } of due) {
        if (this.#isDraining) return
        if (await this.#compact(document)) done++
      }
      // Some had more rows than one pass takes, or there were more documents than one look lists.
      if (done === 0) return
    }
  }

  async #compact(document: DocumentId): Promise<boolean> {
    const { db, thread, leaseMs, failureRestMs, onReport, logFault } = this.#options
    if (!(await compaction.claimCompaction(db.log, document, leaseMs))) return false
    try {
      const report = await thread.compact(document)
      onReport(document, report)
      const isStuck = report.outcome === 'damaged' || report.outcome === 'postponed'
      if (report.outcome !== 'compacted')
        await compaction.postponeCompaction(db.log, document, isStuck ? failureRestMs : 0)
      return report.outcome === 'compacted'
    } catch (error) {
      if (!this.#isDraining) logFault(error, { document })
      await compaction.postponeCompaction(db.log, document, this.#isDraining ? 0 : failureRestMs)
      return false
    }
  }
}
