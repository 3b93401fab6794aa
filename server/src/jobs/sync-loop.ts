/**
 * Keeps linked projects and GitHub together, for ever: one row of the outbox for each, taken by one worker at a time, whatever asked for it (a commit, a
 * delivery, a person, the clock). Waking is by NOTIFY and by the time of the next row; polling is the net. At the start every link that was
 * not looked at for a while is looked at, because what happened meanwhile may not have been told. Nobody's slow repository keeps the others waiting: a
 * round that takes long leaves its place, and no workspace has more than half of the places.
 */
import { githubLinkQueries, outboxQueries } from '@skein/db'
import type { WorkspaceId } from '@skein/protocol'
import { putBackAfterFault } from '../commands/sync/put-back.ts'
import type { SyncDeps } from '../commands/sync/round.ts'
import { syncProject } from '../commands/sync/sync-project.ts'

export interface SyncLoopOptions extends SyncDeps {
  logFault: (error: unknown, about: object) => void
  /** Projects at a time on this node; workspaces take turns. Rounds that take long come on top, twice as many at most. */
  concurrency?: number
  /** A round that takes longer leaves its place to others. */
  longMs?: number
  /** A row whose worker was killed is worked on again after this. */
  leaseMs?: number
  pollMs?: number
  /** Links that were looked at within this are left in peace at the start. */
  freshMs?: number
}

/** The queue is counted at most this often. */
const countEveryMs = 10_000
/** At the start idle projects are looked at with this distance, so that it costs a fraction of the places. */
const startEveryMs = 250
/** Rounds under way on this node, as a multiple of its places. */
const longRoundsShare = 3

interface Running {
  workspace: WorkspaceId
  work: Promise<void>
  sinceMs: number
}

export class SyncLoop {
  readonly name = 'sync'
  readonly #options: Required<SyncLoopOptions>
  readonly #running = new Set<Running>()
  readonly #stop = new AbortController()
  #unlisten: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #filling: Promise<void> | undefined
  #isToldAgain = false
  #countedAt = 0

  constructor(options: SyncLoopOptions) {
    this.#options = { concurrency: 4, longMs: 5_000, leaseMs: 15_000, pollMs: 5_000, freshMs: 30_000, ...options }
  }

  async start(): Promise<void> {
    const { db, now, freshMs } = this.#options
    this.#unlisten = await db.listen(outboxQueries.outboxChannel, () => this.#wake())
    const settledBefore = new Date(now().getTime() - freshMs)
    await db.onInstance((tx) => outboxQueries.wakeIdle(tx, settledBefore, startEveryMs))
    this.#wake()
  }

  /** Claims nothing more, and breaks off what runs: a push that arrives nevertheless is found to be there. */
  async drain(): Promise<void> {
    this.#stop.abort(new Error('draining'))
    this.#unlisten?.()
    clearTimeout(this.#timer)
    await this.#filling
    await Promise.all([...this.#running].map(({ work }) => work))
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
    const { db, leaseMs } = this.#options
    this.#isToldAgain = false
    clearTimeout(this.#timer)
    try {
      while (!this.#stop.signal.aborted && this.#hasPlace()) {
        const row = await db.onInstance((tx) => outboxQueries.claimSync(tx, leaseMs, this.#fullWorkspaces()))
        if (row === null) break
        const running: Running = { workspace: row.workspaceId, work: this.#sync(row), sinceMs: Date.now() }
        this.#running.add(running)
        running.work = running.work.finally(() => {
          this.#running.delete(running)
          this.#wake()
        })
      }
    } finally {
      // Also after a claim that failed: nobody may ever tell again of what is due.
      const sleepMs = await this.#sleepMs()
      await this.#count()
      if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#wake(), sleepMs)
    }
  }

  #quick(): Running[] {
    const { longMs } = this.#options
    return [...this.#running].filter(({ sinceMs }) => Date.now() - sinceMs < longMs)
  }

  #hasPlace(): boolean {
    const { concurrency } = this.#options
    return this.#quick().length < concurrency && this.#running.size < concurrency * longRoundsShare
  }

  /** Those that have as many rounds under way here as one may. */
  #fullWorkspaces(): WorkspaceId[] {
    const most = Math.ceil(this.#options.concurrency / 2)
    const rounds = Map.groupBy(this.#running, ({ workspace }) => workspace)
    return [...rounds].flatMap(([workspace, { length }]) => (length < most ? [] : [workspace]))
  }

  async #sleepMs(): Promise<number> {
    const { db, pollMs, longMs } = this.#options
    if (!this.#hasPlace()) {
      // Whatever ends tells of itself; what takes long does not.
      const places = this.#quick().map(({ sinceMs }) => sinceMs + longMs - Date.now())
      return Math.min(Math.max(Math.min(...places), 50), pollMs)
    }
    const next = await outboxQueries.nextSyncAt(db.instance, this.#fullWorkspaces()).catch(() => null)
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

  async #sync(row: outboxQueries.ClaimedSync): Promise<void> {
    const { db, leaseMs } = this.#options
    const lost = new AbortController()
    const keeper = setInterval(() => {
      db.onInstance((tx) => outboxQueries.keepSync(tx, row, leaseMs)).then(
        (isOurs) => isOurs || lost.abort(new Error('another worker has this project now')),
        () => {},
      )
    }, leaseMs / 3)
    try {
      await syncProject(this.#options, row, AbortSignal.any([this.#stop.signal, lost.signal]))
    } catch (error) {
      if (!lost.signal.aborted) await this.#putBack(row, error)
    } finally {
      clearInterval(keeper)
    }
  }

  /** Broken off by draining: due again at once. A fault of our own: later and later, so that it does not spin. */
  async #putBack(row: outboxQueries.ClaimedSync, error: unknown): Promise<void> {
    const { db, logFault, news } = this.#options
    if (this.#stop.signal.aborted) {
      await db.onInstance((tx) => outboxQueries.postponeSync(tx, row, new Date())).catch(() => {})
      return
    }
    logFault(error, { project: row.projectId })
    news.synced('fault')
    await putBackAfterFault(this.#options, row).catch((fault: unknown) => logFault(fault, { project: row.projectId }))
  }
}
