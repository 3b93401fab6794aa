/**
 * One push, to the linked branch or to our rolling one (GS3, GS4): with a lease, an ancestor of what is pushed, so that it cannot be anything but a
 * fast-forward. Before it leaves, its commits are looked through for what GitHub would refuse and for secrets (GS12, SN9).
 */
import { githubLinkQueries, syncOperationQueries } from '@skein/db'
import type { SyncFacts } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import { sendWork } from '../folder/send-work.ts'
import { describeFailure, describeRefusal, isPassing, type Reason } from '../github/describe-failure.ts'
import type { GithubFailure, PushAnswer } from '../github/github-host.ts'
import { lockLink } from '../github/lock-link.ts'
import { describeLarge, describeTooLarge } from './describe-state.ts'
import { folderDeps } from './folder-refs.ts'
import { isSameLink, type Link, type Round, type RoundEnd, recordFound, type StepEnd, type SyncDeps } from './round.ts'

/** GitHub complains above the first, and refuses above the second, in bytes. */
const largeBytes = 50 * 1024 * 1024
const tooLargeBytes = 100 * 1024 * 1024

export interface Push {
  to: 'tracked' | 'rolling'
  branch: string
  lease: Oid | null
  head: Oid
}

interface Work {
  deps: SyncDeps
  round: Round
  link: Link
  push: Push
  operation: string
  /** What the remote has of it, as far as it is here. */
  known: readonly Oid[]
}

export async function pushHead(
  deps: SyncDeps,
  round: Round,
  link: Link,
  facts: SyncFacts,
  push: Push,
): Promise<StepEnd> {
  const { project, signal } = round
  const known = [facts.tracked, facts.rolling].flatMap(({ oid, relation }) =>
    oid === null || relation === 'unknown' ? [] : [oid],
  )
  const operation = await deps.db.inWorkspace(project.workspaceId, (tx) =>
    syncOperationQueries.beginSyncOperation(tx, project, {
      direction: 'push',
      mode: link.mode,
      trigger: round.trigger,
      branch: push.branch,
      delivery: round.row.delivery,
      pullRequest: push.to === 'rolling' && link.prState === 'open' ? link.prNumber : null,
      oidBefore: push.lease,
      oidAfter: push.head,
    }),
  )
  const work: Work = { deps, round, link, push, operation, known }
  const large = await deps.git.listLargeBlobs(project, push.head, known, largeBytes + 1)
  const tooLarge = large.filter(({ bytes }) => bytes > tooLargeBytes)
  if (tooLarge.length > 0) return keepBack(work, describeTooLarge(tooLarge), 'person')
  const secret = await deps.secrets.check(project, { to: push.head, known }, signal)
  if (secret) return keepBack(work, secret, 'itself')
  const [sent, counts] = await Promise.all([send(work), countChanges(work)])
  if (sent === 'left') {
    const { name, freeName } = facts.rolling
    await endOperation(work, { state: 'failed', error: { code: 'remote-moved', message: movedWords(name) } })
    return pushHead(deps, round, link, facts, { ...push, branch: freeName, lease: null })
  }
  return settleAnswer(work, sent, { ...counts, note: large.length === 0 ? null : describeLarge(large) })
}

/** `left`: what stands on our own branch is not what we have nor in it; of a link to a folder alone, where that is seen only now. */
async function send({ deps, round, link, push }: Work): Promise<PushAnswer | 'left'> {
  const { project, signal, refs } = round
  const { branch, lease: from, head: to } = push
  if (link.directory === '') {
    return deps.git.withDirectory(project, (directory) =>
      deps.remote.push(link, { directory, fullName: link.fullName, branch, from, to }, signal),
    )
  }
  if (refs === null || refs.folder === null) throw new Error(`the heads of ${link.fullName} are not known`)
  const lease = from === null ? null : (refs.folder.get(branch) ?? null)
  const tracked = refs.folder.get(link.branch) ?? null
  const sent = await sendWork(folderDeps(deps), project, link, { branch, to, lease, tracked }, signal)
  if (sent.outcome === 'left') {
    if (push.to === 'tracked') throw new Error(`the commits for ${branch} do not go on from it`)
    return 'left'
  }
  if (sent.answer.outcome === 'pushed') refs.folder.set(branch, { remote: sent.remote, local: to })
  return sent.answer
}

/** It does not leave here. */
async function keepBack(work: Work, reason: Reason, lifts: 'itself' | 'person'): Promise<RoundEnd> {
  await endOperation(work, { state: 'held', error: reason })
  work.deps.news.refused(reason.code)
  return { end: 'held', reason, lifts, oid: work.push.head }
}

type Counts = Pick<syncOperationQueries.SyncOutcome, 'commits' | 'files' | 'insertions' | 'deletions' | 'note'>

async function settleAnswer(work: Work, answer: PushAnswer, counts: Counts): Promise<StepEnd> {
  const { deps, round, link, push } = work
  const { projectId, workspaceId } = round.project
  const branchName = push.branch
  switch (answer.outcome) {
    case 'pushed':
      await deps.db.inWorkspace(workspaceId, async (tx) => {
        const now = await lockLink(tx, projectId)
        const quotaLeft = (await githubLinkQueries.findQuota(tx, link.installationId))?.quotaLeft ?? null
        await syncOperationQueries.endSyncOperation(tx, work.operation, {
          state: 'done',
          error: null,
          ...counts,
          quotaLeft,
        })
        // Somebody has linked something else meanwhile: nothing of this is true of that.
        if (now === null || !isSameLink(now, round.link)) return
        if (push.to === 'tracked') await githubLinkQueries.recordGithubPush(tx, projectId, push.head)
        else {
          const base = round.refs?.branches.get(link.branch) ?? null
          await githubLinkQueries.recordBranchPush(tx, projectId, { branch: branchName, oid: push.head, base })
        }
        if (link.refusal?.branch === push.to) await githubLinkQueries.recordRefusal(tx, projectId, null)
      })
      round.refs?.branches.set(branchName, push.head)
      deps.news.pushed(
        push.to === 'tracked' ? 'branch' : 'pull-request',
        (deps.now().getTime() - round.row.since.getTime()) / 1000,
      )
      return 'on'
    case 'moved':
      // Somebody was faster; what they brought is looked at, and then this is tried again.
      await endOperation(work, { state: 'failed', error: { code: 'remote-moved', message: movedWords(branchName) } })
      round.refs = null
      return 'on'
    case 'refused': {
      const { rule, reason } = answer
      await endOperation(work, { state: 'held', error: describeRefusal(rule, reason, branchName) })
      await recordFound(deps, round, (tx) =>
        githubLinkQueries.recordRefusal(tx, projectId, { branch: push.to, rule, head: push.head, reason }),
      )
      deps.news.refused(rule)
      return 'on'
    }
    case 'failed':
      await endOperation(work, {
        state: isPassing(answer.failure) ? 'failed' : 'held',
        error: describeFailure(answer.failure, link.fullName),
      })
      return failureToEnd(answer.failure, link, push.head)
  }
}

const movedWords = (branch: string): string =>
  `Somebody pushed to ${branch} at the same moment. Skein looks at what they brought, and tries again.`

/** How a round ends after GitHub did not do it. */
export function failureToEnd(failure: GithubFailure, link: Link, oid: Oid | null): RoundEnd {
  return isPassing(failure)
    ? { end: 'waits', failure }
    : { end: 'held', reason: describeFailure(failure, link.fullName), lifts: 'itself', oid }
}

function endOperation({ deps, round, operation }: Work, outcome: syncOperationQueries.SyncOutcome): Promise<void> {
  return deps.db.inWorkspace(round.project.workspaceId, (tx) =>
    syncOperationQueries.endSyncOperation(tx, operation, outcome),
  )
}

/** What the push brings, against what its branch had, or the linked branch when it is new. */
async function countChanges({ deps, round, push, known }: Work): Promise<Counts> {
  const { git } = deps
  const { project } = round
  const from = push.lease ?? known[0] ?? null
  let commits = 0
  for await (const _commit of git.listCommits(project, push.head, [...known])) commits += 1
  return { commits, ...(await git.countLines(project, from, push.head)) }
}
