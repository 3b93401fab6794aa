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
  { link: pushed, operation, target, outcome }: { link: Link; operation: string; target: Oid; outcome: PushOutcome },
): Promise<void> {
  const { projectId } = project
  const link = await lockLink(tx, projectId)
  const { reason, ...end } = await describeEnd(tx, pushed, target, outcome)
  await syncOperationQueries.endSyncOperation(tx, operation, { ...end, error: reason })
  // Unlinked or linked anew meanwhile: what happened is recorded, but the link is not ours to change.
  if (link === null) return outboxQueries.dropSync(tx, projectId)
  if (link.repositoryId !== pushed.repositoryId || link.branch !== pushed.branch) {
    return outboxQueries.postponeSync(tx, projectId, deps.now())
  }
  switch (outcome.state) {
    case 'done':
      await githubLinkQueries.recordGithubPush(tx, projectId, target)
      await githubLinkQueries.recordRepository(tx, projectId, outcome.repository)
      await outboxQueries.settleSync(tx, projectId, row.version, new Date(deps.now().getTime() + 15 * 60_000))
      break
    case 'waits':
      await outboxQueries.retrySync(tx, projectId, {
        notBefore: outcome.failure.kind === 'rate-limited' ? outcome.failure.until : null,
        ...(reason ?? describeFailure(outcome.failure, link.fullName)),
        nextAt: nextTry(deps, row.attempts, outcome.failure),
      })
      break
    case 'held':
      await githubLinkQueries.holdGithubLink(tx, projectId, { ...outcome.reason, lifts: 'person', oid: target })
      await outboxQueries.settleSync(tx, projectId, row.version, new Date(deps.now().getTime() + 15 * 60_000))
  }
  await deps.record(tx, project, { type: 'sync', github: await readGithubStatus(tx, projectId) })
}

async function describeEnd(
  tx: Tx,
  link: Link,
  target: Oid,
  outcome: PushOutcome,
): Promise<Omit<syncOperationQueries.SyncOutcome, 'error'> & { reason: Reason | null }> {
  const none = { oidBefore: null, commits: null, quotaLeft: null }
  switch (outcome.state) {
    case 'done': {
      const since = await githubLinkQueries.countOwnCommitsAfter(tx, link.projectId, outcome.before, false)
      const after = await githubLinkQueries.countOwnCommitsAfter(tx, link.projectId, target, false)
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
