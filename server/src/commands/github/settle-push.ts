/** The end of a push: the record of the operation, the state of the link, and when it is tried again. */
import { type Database, githubLinkQueries, outboxQueries, syncOperationQueries, type Tx } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { describeFailure, type Reason } from './describe-failure.ts'
import type { GithubFailure, GithubRepository } from './github-host.ts'
import { lockLink } from './lock-link.ts'
import { readGithubStatus } from './read-status.ts'

export interface SettleDeps {
  db: Database
  record: RecordEvent
  now: () => Date
  /** From 0 to 1, to spread retries. */
  random: () => number
  /** Least time between two pushes to one repository. */
  minIntervalMs: number
}

type Link = githubLinkQueries.GithubLinkRow

/** How a push ended. `waits`: it is tried again by itself. `held`: it needs somebody. */
export type PushOutcome =
  | { state: 'done'; before: Oid | null; repository: GithubRepository }
  | { state: 'waits'; failure: GithubFailure }
  | { state: 'held'; reason: Reason; remote: Oid | null }

/** The first retry comes after the distance between pushes, but never sooner than this. */
const retryFirstMs = 200
const retryLastMs = 10 * 60_000

/** Records how a push ended, and what follows for the link, the outbox and whoever looks at the project. */
export async function settlePush(
  deps: SettleDeps,
  tx: Tx,
  project: ProjectKey,
  row: outboxQueries.OutboxRow,
  { link: pushed, operation, outcome }: { link: Link; operation: string; outcome: PushOutcome },
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
  outcome: PushOutcome,
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
function nextTry({ now, random, minIntervalMs }: SettleDeps, attempts: number, failure: GithubFailure): Date {
  const base = Math.min(Math.max(retryFirstMs, minIntervalMs) * 2 ** Math.min(attempts, 20), retryLastMs)
  const backOff = now().getTime() + base * (0.75 + random() / 2)
  const allowed = failure.kind === 'rate-limited' ? failure.until.getTime() + random() * 1000 : 0
  return new Date(Math.max(backOff, allowed))
}
