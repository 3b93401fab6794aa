/**
 * Pushes what stands in the outbox, one project at a time for each place, for ever: a row leaves it only when GitHub has the commit or when
 * somebody is needed. Waking is by NOTIFY and by the time of the next row; polling is the net.
 */
import { type Database, outboxQueries } from '@skein/db'
import { type PushDeps, pushProject } from '../commands/github/push-project.ts'

export interface PushLoopOptions extends PushDeps {
  db: Database
  logFault: (error: unknown, about: object) => void
  concurrency?: number
  /** A row whose worker was killed is pushed again after this. */
  leaseMs?: number
  pollMs?: number
}

export class PushLoop {
  readonly name = 'push'
  readonly #options: Required<PushLoopOptions>
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  #unlisten: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #filling: Promise<void> | undefined
  #isToldAgain = false

  constructor(options: PushLoopOptions) {
    this.#options = { concurrency: 4, leaseMs: 15_000, pollMs: 5_000, ...options }
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#options.db.listen(outboxQueries.outboxChannel, () => this.#wake())
    this.#wake()
  }

  /** Claims nothing more, and breaks off what runs: a push that arrives nevertheless is found to be there. */
  async drain(): Promise<void> {
    this.#stop.abort(new Error('draining'))
    this.#unlisten?.()
    clearTimeout(this.#timer)
    await this.#filling
    await Promise.all(this.#running)
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return
    this.#isToldAgain = true
    this.#filling ??= this.#fill()
      .catch((error: unknown) => this.#options.logFault(error, { loop: this.name }))
      .finally(() => {
        this.#filling = undefined
        if (this.#isToldAgain) this.#wake()
      })
  }

  async #fill(): Promise<void> {
    const { db, concurrency, leaseMs } = this.#options
    this.#isToldAgain = false
    clearTimeout(this.#timer)
    try {
      while (!this.#stop.signal.aborted && this.#running.size < concurrency) {
        const row = await db.onInstance((tx) => outboxQueries.claimSync(tx, leaseMs))
        if (row === null) break
        const work = this.#push(row).finally(() => {
          this.#running.delete(work)
          this.#wake()
        })
        this.#running.add(work)
      }
    } finally {
      // Also after a claim that failed: nobody may ever tell again of what is due.
      const sleepMs = await this.#sleepMs()
      if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#wake(), sleepMs)
    }
  }

  async #sleepMs(): Promise<number> {
    const { db, pollMs } = this.#options
    const next = await outboxQueries.nextSyncAt(db.instance).catch(() => null)
    if (next === null) return pollMs
    return Math.min(Math.max(next.getTime() - Date.now(), 50), pollMs)
  }

  async #push(row: outboxQueries.OutboxRow): Promise<void> {
    const { db, leaseMs } = this.#options
    const keeper = setInterval(() => {
      db.onInstance((tx) => outboxQueries.keepSync(tx, row.projectId, leaseMs)).catch(() => {})
    }, leaseMs / 3)
    try {
      await pushProject(this.#options, row, this.#stop.signal)
    } catch (error) {
      await this.#putBack(row, error)
    } finally {
      clearInterval(keeper)
    }
  }

  /** Broken off by draining: due again at once. A fault of our own: later, so that it does not spin. */
  async #putBack(row: outboxQueries.OutboxRow, error: unknown): Promise<void> {
    const { db, leaseMs, logFault } = this.#options
    const isDraining = this.#stop.signal.aborted
    if (!isDraining) logFault(error, { project: row.projectId })
    const nextAt = new Date(Date.now() + (isDraining ? 0 : leaseMs))
    await db.onInstance((tx) => outboxQueries.postponeSync(tx, row.projectId, nextAt)).catch(() => {})
  }
}
