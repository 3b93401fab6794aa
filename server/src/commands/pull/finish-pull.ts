/**
 * The end of a pull (PL7): one commit of all that is live, on the parents that the kind of pull chooses, and in the transaction that publishes it
 * everything that follows: the link, pinned tips, the pull itself. Where nothing of ours is left to say, the branch goes to theirs.
 */
import { pullQueries, type Tx } from '@skein/db'
import { writeMergeMessage } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import type { TreeDifference } from '../git-store.ts'
import { lockLink } from '../github/lock-link.ts'
import type { Claim } from '../snapshot/claim.ts'
import { type Cut, makeCut } from '../snapshot/cut.ts'
import { OvertakenError } from '../snapshot/publish.ts'
import { finishCut } from '../snapshot/snapshot.ts'
import { pin } from './fetch-head.ts'
import type { PullUnderWay } from './plan-pull.ts'
import type { PullDeps, PullKind, PullOutcome } from './pull-project.ts'
import { describeSource, isFrom } from './pull-source.ts'

/** Overtaken this often in a row, something is wrong that another try does not cure. */
const attemptsMax = 5

type Row = pullQueries.PullRow

/** A commit was made while the pull was applied, which its own would leave out. */
export class MovedBranchError extends Error {
  override readonly name = 'MovedBranchError'
}

/** What the commit stands on: theirs alone where ours had nothing of its own, or where the remote has left what ours stands on. */
export function parentsOfPull({ kind, ours, theirs }: Pick<Row, 'kind' | 'ours' | 'theirs'>): Oid[] {
  const isJoined = kind === 'merge' || kind === 'unrelated'
  return isJoined && ours !== null ? [ours, theirs] : [theirs]
}

export async function finishPull(
  deps: Omit<PullDeps, 'remote'>,
  { project, pull, changes }: Pick<PullUnderWay, 'project' | 'pull'> & Partial<Pick<PullUnderWay, 'changes'>>,
  claim: Claim,
  open: readonly Cut[],
): Promise<Extract<PullOutcome, { state: 'merged' }>> {
  const there = await readBlobsThere(deps, project, pull, changes?.changes)
  const beside = async (tx: Tx) => {
    await settlePull(tx, project, pull)
    await deps.onStep?.('publishing')
  }
  const [left] = open.filter((cut) => cut.pull === pull.id)
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    // Whoever overtook it may have ended the pull.
    if (attempt > 1) await claim.confirm()
    const cut = attempt === 1 && left ? left : await cutPull(deps, project, pull)
    if (cut.base !== pull.ours) throw new MovedBranchError(`pull ${pull.id} does not stand on our head any more`)
    const outcome = await finishCut(deps.snapshot, project, cut, claim, { isThere: (oid) => there.has(oid), beside })
    if (outcome.state !== 'done') continue
    await deps.onStep?.('published')
    return describeMerged(deps, project, pull, outcome.commit.oid)
  }
  throw new Error(`the commit of pull ${pull.id} was overtaken ${attemptsMax} times in a row`)
}

async function cutPull(deps: Omit<PullDeps, 'remote'>, project: PullUnderWay['project'], pull: Row): Promise<Cut> {
  const ends = { pull: pull.id, parents: parentsOfPull(pull) }
  const message = writeMergeMessage(pull.kind as PullKind, describeSource(pull))
  const cut = await makeCut(deps.db, project, {
    by: pull.detail.pushedBy ?? null,
    message,
    noReplyHost: deps.snapshot.noReplyHost,
    ends,
  })
  if (cut === null) throw new Error(`project ${project.projectId} is not ready for a commit`)
  return cut
}

/** Blobs that theirs' tree holds and our head does not: what the commit needs not bring. */
async function readBlobsThere(
  { git }: Omit<PullDeps, 'remote'>,
  project: PullUnderWay['project'],
  { base, ours, theirs }: Row,
  changes: readonly TreeDifference[] | undefined,
): Promise<Set<string>> {
  const there = new Set<string>()
  const differences = changes !== undefined && base === ours ? changes : git.diffTrees(project, ours, theirs)
  for await (const { to } of differences) if (to !== null) there.add(to.oid)
  return there
}

/** In the transaction that publishes; the repository and the project are locked. */
async function settlePull(tx: Tx, project: PullUnderWay['project'], pull: Row): Promise<void> {
  const { projectId } = project
  const link = await lockLink(tx, projectId)
  // Linked to something else or not at all by now: what is merged stays merged, and says nothing of what is linked now.
  if (isFrom(link, pull.detail.link)) await pullQueries.recordPull(tx, projectId, pull.theirs)
  const isLeft = pull.kind === 'rewritten' || pull.kind === 'restarted'
  if (isLeft && pull.ours !== null) await pin(tx, project, pull.ours)
  if (!(await pullQueries.endPull(tx, projectId, pull.id, 'done')))
    throw new OvertakenError('the pull has ended already')
}

export async function describeMerged(
  { db, git }: Pick<PullDeps, 'db' | 'git'>,
  project: PullUnderWay['project'],
  pull: Row,
  head: Oid,
): Promise<Extract<PullOutcome, { state: 'merged' }>> {
  const commits = await git.countCommits(project, pull.theirs, pull.ours)
  const changes = await git.countLines(project, pull.base, pull.theirs)
  const conflicts = await db.inWorkspace(project.workspaceId, (tx) => pullQueries.countPullConflicts(tx, pull.id))
  return { state: 'merged', kind: pull.kind as PullKind, head, commits, ...changes, conflicts }
}
