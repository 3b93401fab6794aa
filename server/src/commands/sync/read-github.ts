/**
 * What GitHub says: refs over Git, which is counted by no limit, and by its API what Git does not tell. The API is asked when a hint says that more than a
 * branch has changed, when Git fails in a way that it explains, and when its last answer is old. One that does not answer for a while keeps nobody from
 * pulling and pushing: it is asked later.
 */
import { githubLinkQueries, syncOperationQueries } from '@skein/db'
import type { BranchRules, PullRequest } from '../github/github-api.ts'
import type { GithubFailure } from '../github/github-host.ts'
import { describeRules } from './describe-state.ts'
import { isApiDue } from './look-interval.ts'
import { type Link, type Round, recordFound, type SyncDeps } from './round.ts'

/** An API that could not be reached is asked again after this. */
const apiAgainMs = 5 * 60_000

/** Null: `round.refs` and the link's rows are up to date. */
export async function readGithub(deps: SyncDeps, round: Round, link: Link): Promise<GithubFailure | null> {
  if (await isApiWanted(deps, round, link)) {
    const failure = await readApi(deps, round, link)
    if (failure && !(await putOff(deps, round, link, failure))) return failure
  }
  if (round.refs !== null) return null
  const { projectId, workspaceId } = round.project
  const nameNow = async () =>
    (await deps.db.inWorkspace(workspaceId, (tx) => githubLinkQueries.findGithubLink(tx, projectId)))?.fullName
  for (const isLast of [false, true]) {
    const refs = await deps.remote.readRefs(link, (await nameNow()) ?? link.fullName, round.signal)
    if (refs.ok) {
      round.refs = { defaultBranch: refs.value.defaultBranch, branches: new Map(refs.value.branches), folder: null }
      return null
    }
    if (isLast || !isExplainedByApi(refs.failure)) return refs.failure
    // The repository has another name, or is gone in one of several ways: only its number tells.
    const failure = await readApi(deps, round, link)
    if (failure) return failure
  }
  throw new Error('a loop of two rounds did not end in the second')
}

/** What was never asked, and what a person wants, is asked whatever GitHub has said. */
async function isApiWanted({ db, now }: SyncDeps, round: Round, link: Link): Promise<boolean> {
  if (link.apiCheckedAt === null || (round.isByHand && round.isDeep)) return true
  if (round.apiNotBefore !== null && round.apiNotBefore > now()) return false
  if (round.isDeep) return true
  if (!isApiDue(link, now(), 1)) return false
  const quota = await db.inWorkspace(
    round.project.workspaceId,
    (tx) => githubLinkQueries.findQuota(tx, link.installationId),
    { readOnly: true },
  )
  const { quotaLeft = null, quotaLimit = null, quotaResetsAt = null } = quota ?? {}
  const isKnown = quotaLeft !== null && quotaLimit !== null && quotaResetsAt !== null && quotaResetsAt > now()
  return isApiDue(link, now(), isKnown ? quotaLeft / quotaLimit : 1)
}

/** True when the round goes on without the API's answer. */
async function putOff(deps: SyncDeps, round: Round, link: Link, failure: GithubFailure): Promise<boolean> {
  if (link.apiCheckedAt === null || round.isByHand) return false
  if (failure.kind !== 'rate-limited' && failure.kind !== 'unreachable') return false
  const notBefore = failure.kind === 'rate-limited' ? failure.until : new Date(deps.now().getTime() + apiAgainMs)
  deps.news.failed(failure.kind)
  await recordFound(deps, round, (tx) => githubLinkQueries.putOffApi(tx, link.projectId, notBefore))
  round.apiNotBefore = notBefore
  return true
}

const isExplainedByApi = ({ kind }: GithubFailure): boolean => kind === 'renamed' || kind === 'not-found'

/** The repository itself, what its branch asks for, and our pull request. */
async function readApi(deps: SyncDeps, round: Round, link: Link): Promise<GithubFailure | null> {
  const { api, news } = deps
  const { projectId } = round.project
  news.apiCalled()
  const repository = await api.readRepository(link, round.signal)
  if (!repository.ok) return repository.failure
  const { fullName } = repository.value
  news.apiCalled()
  const rules = await api.readRules(link, fullName, link.branch, round.signal)
  if (!rules.ok) return rules.failure
  const isLinked = await recordFound(deps, round, async (tx) => {
    await githubLinkQueries.recordRepository(tx, projectId, repository.value)
    await githubLinkQueries.recordRules(tx, projectId, rules.value)
    await tellNews(tx, round, link, { ...repository.value, rules: rules.value })
  })
  if (!isLinked) return null
  if (link.prNumber !== null && link.prState !== 'merged') {
    const failure = await readPullRequest(deps, round, { ...link, fullName }, link.prNumber)
    if (failure) return failure
  }
  round.isDeep = false
  round.apiNotBefore = null
  return null
}

/** Reads our pull request, and then the refs anew: what it was merged to is in them. */
export async function readPullRequest(
  deps: SyncDeps,
  round: Round,
  link: Link,
  number: number,
): Promise<GithubFailure | null> {
  const { api, news } = deps
  const { projectId } = round.project
  news.apiCalled()
  const read = await api.readPullRequest(link, link.fullName, number, round.signal)
  if (!read.ok && read.failure.kind !== 'not-found') return read.failure
  await recordFound(deps, round, async (tx, now) => {
    // A person has asked for a new one meanwhile: this one is left alone.
    if (now.prNumber !== number) return
    const known = read.ok ? { ...read.value, seenWith: round.refs?.branches.get(link.branch) ?? link.remoteOid } : null
    await githubLinkQueries.recordPullRequest(tx, projectId, known)
    if (read.ok) await tellPullRequest(tx, round, link, read.value)
  })
  round.refs = null
  return null
}

type Tx = Parameters<typeof githubLinkQueries.recordRepository>[0]

/** Whatever became different, once each, in the list of operations. */
async function tellNews(
  tx: Tx,
  round: Round,
  link: Link,
  found: { fullName: string; archived: boolean; rules: BranchRules },
): Promise<void> {
  if (found.fullName !== link.fullName) {
    await tellEvent(
      tx,
      round,
      link,
      `The repository is called ${found.fullName} on GitHub now (it was ${link.fullName}).`,
    )
  }
  if (found.archived !== link.isArchived) {
    await tellEvent(tx, round, link, `The repository was ${found.archived ? 'archived' : 'unarchived'} on GitHub.`)
  }
  const [now, before] = [
    describeRules(link.branch, found.rules),
    link.rules === null ? null : describeRules(link.branch, link.rules as BranchRules),
  ]
  if (now !== before) await tellEvent(tx, round, link, now ?? `On GitHub ${link.branch} asks for nothing any more.`)
}

async function tellPullRequest(tx: Tx, round: Round, link: Link, { number, state }: PullRequest): Promise<void> {
  if (number !== link.prNumber || state === link.prState) return
  const what = { open: 'reopened', merged: 'merged', closed: 'closed without merging it' }[state]
  await tellEvent(tx, round, link, `Pull request #${number} was ${what} on GitHub.`)
}

/** Something happened to the link; one row in the list of operations. */
export async function tellEvent(tx: Tx, round: Round, link: Link, note: string): Promise<void> {
  await syncOperationQueries.insertSyncEvent(tx, round.project, {
    mode: link.mode,
    trigger: round.trigger,
    state: 'done',
    branch: link.branch,
    delivery: round.row.delivery,
    pullRequest: link.prNumber,
    note,
    code: null,
  })
}
