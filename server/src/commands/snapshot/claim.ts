/**
 * The right to make snapshots of a project: a lease in the repository's row, so that two workers do not do the same
 * work. It is short and renewed between the steps, so that a killed worker is in the way for seconds only. Correctness
 * does not hang on it.
 */
import { type Database, repositoryQueries, snapshotQueries, type Tx } from '@skein/db'
import type { ProjectKey } from '../event-hub.ts'

const leaseMs = 15_000
const renewAfterMs = 4_000
const pollMs = 50
// A claim that a crash of PostgreSQL forgets has nobody who holds it any more.
const forgettable = { durability: 'deferred' } as const

/** Another worker has the claim by now, because the work took longer than the lease; what is open is finished by it. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError'
}

export class Claim {
  readonly fence: number
  readonly #database: Database
  readonly #project: ProjectKey
  #renewedAtMs = performance.now()

  constructor(database: Database, project: ProjectKey, fence: number) {
    this.#database = database
    this.#project = project
    this.fence = fence
  }

  /** To be called between steps of work; throws ClaimLostError when somebody else has the claim by now. */
  async keep(): Promise<void> {
    if (performance.now() - this.#renewedAtMs >= renewAfterMs) await this.confirm()
  }

  /** The same without regard to how long ago that was. */
  async confirm(): Promise<void> {
    const { projectId, workspaceId } = this.#project
    const isHeld = await this.#database.inWorkspace(
      workspaceId,
      (tx) => repositoryQueries.renewClaim(tx, projectId, this.fence, leaseMs),
      forgettable,
    )
    if (!isHeld) throw new ClaimLostError(`the claim ${this.fence} on project ${projectId} was lost`)
    this.#renewedAtMs = performance.now()
  }

  async release(): Promise<void> {
    const { projectId, workspaceId } = this.#project
    await this.#database.inWorkspace(
      workspaceId,
      (tx) => repositoryQueries.releaseClaim(tx, projectId, this.fence),
      forgettable,
    )
  }
}

/** A claim, and the snapshots that those before it left open. */
export interface Claimed {
  claim: Claim
  open: snapshotQueries.SnapshotRow[]
}

/**
 * Claims the project's snapshots, waiting at most `waitMs` for whoever has them; null when they do not come free. While a pull is being applied
 * they are that pull's.
 */
export async function claimSnapshots(
  database: Database,
  project: ProjectKey,
  waitMs: number,
  pull: string | null = null,
): Promise<Claimed | null> {
  for (const until = performance.now() + waitMs; ; await new Promise((resolve) => setTimeout(resolve, pollMs))) {
    const claimed = await database.inWorkspace(
      project.workspaceId,
      (tx) => tryClaim(tx, database, project, pull),
      forgettable,
    )
    if (claimed || performance.now() >= until) return claimed
  }
}

async function tryClaim(tx: Tx, database: Database, project: ProjectKey, pull: string | null): Promise<Claimed | null> {
  const { projectId } = project
  let fence = await repositoryQueries.claimRepository(tx, projectId, leaseMs, pull)
  if (fence === null) {
    // Before its first commit a project has no repository yet.
    await repositoryQueries.ensureRepository(tx, project)
    fence = await repositoryQueries.claimRepository(tx, projectId, leaseMs, pull)
  }
  if (fence === null) return null
  return { claim: new Claim(database, project, fence), open: await snapshotQueries.listOpenSnapshots(tx, projectId) }
}
