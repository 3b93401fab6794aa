/** Does what `decide` says: one step, whose outcome stands in rows before the next look. */
import { githubLinkQueries, syncOperationQueries, type Tx } from '@skein/db'
import type { Step, SyncFacts } from '@skein/git-sync'
import { Refusal } from '@skein/protocol'
import { describeFailure, isPassing } from '../github/describe-failure.ts'
import { fetchHead } from '../pull/fetch-head.ts'
import { type PullOutcome, pullProject } from '../pull/pull-project.ts'
import { takeSnapshot } from '../snapshot/snapshot.ts'
import { describeHold, describeSwitch } from './describe-state.ts'
import { openPullRequest, updatePullRequest } from './pull-request.ts'
import { failureToEnd, type Push, pushHead } from './push.ts'
import { readPullRequest, tellEvent } from './read-github.ts'
import { isLeft, type Link, type Round, recordFound, type StepEnd, type SyncDeps } from './round.ts'

/** Somebody else is making a commit of the project. */
const busyMs = 1_000

export async function act(deps: SyncDeps, round: Round, link: Link, facts: SyncFacts, step: Step): Promise<StepEnd> {
  const { projectId } = round.project
  switch (step.do) {
    case 'nothing':
      return { end: 'settled', because: step.because, head: facts.head }
    case 'wait':
      return { end: 'later', until: new Date(step.untilMs) }
    case 'read-pull-request': {
      const failure = await readPullRequest(deps, round, link, step.number)
      return failure ? failureToEnd(failure, link, facts.head) : 'on'
    }
    case 'fetch':
      return fetch(deps, round, link, facts, step)
    case 'pull':
      return pull(deps, round, link, facts, step)
    case 'follow-branch':
      if (await recordFound(deps, round, (tx) => followBranch(tx, round, link, step.branch))) {
        round.link = { ...round.link, branch: step.branch }
      }
      return 'on'
    case 'switch-mode':
      await recordFound(deps, round, async (tx, now) => {
        // What a person chose a moment ago stands.
        if (now.mode !== link.mode) return
        const why = describeSwitch(step.reason, link)
        await githubLinkQueries.setSyncMode(tx, projectId, step.to, why)
        await tellEvent(tx, round, { ...link, mode: step.to }, why)
      })
      return 'on'
    case 'push-branch':
      return pushDecided(deps, round, link, facts, {
        to: 'tracked',
        branch: step.branch,
        lease: step.lease,
        head: step.to,
      })
    case 'push-pull-request':
      return pushDecided(deps, round, link, facts, {
        to: 'rolling',
        branch: step.branch,
        lease: step.lease,
        head: step.to,
      })
    case 'open-pull-request':
      return openPullRequest(deps, round, link, facts, step)
    case 'update-pull-request':
      return updatePullRequest(deps, round, link, facts, step)
    case 'hold':
      return { end: 'held', reason: describeHold(step.code, link), lifts: step.lifts, oid: facts.head }
  }
}

async function followBranch(tx: Tx, round: Round, link: Link, branch: string): Promise<void> {
  await githubLinkQueries.renameLinkedBranch(tx, link.projectId, branch)
  const note = `The default branch is called ${branch} on GitHub now (it was ${link.branch}).`
  await tellEvent(tx, round, link, note)
}

/**
 * Pushes, after a commit of what people have decided about conflicts. The commit that merged theirs holds ours at those lines: pushed alone, it would
 * take back on GitHub what somebody has just chosen, until the next quiet moment.
 */
async function pushDecided(deps: SyncDeps, round: Round, link: Link, facts: SyncFacts, push: Push): Promise<StepEnd> {
  if (!round.isDecided || round.isCommitted) return pushHead(deps, round, link, facts, push)
  try {
    await takeSnapshot(deps.pull.snapshot, round.project, { by: null, message: null, waitMs: busyMs })
    // Whether this or somebody else's commit took them in: the head is to be read again.
    round.isCommitted = true
    return 'on'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { end: 'later', until: new Date(deps.now().getTime() + busyMs) }
  }
}

/** Brings objects here without a look at the texts, to know how the histories stand. */
async function fetch(
  deps: SyncDeps,
  round: Round,
  link: Link,
  facts: SyncFacts,
  { branch, wanted }: Extract<Step, { do: 'fetch' }>,
): Promise<StepEnd> {
  if (isLeft(round, link, wanted)) return { end: 'settled', because: 'held', head: facts.head }
  const request = { link, fullName: link.fullName, branch, theirs: wanted }
  const outcome = await fetchHead(deps.pull, round.project, request, round.signal)
  if (outcome === null) return 'on'
  if (outcome.state === 'refused') return { end: 'held', reason: outcome.reason, lifts: 'itself', oid: wanted }
  if (outcome.state === 'failed') return failureToEnd(outcome.failure, link, facts.head)
  // The branch has gone on meanwhile.
  round.refs = null
  return 'on'
}

/** Brings a remote head into the live documents. */
async function pull(
  deps: SyncDeps,
  round: Round,
  link: Link,
  facts: SyncFacts,
  step: Extract<Step, { do: 'pull' }>,
): Promise<StepEnd> {
  const { branch, theirs, mergedHead, from, kind: decided } = step
  if (isLeft(round, link, theirs)) return { end: 'settled', because: 'held', head: facts.head }
  const operation = await deps.db.inWorkspace(round.project.workspaceId, (tx) =>
    syncOperationQueries.beginSyncOperation(tx, round.project, {
      direction: 'pull',
      mode: link.mode,
      trigger: round.row.checkReason ?? round.trigger,
      branch,
      delivery: round.row.delivery,
      pullRequest: step.from === 'rolling' || mergedHead !== null ? link.prNumber : null,
      oidBefore: facts.head,
      oidAfter: theirs,
    }),
  )
  const request = { link, fullName: link.fullName, branch, from, decided, theirs, mergedHead, operation }
  const outcome = await pullProject(deps.pull, round.project, request, round.signal)
  return endPull(deps, round, link, { operation, outcome, theirs })
}

/** Writes down how a pull ended; also one that another worker began. */
export async function endPull(
  deps: SyncDeps,
  round: Round,
  link: Link,
  {
    operation,
    outcome,
    theirs,
  }: { operation: string | null; outcome: PullOutcome; theirs: githubLinkQueries.GithubLinkRow['remoteOid'] },
): Promise<StepEnd> {
  const { workspaceId } = round.project
  const end = (ended: syncOperationQueries.SyncOutcome, note: string | null = null) =>
    deps.db.inWorkspace(workspaceId, async (tx) => {
      if (operation !== null) await syncOperationQueries.endSyncOperation(tx, operation, ended)
      if (note !== null) await tellEvent(tx, round, link, note)
    })
  switch (outcome.state) {
    case 'merged': {
      const { kind, head, commits, files, insertions, deletions, conflicts } = outcome
      const quotaLeft = await readQuotaLeft(deps, round, link)
      const counts = { oidAfter: head, commits, files, insertions, deletions, conflicts, quotaLeft }
      await end({ state: 'done', error: null, ...counts }, pullNote(kind, link))
      deps.news.pulled(kind, (deps.now().getTime() - round.row.since.getTime()) / 1000, conflicts)
      return 'on'
    }
    case 'failed':
      await end({
        state: isPassing(outcome.failure) ? 'failed' : 'held',
        error: describeFailure(outcome.failure, link.fullName),
      })
      return failureToEnd(outcome.failure, link, theirs)
    case 'refused':
      await end({ state: 'held', error: outcome.reason })
      return { end: 'held', reason: outcome.reason, lifts: 'itself', oid: theirs }
    case 'busy':
      return { end: 'later', until: new Date(deps.now().getTime() + busyMs) }
  }
}

const readQuotaLeft = ({ db }: SyncDeps, { project }: Round, { installationId }: Link): Promise<number | null> =>
  db.inWorkspace(
    project.workspaceId,
    async (tx) => (await githubLinkQueries.findQuota(tx, installationId))?.quotaLeft ?? null,
    { readOnly: true },
  )

function pullNote(kind: string, { branch }: Link): string | null {
  switch (kind) {
    case 'rewritten':
      return `The history of ${branch} was rewritten on GitHub (force-push). Skein took over the new one; the former stays kept here, and nothing that was typed is lost.`
    case 'unrelated':
      return `${branch} on GitHub and this project had no history in common. Skein joined them.`
    default:
      return null
  }
}
