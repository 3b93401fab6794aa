/**
 * Keeps linked projects and GitHub together, for ever: one row of the outbox for each, taken by one worker at a time, whatever asked for it (a commit, a
 * delivery, a person, the clock). Waking is by NOTIFY and by the time of the next row; polling is the net. At the start every link that was
 * not looked at for a while is looked at, because what happened meanwhile may not have been told.
 */
import { githubLinkQueries, outboxQueries } from '@skein/db'
import type { SyncDeps } from '../commands/sync/round.ts'
import { syncProject } from '../commands/sync/sync-project.ts'

export interface SyncLoopOptions extends SyncDeps {
  logFault: (error: unknown, about: object) => void
  /** Projects at a time on this node; workspaces take turns. */
  concurrency?: number
  /** A row whose worker was killed is worked on again after this. */
  leaseMs?: number
  pollMs?: number
  /** Links that were looked at within this are left in peace at the start. */
  freshMs?: number
}

/** The queue is counted at most this often. */
const countEveryMs = 10_000
/** Looks of the start are spread over this, for as many projects as there may be. */
const startSpreadMs = 10_000

export class SyncLoop {
  readonly name = 'sync'
  readonly #options: Required<SyncLoopOptions>
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  #unlisten: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #filling: Promise<void> | undefined
  #isToldAgain = false
  #countedAt = 0

  constructor(options: SyncLoopOptions) {
    this.#options = { concurrency: 4, leaseMs: 15_000, pollMs: 5_000, freshMs: 30_000, ...options }
  }

  async start(): Promise<void> {
    const { db, now, freshMs } = this.#options
    this.#unlisten = await db.listen(outboxQueries.outboxChannel, () => this.#wake())
    const settledBefore = new Date(now().getTime() - freshMs)
    await db.onInstance((tx) => outboxQueries.wakeIdle(tx, settledBefore, startSpreadMs))
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
        const work = this.#sync(row).finally(() => {
          this.#running.delete(work)
          this.#wake()
        })
        this.#running.add(work)
      }
    } finally {
      // Also after a claim that failed: nobody may ever tell again of what is due.
      const sleepMs = await this.#sleepMs()
      await this.#count()
      if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#wake(), sleepMs)
    }
  }

  async #sleepMs(): Promise<number> {
    const { db, pollMs } = this.#options
    const next = await outboxQueries.nextSyncAt(db.instance).catch(() => null)
    if (next === null) return pollMs
    return Math.min(Math.max(next.getTime() - Date.now(), 50), pollMs)
  }

  async #count(): Promise<void> {
    const { db, news, logFault } = this.#options
    if (Date.now() - this.#countedAt < countEveryMs) return
    this.#countedAt = Date.now()
    try {
      const apiCallsLeft = await githubLinkQueries.findLeastQuota(db.instance)
      news.queued({ ...(await outboxQueries.readQueue(db.instance)), apiCallsLeft })
    } catch (error) {
      logFault(error, { loop: this.name })
    }
  }

  async #sync(row: outboxQueries.OutboxRow): Promise<void> {
    const { db, leaseMs } = this.#options
    const keeper = setInterval(() => {
      db.onInstance((tx) => outboxQueries.keepSync(tx, row.projectId, leaseMs)).catch(() => {})
    }, leaseMs / 3)
    try {
      await syncProject(this.#options, row, this.#stop.signal)
    } catch (error) {
      await this.#putBack(row, error)
    } finally {
      clearInterval(keeper)
    }
  }

  /** Broken off by draining: due again at once. A fault of our own: later, so that it does not spin. */
  async #putBack(row: outboxQueries.OutboxRow, error: unknown): Promise<void> {
    const { db, leaseMs, logFault, news } = this.#options
    const isDraining = this.#stop.signal.aborted
    if (!isDraining) {
      logFault(error, { project: row.projectId })
      news.synced('fault')
    }
    const nextAt = new Date(Date.now() + (isDraining ? 0 : leaseMs))
    await db.onInstance((tx) => outboxQueries.postponeSync(tx, row.projectId, nextAt)).catch(() => {})
  }
}
