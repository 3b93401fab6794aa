/** Turns rows, refs and what GitHub's API said last into the facts that `decide` wants. Nothing is remembered between two looks but rows. */
import { conflictQueries, githubLinkQueries, projectQueries, syncOperationQueries, type Tx } from '@skein/db'
import { freeRollingBranch, type Relation, rollingBranchName, type SyncFacts } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import type { BranchRules } from '../github/github-api.ts'
import type { GithubFailure } from '../github/github-host.ts'
import { lockLink } from '../github/lock-link.ts'
import { readGithub } from './read-github.ts'
import { isSameLink, type Link, type Round, type SyncDeps } from './round.ts'

/** The text of a pull request is written at most this often. */
const textEveryMs = 60_000

export type Observation = { facts: SyncFacts; link: Link } | { failure: GithubFailure; link: Link } | null

/** Null: the project is not linked any more. */
export async function observe(deps: SyncDeps, round: Round): Promise<Observation> {
  const before = await readRows(deps, round)
  if (before === null) return null
  const failure = await readGithub(deps, round, before.link)
  if (failure) return { failure, link: before.link }
  const rows = await readRows(deps, round)
  if (rows === null) return null
  const facts = await toFacts(deps, round, rows)
  await deps.db.inWorkspace(round.project.workspaceId, (tx) => recordFindings(tx, rows.link, facts))
  return { facts, link: rows.link }
}

/** What is true whatever is done next. A push whose worker was killed is found to have arrived (GS4). */
async function recordFindings(tx: Tx, link: Link, facts: SyncFacts): Promise<void> {
  const { projectId, pushedOid, prHeadOid } = link
  const now = await lockLink(tx, projectId)
  if (now === null || !isSameLink(now, link)) return
  const { tracked, rolling, head, defaultBranch } = facts
  await githubLinkQueries.recordLook(tx, projectId, tracked.oid)
  if (defaultBranch !== null && facts.hasDefaultBranch && !isFollowing(facts)) {
    await githubLinkQueries.recordDefaultBranch(tx, projectId, defaultBranch)
  }
  if (head !== null && head === tracked.oid && head !== pushedOid) {
    const hasArrived = await syncOperationQueries.endArrivedPush(tx, projectId, tracked.name, head)
    if (hasArrived) await githubLinkQueries.recordGithubPush(tx, projectId, head)
  }
  if (isMergedByAccident(facts)) {
    const merged = { theirs: tracked.oid as Oid, isHead: tracked.relation === 'equal' }
    await githubLinkQueries.recordMerged(tx, projectId, merged)
  }
  if (head !== null && head === rolling.oid && head !== prHeadOid) {
    await syncOperationQueries.endArrivedPush(tx, projectId, rolling.name, head)
    await githubLinkQueries.recordBranchPush(tx, projectId, { branch: rolling.name, oid: head, base: tracked.oid })
  }
}

/** The branch that the link follows has just been renamed: its old name is needed to see that. */
const isFollowing = ({ tracked }: SyncFacts): boolean => tracked.oid === null && tracked.followsDefault

/** What stands there is ours or in ours, whoever brought it: nothing of it has to be merged. */
const isMergedByAccident = ({ tracked, merged }: SyncFacts): boolean =>
  tracked.oid !== null &&
  tracked.isRewritten === false &&
  (tracked.relation === 'equal' || (tracked.relation === 'ahead' && tracked.oid !== merged))

interface Rows {
  link: Link
  head: Oid | null
  slug: string
  openConflicts: number
  lastPush: Date | null
}

function readRows({ db }: SyncDeps, { project }: Round): Promise<Rows | null> {
  const { projectId, workspaceId } = project
  return db.inWorkspace(
    workspaceId,
    async (tx) => {
      const link = await githubLinkQueries.findGithubLink(tx, projectId)
      const found = await projectQueries.findProject(tx, projectId)
      if (link === null || found === null) return null
      return {
        link,
        head: await projectQueries.findHeadOid(tx, projectId),
        slug: found.slug,
        openConflicts: await conflictQueries.countOpenConflicts(tx, projectId),
        lastPush: await githubLinkQueries.lastPushTo(tx, link.repositoryId),
      }
    },
    { readOnly: true },
  )
}

async function toFacts(deps: SyncDeps, round: Round, rows: Rows): Promise<SyncFacts> {
  const { link, head } = rows
  const { defaultBranch = null, branches = new Map<string, Oid>() } = round.refs ?? {}
  const oid = branches.get(link.branch) ?? null
  const rollingName = link.prBranch ?? rollingBranchName(rows.slug)
  const rollingOid = branches.get(rollingName) ?? null
  const pushed = link.prHeadOid
  const nowMs = deps.now().getTime()
  return {
    mode: link.mode,
    policy: link.overlaps,
    isPaused: link.pausedAt !== null,
    isByHand: round.isByHand,
    held: toHeld(link),
    isArchived: link.isArchived,
    openConflicts: rows.openConflicts,
    // Looked for right before a push, when it is known what would leave.
    openSecrets: 0,
    head,
    merged: link.mergedOid,
    tracked: {
      name: link.branch,
      oid,
      relation: await relate(deps, round, head, oid),
      isRewritten: await isRewritten(deps, round, link.mergedOid, oid),
      isSameTree: await isSameTree(deps, round, head, oid),
      followsDefault: link.branch === link.defaultBranch,
    },
    rolling: {
      name: rollingName,
      oid: rollingOid,
      relation: await relate(deps, round, head, rollingOid),
      pushed,
      isLeft: pushed !== null && head !== null && !(await isIn(deps, round, pushed, head)),
      freeName: freeRollingBranch(rollingBranchName(rows.slug), branches.keys()),
    },
    pullRequest: await toPullRequest(deps, round, rows, oid, nowMs),
    defaultBranch,
    hasDefaultBranch: defaultBranch !== null && branches.has(defaultBranch),
    refusal: link.refusal,
    needsPullRequest: (link.rules as BranchRules | null)?.needsPullRequest ?? null,
    nowMs,
    pushNotBeforeMs: (rows.lastPush?.getTime() ?? 0) + deps.minIntervalMs,
  }
}

/** A closed pull request that was reopened on GitHub ends its hold by itself. */
function toHeld(link: Link): SyncFacts['held'] {
  if (link.state !== 'held' || link.heldLifts !== 'person') return null
  if (link.heldCode === 'pull-request-closed' && link.prState === 'open') return null
  return { code: link.heldCode ?? 'held', blocks: link.heldCode === 'branch-deleted' ? 'all' : 'push' }
}

async function toPullRequest(
  deps: SyncDeps,
  round: Round,
  { link, head }: Rows,
  tracked: Oid | null,
  nowMs: number,
): Promise<SyncFacts['pullRequest']> {
  const { prNumber, prState, prLastOid, prMergeOid } = link
  if (prNumber === null || prState === null || prLastOid === null) return null
  // The text was written a moment ago: what it does not say yet is written later.
  const textAt = link.prTextAt === null ? 0 : link.prTextAt.getTime() + textEveryMs
  const isFresh = textAt > nowMs && link.prDescribedOid !== null
  if (isFresh && link.prDescribedOid !== head) round.lookSoonerAt = new Date(textAt)
  const isTrackedHere = tracked !== null && (await deps.git.hasCommit(round.project, tracked))
  return {
    number: prNumber,
    state: prState,
    headBranch: link.prBranch ?? '',
    baseBranch: link.prBaseBranch ?? link.branch,
    headOid: prLastOid,
    mergeOid: prMergeOid,
    isHeadInTracked: isTrackedHere ? await isIn(deps, round, prLastOid, tracked) : null,
    isMergeInHead: prMergeOid !== null && head !== null && (await isIn(deps, round, prMergeOid, head)),
    seenWith: link.prSeenWith,
    describes: isFresh ? head : link.prDescribedOid,
  }
}

async function relate({ git }: SyncDeps, { project }: Round, head: Oid | null, theirs: Oid | null): Promise<Relation> {
  if (head === null || theirs === null) return 'unknown'
  if (head === theirs) return 'equal'
  if (!(await git.hasCommit(project, theirs))) return 'unknown'
  const base = await git.mergeBase(project, head, theirs)
  if (base === null) return 'unrelated'
  if (base === theirs) return 'ahead'
  return base === head ? 'behind' : 'diverged'
}

async function isRewritten(
  { git }: SyncDeps,
  { project }: Round,
  merged: Oid | null,
  theirs: Oid | null,
): Promise<boolean | null> {
  if (merged === null || theirs === null || merged === theirs) return false
  if (!(await git.hasCommit(project, theirs))) return null
  return !((await git.hasCommit(project, merged)) && (await git.isAncestor(project, merged, theirs)))
}

async function isSameTree(
  { git }: SyncDeps,
  { project }: Round,
  head: Oid | null,
  theirs: Oid | null,
): Promise<boolean> {
  if (head === null || theirs === null) return false
  if (head === theirs) return true
  if (!(await git.hasCommit(project, theirs))) return false
  for await (const _difference of git.diffTrees(project, theirs, head)) return false
  return true
}

/** What is not here is in nothing that is. */
async function isIn({ git }: SyncDeps, { project }: Round, oid: Oid, descendant: Oid): Promise<boolean> {
  return oid === descendant || ((await git.hasCommit(project, oid)) && (await git.isAncestor(project, oid, descendant)))
}
