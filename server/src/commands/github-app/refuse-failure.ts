/** Refusals where GitHub is asked on the spot, for somebody who waits for the answer. */
import { Refusal } from '@skein/protocol'
import { describeFailure } from '../github/describe-failure.ts'
import type { GithubAnswer, GithubFailure } from '../github/github-host.ts'

/** The value, or the refusal that says why GitHub did not give it; `what` is what was asked about. */
export function valueOrRefuse<T>(answer: GithubAnswer<T>, what: string): T {
  if (answer.ok) return answer.value
  throw refuseFailure(answer.failure, what)
}

export function refuseFailure(failure: GithubFailure, what: string): Refusal {
  const { code, message } = describeFailure(failure, what)
  const isAway = failure.kind === 'unreachable' || failure.kind === 'rate-limited'
  return new Refusal(isAway ? 'github-unreachable' : 'github-refused', message, {
    hint: isAway ? 'Try again in a few minutes.' : 'Look at the GitHub App and its installation on GitHub.',
    details: { reason: code },
  })
}

/** No App: what is to be done depends on who reads it. */
export const notConfigured = (): Refusal =>
  new Refusal('github-not-configured', 'This Skein is not connected to GitHub yet.', {
    hint: 'Its admin makes the GitHub App on the admin page, or the operator sets GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.',
  })
