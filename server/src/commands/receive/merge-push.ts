/**
 * The pushed commit into the project (RP4, RP5): with the claim on its commits held, it is kept and becomes a pull that is applied at once. What
 * people typed and Skein committed meanwhile is merged with it; a push that came in between means that the client has to fetch first.
 */
import { commitQueries, pullQueries, repositoryQueries, type Tx } from '@skein/db'
import type { ActorKey, Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import { applyPull } from '../pull/apply-pull.ts'
import { pin } from '../pull/fetch-head.ts'
import { holdBranch } from '../pull/hold-branch.ts'
import { keepCommits } from '../pull/keep-commits.ts'
import { nameBranch } from '../pull/name-branch.ts'
import { type PullOutcome, resumePull, withClaim } from '../pull/pull-project.ts'
import { type Claimed, ClaimLostError, claimSnapshots } from '../snapshot/claim.ts'
import { finishOpen } from '../snapshot/snapshot.ts'
import { lookEveryMs, mergeWaitMs } from './receive-limits.ts'
import type { Arrived, PushEnd, ReceiveDeps } from './receive-push.ts'

/** Where pushed commits are named while they are merged; never shown to clients. */
const pushRef = 'refs/remotes/push/tip'

const merged = 'Merged with what was edited in Skein. Pull to get it.'
const busy: PushEnd = {
  state: 'refused',
  reason: 'Skein is busy with this project',
  notes: ['Another commit or pull of this project takes long. Nothing was changed. Try again in a minute.'],
}
const abandoned: PushEnd = {
  state: 'refused',
  reason: 'could not be merged',
  notes: [
    'Skein could not end the merge, so the branch stands where it stood; some of your changes may be in the texts already. ' +
      'Your commits are kept. Fetch, then push again.',
  ],
}
const unknown: PushEnd = {
  state: 'refused',
  reason: 'still being merged',
  notes: ['Skein has your commits and goes on merging them. Fetch in a minute to see them.'],
}

/** Merges what has arrived, waiting for commits and pulls of others for a while. */
export async function mergePush(deps: ReceiveDeps, arrived: Arrived, by: ActorKey): Promise<PushEnd> {
  const { project } = arrived
  const until = performance.now() + mergeWaitMs
  const stop = new AbortController().signal
  for (; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, lookEveryMs))) {
    if ((await resumePull(deps, project, stop))?.state === 'busy') continue
    const claimed = await claimSnapshots(deps.db, project, lookEveryMs)
    if (claimed === null) continue
    const begun = await withClaim(claimed.claim, () => mergeClaimed(deps, arrived, by, claimed, stop)).catch(lostToNull)
    if (begun === null) continue
    if ('end' in begun) return begun.end
    return describeEnd(arrived, begun.outcome) ?? (await waitForEnd(deps, arrived, begun.pull, until, stop))
  }
  return busy
}

/** Somebody else makes a commit by now: nothing was kept, and it is tried again. */
function lostToNull(error: unknown): null {
  if (error instanceof ClaimLostError) return null
  throw error
}

type Begun = { end: PushEnd } | { pull: string; outcome: PullOutcome }

async function mergeClaimed(
  deps: ReceiveDeps,
  arrived: Arrived,
  by: ActorKey,
  claimed: Claimed,
  stop: AbortSignal,
): Promise<Begun> {
  const { project, accepted } = arrived
  if (claimed.open.length > 0) await finishOpen(deps.snapshot, project, claimed.open, claimed.claim)
  const { from, to, branch } = accepted
  const found = await deps.db.inWorkspace(project.workspaceId, (tx) =>
    repositoryQueries.findRefs(tx, project.projectId),
  )
  const before = found?.refs.find(({ name }) => name === pushRef)?.oid ?? null
  const ours = found?.refs.find(({ name }) => name === `refs/heads/${found.defaultBranch}`)?.oid ?? null
  if (await isHere(deps, project, to, ours)) {
    return { end: { state: 'merged', notes: ours === to ? [] : [merged] } }
  }
  const isSame = ours === from && (ours === null || found?.defaultBranch === branch)
  if (!isSame && !(await isOnlySkeinBetween(deps, project, from, ours))) {
    return { end: { state: 'refused', reason: 'fetch first', notes: [] } }
  }
  await deps.onPushStep?.('claimed')
  const isMerged = before === null || (ours !== null && (await deps.git.isAncestor(project, before, ours)))
  const pull = await keepPush(arrived, by, claimed, { ours, mergedTip: isMerged ? before : null })
  await deps.onPushStep?.('kept')
  const outcome = await applyPull(deps, { project, pull, claimed: { ...claimed, open: [] }, isRetry: false }, stop)
  return { pull: pull.id, outcome }
}

/** Whether it arrived before: the client never heard so, and pushes it again. */
async function isHere({ db, git }: ReceiveDeps, project: ProjectKey, to: Oid, ours: Oid | null): Promise<boolean> {
  if (ours === null) return false
  const row = await db.inWorkspace(project.workspaceId, (tx) => commitQueries.findCommit(tx, project.projectId, to))
  return row !== null && git.isAncestor(project, to, ours)
}

/** Whether what the client had not seen is nothing but what people typed here meanwhile. */
async function isOnlySkeinBetween(
  { db, git }: ReceiveDeps,
  project: ProjectKey,
  from: Oid | null,
  ours: Oid | null,
): Promise<boolean> {
  if (from === null || ours === null || !(await git.isAncestor(project, from, ours))) return false
  for await (const { oid } of git.listCommits(project, ours, [from])) {
    const row = await db.inWorkspace(project.workspaceId, (tx) => commitQueries.findCommit(tx, project.projectId, oid))
    if (row?.kind !== 'snapshot' || row.parents.length !== 1) return false
  }
  return true
}

/** SN10: the objects, their commits and the pull that they become, in one transaction: what is kept is merged, whatever is killed. */
async function keepPush(
  { project, fetched, accepted: { branch, from, to } }: Arrived,
  by: ActorKey,
  { claim }: Claimed,
  { ours, mergedTip }: { ours: Oid | null; mergedTip: Oid | null },
): Promise<pullQueries.PullRow> {
  const kind = ours === null ? 'first' : ours === from ? 'forward' : 'merge'
  const detail = { branch, fullName: '', left: null, pushedBy: by }
  let pull: pullQueries.PullRow | null = null
  await fetched.keep({ ref: pushRef, tip: to, actor: by, reason: 'push' }, async (tx, tip) => {
    await holdBranch(tx, project, claim, ours)
    // A push that was given up is in no branch: what somebody was told is kept stays.
    if (tip !== null && tip !== mergedTip && tip !== to) await pin(tx, project, tip)
    await keepCommits(tx, project, fetched.listCommits(to), 'pushed')
    // Before its first commit a project has no branch of its own that anybody could know.
    if (ours === null) await nameBranch(tx, project.projectId, branch)
    pull = await pullQueries.insertPull(tx, project, { kind, base: from, ours, theirs: to, operation: null, detail })
    if (pull === null) throw new Error(`another pull of project ${project.projectId} has begun under this claim`)
  })
  if (pull === null) throw new Error('a push was kept without its pull')
  return pull
}

/** Somebody else took the claim, or a text changed too fast: it is gone on with, here or by whoever is there first. */
async function waitForEnd(
  deps: ReceiveDeps,
  arrived: Arrived,
  pull: string,
  until: number,
  stop: AbortSignal,
): Promise<PushEnd> {
  const { project, accepted } = arrived
  const read = <T>(query: (tx: Tx) => Promise<T>) => deps.db.inWorkspace(project.workspaceId, query)
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    // What it answers may be about another pull, which began when this one had ended.
    await resumePull(deps, project, stop)
    const state = await read((tx) => pullQueries.findPullState(tx, pull))
    if (state === 'abandoned') return abandoned
    if (state === 'done') {
      const conflicts = await read((tx) => pullQueries.countPullConflicts(tx, pull))
      const head = await read((tx) => findHead(tx, project))
      return describeMerged(head === accepted.to, conflicts)
    }
  }
  return unknown
}

const findHead = async (tx: Tx, { projectId }: ProjectKey): Promise<Oid | null> => {
  const found = await repositoryQueries.findRefs(tx, projectId)
  return found?.refs.find(({ name }) => name === `refs/heads/${found.defaultBranch}`)?.oid ?? null
}

function describeMerged(isAsPushed: boolean, conflicts: number): PushEnd {
  const notes = isAsPushed ? [] : [merged]
  if (conflicts > 0) {
    const places = conflicts === 1 ? 'One place was' : `${conflicts} places were`
    notes.push(`${places} changed both by you and in Skein: decide about them in the project.`)
  }
  return { state: 'merged', notes }
}

/** Null: it is not known yet. */
function describeEnd({ accepted }: Arrived, outcome: PullOutcome): PushEnd | null {
  if (outcome.state === 'busy') return null
  if (outcome.state === 'merged') return describeMerged(outcome.head === accepted.to, outcome.conflicts)
  const message = outcome.state === 'refused' ? outcome.reason.message : outcome.failure.kind
  return { state: 'refused', reason: 'could not be merged', notes: [message] }
}
