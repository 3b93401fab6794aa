/**
 * Brings one project's branch to GitHub (GS3, GS4, GS11). What is true is read first, here and there; a push happens only when GitHub's branch is an
 * ancestor of ours, with that oid as the lease, so it cannot be anything but a fast-forward. A push that had arrived before a kill is found
 * to be there.
 */
import { commitQueries, githubLinkQueries, outboxQueries, syncOperationQueries, type Tx } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import {
  describeDifference,
  describeFailure,
  describeMissingBranch,
  describeRefusal,
  isPassing,
} from './describe-failure.ts'
import type { GithubFailure, GithubHost } from './github-host.ts'
import { lockLink } from './lock-link.ts'
import { type PushOutcome, type SettleDeps, settlePush } from './settle-push.ts'

export interface PushDeps extends SettleDeps {
  git: Pick<GitStore, 'isAncestor' | 'withDirectory'>
  host: GithubHost
}

/** Nothing looks there by itself yet. */
const later = (now: Date): Date => new Date(now.getTime() + 15 * 60_000)

type Link = githubLinkQueries.GithubLinkRow

/** A lease that did not hold is looked at anew; somebody who keeps pushing at the same moments is a reason to wait. */
const leaseTriesMax = 3

/** Pushes what the row asks for, and settles the row. Rejects when `signal` is aborted, and on faults of our own; the row then stays claimed. */
export async function pushProject(deps: PushDeps, row: outboxQueries.OutboxRow, signal: AbortSignal): Promise<void> {
  const project: ProjectKey = { projectId: row.projectId, workspaceId: row.workspaceId }
  const begun = await deps.db.inWorkspace(project.workspaceId, (tx) => begin(deps, tx, project, row))
  if (begun === null) return
  const outcome = await attempt(deps, project, begun.link, begun.target, signal)
  await deps.db.inWorkspace(project.workspaceId, (tx) => settlePush(deps, tx, project, row, { ...begun, outcome }))
}

/** Null when there is nothing to do now: not linked any more, held, or too soon after the last push. */
async function begin(
  { now, minIntervalMs }: PushDeps,
  tx: Tx,
  project: ProjectKey,
  row: outboxQueries.OutboxRow,
): Promise<{ link: Link; operation: string; target: Oid } | null> {
  const link = await lockLink(tx, project.projectId)
  if (link === null || link.state === 'held' || row.target === null) {
    await outboxQueries.settleSync(tx, project.projectId, row.version, later(now()))
    return null
  }
  const last = await githubLinkQueries.lastPushTo(tx, link.repositoryId)
  const earliest = new Date((last?.getTime() ?? 0) + minIntervalMs)
  if (earliest > now()) {
    await outboxQueries.postponeSync(tx, project.projectId, earliest)
    return null
  }
  const operation = await syncOperationQueries.beginSyncOperation(tx, project, {
    direction: 'push',
    mode: link.mode,
    branch: link.branch,
    delivery: null,
    pullRequest: null,
    trigger: row.trigger,
    oidBefore: link.remoteOid,
    oidAfter: row.target,
  })
  return { link, operation, target: row.target }
}

async function attempt(
  deps: PushDeps,
  project: ProjectKey,
  link: Link,
  target: Oid,
  signal: AbortSignal,
): Promise<PushOutcome> {
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
    if (remote === target) return { state: 'done', before: link.remoteOid, repository }
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

function failed(failure: GithubFailure, fullName: string, remote: Oid | null): PushOutcome {
  return isPassing(failure)
    ? { state: 'waits', failure }
    : { state: 'held', reason: describeFailure(failure, fullName), remote }
}
