/** The end of a round: what the link and the outbox say from now on, and whoever looks at the project is told. */
import { githubLinkQueries, importQueries, outboxQueries, syncOperationQueries, type Tx } from '@skein/db'
import type { GithubStatus } from '@skein/protocol'
import { describeFailure } from '../github/describe-failure.ts'
import type { GithubFailure } from '../github/github-host.ts'
import { lockLink } from '../github/lock-link.ts'
import { readGithubStatus } from '../github/read-status.ts'
import { nextLook } from './look-interval.ts'
import { isSameLink, type Link, type Round, type RoundEnd, type SyncDeps } from './round.ts'

/** The first retry comes after this, but not sooner than the distance between pushes. */
const retryFirstMs = 200
const retryLastMs = 10 * 60_000

/** @param before what people saw when the round began */
export function settle(deps: SyncDeps, round: Round, before: GithubStatus, ended: RoundEnd): Promise<void> {
  const { projectId, workspaceId } = round.project
  return deps.db.inWorkspace(workspaceId, async (tx) => {
    const link = await lockLink(tx, projectId)
    if (link === null) return outboxQueries.dropSync(tx, projectId)
    // Somebody else works on it, who looks at everything anew.
    if (!(await outboxQueries.lockSync(tx, round.row))) return
    if (!isSameLink(link, round.link)) return outboxQueries.postponeSync(tx, round.row, deps.now())
    await settleEnd(deps, tx, round, link, ended)
    const status = await readGithubStatus(tx, projectId)
    if (toNews(status) !== toNews(before)) await deps.record(tx, round.project, { type: 'sync', github: status })
  })
}

async function settleEnd(deps: SyncDeps, tx: Tx, round: Round, link: Link, ended: RoundEnd): Promise<void> {
  const { projectId } = round.project
  const { row } = round
  switch (ended.end) {
    case 'gone':
      // The same was linked again since.
      return outboxQueries.postponeSync(tx, row, deps.now())
    case 'settled': {
      const isHeld = ended.because === 'held' || ended.because === 'paused'
      if (!isHeld) {
        if (link.state === 'held') await githubLinkQueries.releaseGithubLink(tx, projectId)
        await githubLinkQueries.recordSettled(tx, projectId, ended.head)
        await openProject(deps, tx, round, link)
      }
      return settleRow(deps, tx, round, link)
    }
    case 'held': {
      const { reason, lifts, oid } = ended
      if (link.state !== 'held' || link.heldCode !== reason.code) await tellHold(tx, round, link, reason)
      await githubLinkQueries.holdGithubLink(tx, projectId, { ...reason, lifts, oid })
      return settleRow(deps, tx, round, link)
    }
    case 'later':
      return outboxQueries.postponeSync(tx, row, ended.until)
    case 'waits': {
      if (link.state === 'held' && link.heldLifts === 'itself') {
        await githubLinkQueries.releaseGithubLink(tx, projectId)
      }
      const reason = describeFailure(ended.failure, link.fullName)
      deps.news.failed(ended.failure.kind)
      return outboxQueries.retrySync(tx, row, { ...reason, ...nextTry(deps, row.attempts, ended.failure) })
    }
  }
}

/** Idle until the next look. What a hint said of more than branches is asked as soon as GitHub's API may be. */
async function settleRow({ now, random }: SyncDeps, tx: Tx, round: Round, link: Link): Promise<void> {
  const { row, lookSoonerAt, isDeep, apiNotBefore } = round
  const owed = isDeep ? apiNotBefore : null
  const times = [nextLook(link, now(), random()), lookSoonerAt, owed].filter((at) => at !== null)
  const soonest = new Date(Math.min(...times.map((at) => at.getTime())))
  await outboxQueries.settleSync(tx, row, soonest, owed !== null)
}

/** A project that was made from the repository is open as soon as its first look has come to an end, also of an empty one. */
async function openProject(deps: SyncDeps, tx: Tx, { project }: Round, { branch }: Link): Promise<void> {
  if ((await importQueries.findImporting(tx, project.projectId)) === null) return
  const name = await importQueries.finishImport(tx, project.projectId, branch)
  if (name !== null) await deps.record(tx, project, { type: 'project', name, state: 'ready' })
}

/** That sync stopped is one row in the list of operations, whatever it was that stopped. */
export async function tellHold(
  tx: Tx,
  round: Pick<Round, 'project' | 'row' | 'trigger'>,
  link: Link,
  { code, message }: { code: string; message: string },
): Promise<void> {
  await syncOperationQueries.insertSyncEvent(tx, round.project, {
    mode: link.mode,
    trigger: round.trigger,
    state: 'held',
    branch: link.branch,
    delivery: round.row.delivery,
    pullRequest: link.prNumber,
    note: message,
    code,
  })
}

/** Doubling, at most ten minutes, spread by a quarter either way; never before GitHub allows. */
function nextTry(
  { now, random, minIntervalMs }: SyncDeps,
  attempts: number,
  failure: GithubFailure,
): { nextAt: Date; notBefore: Date | null } {
  const base = Math.min(Math.max(retryFirstMs, minIntervalMs) * 2 ** Math.min(attempts, 20), retryLastMs)
  const backOff = now().getTime() + base * (0.75 + random() / 2)
  if (failure.kind !== 'rate-limited') return { nextAt: new Date(backOff), notBefore: null }
  const allowed = new Date(failure.until.getTime() + random() * 1000)
  return { nextAt: new Date(Math.max(backOff, allowed.getTime())), notBefore: allowed }
}

/** What is worth telling: not that it was looked again. */
function toNews({ remote, quota: _quota, ...status }: GithubStatus): string {
  return JSON.stringify({ ...status, remote: remote?.oid ?? null })
}
