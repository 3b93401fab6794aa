/**
 * The one pull request of a link (GS8): asked for when our branch has something that the linked one has not, found again when it was asked for before
 * a kill, and its title and body written anew when what they tell of has changed. Text that is there already is not sent.
 */
import { createHash } from 'node:crypto'
import { githubLinkQueries } from '@skein/db'
import type { Step, SyncFacts } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import type { PullRequest, PullRequestText } from '../github/github-api.ts'
import type { GithubFailure } from '../github/github-host.ts'
import { writePullRequest } from './pull-request-words.ts'
import { failureToEnd } from './push.ts'
import { tellEvent } from './read-github.ts'
import { type Link, type Round, recordFound, type StepEnd, type SyncDeps } from './round.ts'

export async function openPullRequest(
  deps: SyncDeps,
  round: Round,
  link: Link,
  facts: SyncFacts,
  { head, base, of, replaces }: Extract<Step, { do: 'open-pull-request' }>,
): Promise<StepEnd> {
  const text = await writePullRequest(deps, round, link, facts, of)
  deps.news.apiCalled()
  const answer = await deps.api.createPullRequest(link, link.fullName, { head, base, ...text }, round.signal)
  if (!answer.ok) return readAnew(round, link, answer.failure, of)
  const failure = replaces === null ? null : await closeReplaced(deps, round, link, replaces, answer.value)
  if (failure) return failureToEnd(failure, link, of)
  await keep(deps, round, link, facts, {
    answer: answer.value,
    text,
    of,
    note: `Pull request #${answer.value.number} asks for the changes.`,
  })
  return 'on'
}

/** Before the new one is written down: whoever begins anew after a kill still knows of the other one. */
async function closeReplaced(
  deps: SyncDeps,
  round: Round,
  link: Link,
  replaced: number,
  { number }: PullRequest,
): Promise<GithubFailure | null> {
  deps.news.apiCalled()
  const comment = `The history that this pull request stood on was left, so #${number} asks for the changes instead.`
  const answer = await deps.api.closePullRequest(link, link.fullName, replaced, comment, round.signal)
  if (answer.ok || isStale(answer.failure)) return null
  return answer.failure
}

export async function updatePullRequest(
  deps: SyncDeps,
  round: Round,
  link: Link,
  facts: SyncFacts,
  { number, of }: Extract<Step, { do: 'update-pull-request' }>,
): Promise<StepEnd> {
  const { projectId } = round.project
  const text = await writePullRequest(deps, round, link, facts, of)
  if (hashOf(text) === link.prTextHash) {
    await recordFound(deps, round, (tx) =>
      githubLinkQueries.recordPullRequestText(tx, projectId, { hash: hashOf(text), head: of, isSent: false }),
    )
    return 'on'
  }
  deps.news.apiCalled()
  const answer = await deps.api.updatePullRequest(link, link.fullName, number, text, round.signal)
  if (!answer.ok) return readAnew(round, link, answer.failure, of)
  await keep(deps, round, link, facts, { answer: answer.value, text, of, note: null })
  return 'on'
}

/** GitHub says that something has changed: what it is now is read before anything else, once. */
function readAnew(round: Round, link: Link, failure: GithubFailure, of: Oid): StepEnd {
  if (!isStale(failure) || round.wasDeclined) return failureToEnd(failure, link, of)
  round.wasDeclined = true
  round.isDeep = true
  return 'on'
}

const isStale = ({ kind }: GithubFailure): boolean => kind === 'declined' || kind === 'not-found'

async function keep(
  deps: SyncDeps,
  round: Round,
  link: Link,
  facts: SyncFacts,
  { answer, text, of, note }: { answer: PullRequest; text: PullRequestText; of: Oid; note: string | null },
): Promise<void> {
  const { projectId } = round.project
  await recordFound(deps, round, async (tx) => {
    await githubLinkQueries.recordPullRequest(tx, projectId, { ...answer, seenWith: facts.tracked.oid })
    // One that was open already has the text of another day.
    if (answer.title === text.title) {
      await githubLinkQueries.recordPullRequestText(tx, projectId, { hash: hashOf(text), head: of, isSent: true })
    }
    if (note !== null) await tellEvent(tx, round, { ...link, prNumber: answer.number }, note)
  })
}

const hashOf = ({ title, body }: PullRequestText): string =>
  createHash('sha256').update(`${title}\n${body}`).digest('hex')
