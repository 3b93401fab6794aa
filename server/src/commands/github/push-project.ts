/**
 * Brings one project's branch to GitHub (GS3, GS4, GS11). What is true is read first, here and there; a push happens only when GitHub's branch
 * is an ancestor of ours, with that oid as the lease, so it cannot be anything but a fast-forward. A push that had arrived before a kill is found to be there.
 */
import {
  commitQueries,
  type Database,
  githubLinkQueries,
  outboxQueries,
  syncOperationQueries,
  type Tx,
} from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import {
  describeDifference,
  describeFailure,
  describeMissingBranch,
  describeRefusal,
  isPassing,
  type Reason,
} from './describe-failure.ts'
import type { GithubFailure, GithubHost, GithubRepository } from './github-host.ts'
import { lockLink } from './lock-link.ts'
import { readGithubStatus } from './read-status.ts'

export interface PushDeps {
  db: Database
  git: Pick<GitStore, 'isAncestor' | 'withDirectory'>
  host: GithubHost
  record: RecordEvent
  now: () => Date
  /** From 0 to 1, to spread retries. */
  random: () => number
  /** Least time between two pushes to one repository. */
  minIntervalMs: number
}

type Link = githubLinkQueries.GithubLinkRow

/** How a push ended. `waits`: it is tried again by itself. `held`: it needs somebody. */
type Outcome =
  | { state: 'done'; before: Oid | null; repository: GithubRepository }
  | { state: 'waits'; failure: GithubFailure }
  | { state: 'held'; reason: Reason; remote: Oid | null }

/** The first retry comes after the distance between pushes, but never sooner than this. */
const retryFirstMs = 200
const retryLastMs = 10 * 60_000
/** A lease that did not hold is looked at anew; somebody who keeps pushing at the same moments is a reason to wait. */
const leaseTriesMax = 3

/** Pushes what the row asks for, and settles the row. Rejects when `signal` is aborted, and on faults of our own; the row then stays claimed. */
export async function pushProject(deps: PushDeps, row: outboxQueries.OutboxRow, signal: AbortSignal): Promise<void> {
  const project: ProjectKey = { projectId: row.projectId, workspaceId: row.workspaceId }
  const begun = await deps.db.inWorkspace(project.workspaceId, (tx) => begin(deps, tx, project, row))
  if (begun === null) return
  const outcome = await attempt(deps, project, begun.link, row.target, signal)
  await deps.db.inWorkspace(project.workspaceId, (tx) => settle(deps, tx, project, row, { ...begun, outcome }))
}

/** Null when there is nothing to do now: not linked any more, held, or too soon after the last push. */
async function begin(
  { now, minIntervalMs }: PushDeps,
  tx: Tx,
  project: ProjectKey,
  row: outboxQueries.OutboxRow,
): Promise<{ link: Link; operation: string } | null> {
  const link = await lockLink(tx, project.projectId)
  if (link === null || link.state === 'held') {
    await outboxQueries.dropPush(tx, project.projectId)
    return null
  }
  const last = await githubLinkQueries.lastPushTo(tx, link.repositoryId)
  const earliest = new Date((last?.getTime() ?? 0) + minIntervalMs)
  if (earliest > now()) {
    await outboxQueries.postponePush(tx, project.projectId, earliest)
    return null
  }
  const operation = await syncOperationQueries.beginSyncOperation(tx, {
    ...project,
    direction: 'push',
    trigger: row.trigger,
    oidBefore: link.remoteOid,
    oidAfter: row.target,
  })
  return { link, operation }
}

async function attempt(
  deps: PushDeps,
  project: ProjectKey,
  link: Link,
  target: Oid,
  signal: AbortSignal,
): Promise<Outcome> {
  const { host } = deps
  const read = await host.readRepository(link, signal)
  if (!read.ok) return failed(read.failure, link.fullName, link.remoteOid)
  const repository = read.value
  const { fullName } = repository
  if (repository.archived) return failed({ kind: 'archived' }, fullName, link.remoteOid)
  for (let tries = 0; tries < leaseTriesMax; tries += 1) {
    const branch = await host.readBranch(link, fullName, link.branch, signal)
    if (!branch.ok) return failed(branch.failure, fullName, link.remoteOid)
    const remote = branch.value
    if (remote === target) return { state: 'done', before: remote, repository }
    if (remote === null && link.remoteOid !== null) {
      return { state: 'held', reason: describeMissingBranch(fullName, link.branch), remote: null }
    }
    if (remote !== null && !(await isOurs(deps, project, remote, target))) {
      return { state: 'held', reason: describeDifference(fullName, link.branch), remote }
    }
    const answer = await deps.git.withDirectory(project, (directory) =>
      host.push(link, { directory, fullName, branch: link.branch, from: remote, to: target }, signal),
    )
    if (answer.outcome === 'pushed') return { state: 'done', before: remote, repository }
    if (answer.outcome === 'failed') return failed(answer.failure, fullName, remote)
    if (answer.outcome === 'refused') {
      return { state: 'held', reason: describeRefusal(answer.rule, answer.reason, link.branch), remote }
    }
  }
  return { state: 'waits', failure: { kind: 'unreachable', detail: 'Its branch moved during each of several tries.' } }
}

/** Whether what GitHub holds is behind what we want to push. All commits of a project are rows, so an unknown one is somebody else's. */
async function isOurs({ db, git }: PushDeps, project: ProjectKey, remote: Oid, target: Oid): Promise<boolean> {
  const known = await db.inWorkspace(project.workspaceId, (tx) =>
    commitQueries.findCommit(tx, project.projectId, remote),
  )
  return known !== null && git.isAncestor(project, remote, target)
}

function failed(failure: GithubFailure, fullName: string, remote: Oid | null): Outcome {
  return isPassing(failure)
    ? { state: 'waits', failure }
    : { state: 'held', reason: describeFailure(failure, fullName), remote }
}

async function settle(
  deps: PushDeps,
  tx: Tx,
  project: ProjectKey,
  row: outboxQueries.OutboxRow,
  { link: pushed, operation, outcome }: { link: Link; operation: string; outcome: Outcome },
): Promise<void> {
  const { projectId } = project
  const link = await lockLink(tx, projectId)
  const { reason, ...end } = await describeEnd(tx, pushed, row, outcome)
  await syncOperationQueries.endSyncOperation(tx, operation, { ...end, error: reason })
  // Unlinked or linked anew meanwhile: what happened is recorded, but the link is not ours to change.
  if (link === null) return outboxQueries.dropPush(tx, projectId)
  if (link.repositoryId !== pushed.repositoryId || link.branch !== pushed.branch) {
    return outboxQueries.postponePush(tx, projectId, deps.now())
  }
  switch (outcome.state) {
    case 'done':
      await githubLinkQueries.recordGithubPush(tx, projectId, row.target)
      await githubLinkQueries.updateGithubNames(tx, projectId, outcome.repository)
      await outboxQueries.finishPush(tx, projectId, row.target, new Date(deps.now().getTime() + deps.minIntervalMs))
      break
    case 'waits':
      await outboxQueries.retryPush(tx, projectId, {
        ...(reason ?? describeFailure(outcome.failure, link.fullName)),
        nextAt: nextTry(deps, row.attempts, outcome.failure),
      })
      break
    case 'held':
      await githubLinkQueries.holdGithubLink(tx, projectId, { ...outcome.reason, remoteOid: outcome.remote })
      await outboxQueries.dropPush(tx, projectId)
  }
  await deps.record(tx, project, { type: 'sync', github: await readGithubStatus(tx, projectId) })
}

async function describeEnd(
  tx: Tx,
  link: Link,
  row: outboxQueries.OutboxRow,
  outcome: Outcome,
): Promise<Omit<syncOperationQueries.SyncOutcome, 'error'> & { reason: Reason | null }> {
  const none = { oidBefore: null, commits: null, quotaLeft: null }
  switch (outcome.state) {
    case 'done': {
      const since = await githubLinkQueries.countCommitsAfter(tx, row.projectId, outcome.before)
      const after = await githubLinkQueries.countCommitsAfter(tx, row.projectId, row.target)
      const { quotaLeft } = outcome.repository
      return { state: 'done', oidBefore: outcome.before, commits: since - after, quotaLeft, reason: null }
    }
    case 'waits':
      return { ...none, state: 'failed', reason: describeFailure(outcome.failure, link.fullName) }
    case 'held':
      return { ...none, state: 'held', oidBefore: outcome.remote, reason: outcome.reason }
  }
}

/** Doubling, at most ten minutes, spread by a quarter either way; never before GitHub allows. */
function nextTry({ now, random, minIntervalMs }: PushDeps, attempts: number, failure: GithubFailure): Date {
  const base = Math.min(Math.max(retryFirstMs, minIntervalMs) * 2 ** Math.min(attempts, 20), retryLastMs)
  const backOff = now().getTime() + base * (0.75 + random() / 2)
  const allowed = failure.kind === 'rate-limited' ? failure.until.getTime() + random() * 1000 : 0
  return new Date(Math.max(backOff, allowed))
}
