/**
 * Keeps repositories in few packs, and deletes dead ones after their grace (SN6). One at a time: repacking is work for quiet hours, and whoever
 * is killed at it has changed nothing.
 */
import { type Database, packQueries, repositoryQueries } from '@skein/db'
import type { RepositoryKey } from '../commands/git-store.ts'
import type { PackingReport, Repacker } from '../commands/packs/repacker.ts'

/**
 * Fifty packs: from there Git's look-ups begin to take their time. A day of grace: longer than any reader, and a mistake can be undone within
 * it. Two weeks: what nothing reaches is rare, and finding it means reading everything.
 */
export const PACKING_LIMITS = { generations: 50, graceMs: 24 * 3_600_000, restMs: 14 * 24 * 3_600_000 }

export interface RepackLoopOptions {
  db: Database
  repacker: Repacker
  onReport: (repository: RepositoryKey, report: PackingReport) => void
  logFault: (error: unknown, about: object) => void
  limits?: typeof PACKING_LIMITS
  leaseMs?: number
  failureRestMs?: number
  pollMs?: number
}

const dueMax = 20
/** Rounds of one visit; when there is more to join, the next look goes on. */
const roundsMax = 8

export class RepackLoop {
  readonly name = 'repack'
  readonly #options: Required<RepackLoopOptions>
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isDraining = false

  constructor(options: RepackLoopOptions) {
    const defaults = { limits: PACKING_LIMITS, leaseMs: 45 * 60_000, failureRestMs: 3_600_000, pollMs: 60_000 }
    this.#options = { ...defaults, ...options }
  }

  start(): void {
    this.#timer = setInterval(() => this.#wake(), this.#options.pollMs)
    this.#wake()
  }

  /** Begins nothing more; resolves when the repository at hand is done. */
  async drain(): Promise<void> {
    this.#isDraining = true
    clearInterval(this.#timer)
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
    for (const repository of await packQueries.listDueRepositories(db.instance, limits, dueMax)) {
      if (this.#isDraining) return
      await this.#visit(repository)
    }
  }

  async #visit(repository: RepositoryKey): Promise<void> {
    const { db, leaseMs, failureRestMs, logFault } = this.#options
    const { projectId, workspaceId } = repository
    const claim = () => db.inWorkspace(workspaceId, (tx) => packQueries.claimPacking(tx, projectId, leaseMs))
    if (!(await claim())) return
    let restMs = 0
    try {
      await this.#work(repository)
    } catch (error) {
      restMs = failureRestMs
      logFault(error, { repository: projectId })
    }
    await db.inWorkspace(workspaceId, (tx) => packQueries.releasePacking(tx, projectId, restMs))
  }

  async #work(repository: RepositoryKey): Promise<void> {
    const { db, repacker, limits, onReport } = this.#options
    const { projectId, workspaceId } = repository
    const found = await db.inWorkspace(workspaceId, (tx) => packQueries.findPacking(tx, projectId), { readOnly: true })
    if (!found) return
    if (found.gen > found.repackedGen && found.collectedAt.getTime() < Date.now() - limits.restMs) {
      onReport(repository, await repacker.collect(repository))
    }
    for (let round = 0; round < roundsMax && !this.#isDraining; round++) {
      const report = await repacker.join(repository)
      onReport(repository, report)
      if (report.outcome !== 'packed') break
    }
    await db.inWorkspace(workspaceId, async (tx) => {
      await repositoryQueries.lockRepository(tx, projectId)
      await packQueries.deleteDeadPacks(tx, projectId, limits.graceMs)
    })
  }
}
