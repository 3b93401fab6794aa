/** Turns rows, refs and what GitHub's API said last into the facts that `decide` wants. Nothing is remembered between two looks but rows. */
import { conflictQueries, githubLinkQueries, projectQueries, syncOperationQueries, type Tx } from '@skein/db'
import { freeRollingBranch, rollingBranchName, type SyncFacts } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import type { BranchRules } from '../github/github-api.ts'
import type { GithubFailure } from '../github/github-host.ts'
import { bringFolderHeads, toOurCommits } from './folder-refs.ts'
import { readGithub } from './read-github.ts'
import { isSameLink, type Link, type Round, recordFound, type StepEnd, type SyncDeps } from './round.ts'

/** The text of a pull request is written at most this often. */
const textEveryMs = 60_000

export type Observation =
  | { facts: SyncFacts; link: Link }
  | { failure: GithubFailure; link: Link }
  /** What is there cannot be looked at, or has to be looked at again. */
  | { ended: StepEnd }
  | null

/** Null: the project is not linked any more, or to something else, of which nothing of this round is true. */
export async function observe(deps: SyncDeps, round: Round): Promise<Observation> {
  const before = await readRows(deps, round)
  if (before === null) return null
  const failure = await readGithub(deps, round, before.link)
  if (failure) return { failure, link: before.link }
  const found = await readRows(deps, round)
  if (found === null) return null
  const hindrance = await bringFolderHeads(deps, round, found.link, [found.link.branch, rollingOf(found)])
  if (hindrance !== null) return 'ended' in hindrance ? hindrance : { ...hindrance, link: found.link }
  const rows = { ...found, link: await toOurCommits(deps, found.link) }
  const facts = await toFacts(deps, round, rows)
  if (!(await recordFound(deps, round, (tx) => recordFindings(tx, rows.link, facts)))) return null
  return { facts, link: rows.link }
}

/** What is true whatever is done next. A push whose worker was killed is found to have arrived (GS4). */
async function recordFindings(tx: Tx, link: Link, facts: SyncFacts): Promise<void> {
  const { projectId, pushedOid, prHeadOid } = link
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

function readRows({ db }: SyncDeps, round: Round): Promise<Rows | null> {
  const { projectId, workspaceId } = round.project
  return db.inWorkspace(
    workspaceId,
    async (tx) => {
      const link = await githubLinkQueries.findGithubLink(tx, projectId)
      const found = await projectQueries.findProject(tx, projectId)
      if (link === null || found === null || !isSameLink(link, round.link)) return null
      // Before the head: a commit that is made in between is then in it.
      round.isDecided = await conflictQueries.hasDecisionToCommit(tx, projectId)
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
  const { histories } = round
  const mayAsk = link.mode !== 'direct_commit' || link.overlaps === 'branch'
  const { defaultBranch = null, branches = new Map<string, Oid>() } = round.refs ?? {}
  const oid = branches.get(link.branch) ?? null
  const rollingName = rollingOf(rows)
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
      relation: await histories.relate(head, oid),
      isRewritten: await isRewritten(round, link.mergedOid, oid),
      // It is asked for only where a pull request may come of it.
      isSameTree: mayAsk && (await histories.isSameTree(oid, head)),
      followsDefault: link.branch === link.defaultBranch,
    },
    rolling: {
      name: rollingName,
      oid: rollingOid,
      relation: await histories.relate(head, rollingOid),
      pushed,
      isLeft: pushed !== null && head !== null && !(await histories.isIn(pushed, head)),
      freeName: freeRollingBranch(rollingBranchName(rows.slug), branches.keys()),
    },
    pullRequest: await toPullRequest(round, rows, oid, nowMs),
    defaultBranch,
    hasDefaultBranch: defaultBranch !== null && branches.has(defaultBranch),
    refusal: link.refusal,
    needsPullRequest: (link.rules as BranchRules | null)?.needsPullRequest ?? null,
    nowMs,
    pushNotBeforeMs: (rows.lastPush?.getTime() ?? 0) + deps.minIntervalMs,
  }
}

/** Our branch for pull requests. */
const rollingOf = ({ link, slug }: Rows): string => link.prBranch ?? rollingBranchName(slug)

/** A closed pull request that was reopened on GitHub ends its hold by itself. */
function toHeld(link: Link): SyncFacts['held'] {
  if (link.state !== 'held' || link.heldLifts !== 'person') return null
  if (link.heldCode === 'pull-request-closed' && link.prState === 'open') return null
  return { code: link.heldCode ?? 'held', blocks: link.heldCode === 'branch-deleted' ? 'all' : 'push' }
}

async function toPullRequest(
  round: Round,
  { link, head }: Rows,
  tracked: Oid | null,
  nowMs: number,
): Promise<SyncFacts['pullRequest']> {
  const { histories } = round
  const { prNumber, prState, prLastOid, prMergeOid } = link
  if (prNumber === null || prState === null || prLastOid === null) return null
  // The text was written a moment ago: what it does not say yet is written later.
  const textAt = link.prTextAt === null ? 0 : link.prTextAt.getTime() + textEveryMs
  const isFresh = textAt > nowMs && link.prDescribedOid !== null
  if (isFresh && link.prDescribedOid !== head) round.lookSoonerAt = new Date(textAt)
  const isTrackedHere = tracked !== null && (await histories.isHere(tracked))
  return {
    number: prNumber,
    state: prState,
    headBranch: link.prHeadBranch ?? '',
    baseBranch: link.prBaseBranch ?? link.branch,
    headOid: prLastOid,
    mergeOid: prMergeOid,
    isHeadInTracked: isTrackedHere ? await histories.isIn(prLastOid, tracked) : null,
    isMergeInHead: prMergeOid !== null && head !== null && (await histories.isIn(prMergeOid, head)),
    seenWith: link.prSeenWith,
    describes: isFresh ? head : link.prDescribedOid,
  }
}

/** Null: theirs has to be fetched before anybody knows. */
async function isRewritten({ histories }: Round, merged: Oid | null, theirs: Oid | null): Promise<boolean | null> {
  if (merged === null || theirs === null || merged === theirs) return false
  return (await histories.isHere(theirs)) ? !(await histories.isIn(merged, theirs)) : null
}
