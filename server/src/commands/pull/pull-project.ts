/**
 * What a pull is asked for and how it ends. Bringing a remote head into the live documents: fetch, three-way for each file, tree changes, one
 * commit.
 */
import { type Database, type githubLinkQueries, pullQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { MergeLiveDeps } from '../conflicts/merge-live.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { Reason } from '../github/describe-failure.ts'
import type { GithubFailure } from '../github/github-host.ts'
import type { GithubRemote } from '../github/github-remote.ts'
import { lockLink } from '../github/lock-link.ts'
import { type Claim, type Claimed, ClaimLostError, claimSnapshots } from '../snapshot/claim.ts'
import { finishOpen, type SnapshotDeps } from '../snapshot/snapshot.ts'
import { applyPull } from './apply-pull.ts'
import { beginPull } from './begin-pull.ts'
import { fetchHead, fetchSquashed } from './fetch-head.ts'
import { claimKeepMs, claimWaitMs } from './pull-limits.ts'
import { isFrom } from './pull-source.ts'

/**
 * `forward`: the remote goes on from our head. `merge`: both have gone on. `rewritten`: the remote left what it had (force-push). `restarted`: our
 * pull request was squashed or rebased there. `unrelated`: nothing in common. `first`: we have no commit yet.
 */
export type PullKind = 'forward' | 'merge' | 'rewritten' | 'restarted' | 'unrelated' | 'first'

export interface PullRequest {
  link: githubLinkQueries.GithubLinkRow
  /** Its name on GitHub now. */
  fullName: string
  branch: string
  /** Whether that is the branch of the link, or ours for pull requests, whose head is never taken for the merged one. */
  from: 'tracked' | 'rolling'
  /** What was made of it when it was asked for; absent: nobody looked. */
  decided?: PullKind
  /** The remote head to bring in. */
  theirs: Oid
  /** Of a squashed or rebased pull request: our commit that it was made from, whose texts are the base. */
  mergedHead: Oid | null
  operation: string
}

export type PullOutcome =
  | {
      state: 'merged'
      kind: PullKind
      /** Our head now; `theirs` itself when nothing of ours was left to say. */
      head: Oid
      commits: number
      files: number
      insertions: number
      deletions: number
      conflicts: number
    }
  /** Passes by itself or needs somebody, as the failure says. */
  | { state: 'failed'; failure: GithubFailure }
  /** It cannot be brought in as it is (damaged, too large); nothing was changed here. */
  | { state: 'refused'; reason: Reason }
  /** Somebody else is making a commit of the project: again in a second. */
  | { state: 'busy' }

/** Instants at which a test may kill a pull; `publishing` is inside the transaction that ends it. */
export type PullStep =
  | 'fetched'
  | 'stored'
  | 'claimed'
  | 'begun'
  | 'planned'
  | 'tree'
  | 'added'
  | 'text'
  | 'merged'
  | 'texts'
  | 'publishing'
  | 'published'

export interface PullDeps {
  db: Database
  git: GitStore
  remote: Pick<GithubRemote, 'fetch'>
  /** How commits are made; the blob store and the events of the pull are these too. */
  snapshot: SnapshotDeps
  documents: MergeLiveDeps['documents']
  merge: MergeLiveDeps['merge']
  logFault: (error: unknown, about: object) => void
  /** Called at each step; a test throws here where a kill would strike. */
  onStep?: (step: PullStep) => Promise<void> | void
}

/**
 * Brings `request.theirs` into the project. One that was begun before is ended first, and its outcome returned: look at the remote again then.
 * Rejects on faults of our own and when `signal` is aborted; what was begun goes on with `resumePull`.
 */
export async function pullProject(
  deps: PullDeps,
  project: ProjectKey,
  request: PullRequest,
  signal: AbortSignal,
): Promise<PullOutcome> {
  const before = await resumePull(deps, project, signal)
  if (before !== null) return before
  const hindrance = await fetchHead(deps, project, request, signal)
  if (hindrance !== null) return hindrance
  await fetchSquashed(deps, project, request, signal)
  const claimed = await claimSnapshots(deps.db, project, claimWaitMs)
  if (!claimed) return { state: 'busy' }
  return withClaim(claimed.claim, async () => {
    await deps.onStep?.('claimed')
    const begun = await begin(deps, project, request, claimed)
    if (begun.outcome === 'outdated') return { state: 'busy' }
    if (begun.outcome === 'nothing') return tellNothingNew(deps, project, request, begun.ours)
    await deps.onStep?.('begun')
    return applyPull(deps, { project, pull: begun.pull, claimed: { ...claimed, open: [] }, isRetry: false }, signal)
  })
}

async function begin(
  deps: PullDeps,
  project: ProjectKey,
  request: PullRequest,
  { claim, open }: Claimed,
): ReturnType<typeof beginPull> {
  try {
    if (open.length > 0) await finishOpen(deps.snapshot, project, open, claim)
    return await beginPull(deps, project, request, claim)
  } catch (error) {
    // Somebody else makes a commit by now.
    if (error instanceof ClaimLostError) return { outcome: 'outdated' }
    throw error
  }
}

/** Ends a pull whose worker died, from rows alone; null when there is none. The fifth fault of our own gives it up: `refused`. */
export async function resumePull(
  deps: Omit<PullDeps, 'remote'>,
  project: ProjectKey,
  signal: AbortSignal,
): Promise<PullOutcome | null> {
  const { projectId, workspaceId } = project
  const pull = await deps.db.inWorkspace(workspaceId, (tx) => pullQueries.findApplyingPull(tx, projectId))
  if (pull === null) return null
  const claimed = await claimSnapshots(deps.db, project, claimWaitMs, pull.id)
  if (!claimed) return { state: 'busy' }
  return withClaim(claimed.claim, () => applyPull(deps, { project, pull, claimed, isRetry: true }, signal))
}

/** Between the steps of a pull its claim is renewed; this one is for steps that take longer than the claim lasts. */
export async function withClaim<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => claim.keep().catch(() => {}), claimKeepMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    await claim.release().catch(() => {}) // it ends by itself
  }
}

async function tellNothingNew(
  { db }: Pick<PullDeps, 'db'>,
  { projectId, workspaceId }: ProjectKey,
  { link, from, theirs }: PullRequest,
  head: Oid | null,
): Promise<PullOutcome> {
  await db.inWorkspace(workspaceId, async (tx) => {
    const now = await lockLink(tx, projectId)
    if (from === 'tracked' && isFrom(now, link)) await pullQueries.recordPull(tx, projectId, theirs)
  })
  const nothing = { commits: 0, files: 0, insertions: 0, deletions: 0, conflicts: 0 }
  return { state: 'merged', kind: 'forward', head: head ?? theirs, ...nothing }
}
