// How far both sides are apart, as numbers for the small drawing and words for those who do not see it. What GitHub has not
// confirmed is counted by the server; what came from GitHub and is not pushed back merged stands in the operations since.

import type { GithubStatus, SyncOperation } from '@skein/protocol'
import { countOf } from './sync-words.ts'

/**
 * Commits since both sides held the same: here alone, on GitHub alone; `isMerged`: those of GitHub are in ours. With a pull
 * request ours are on GitHub, but not in the branch: its number.
 */
export type Drift = { here: number; there: number; isMerged: boolean; pullRequest: number | null }

/** The drift as far as the page knows it; `operations` are the newest, in any order. */
export function driftOf(github: GithubStatus, operations: readonly SyncOperation[]): Drift {
  const here = github.waitingCommits
  const since = github.pushedAt ? Date.parse(github.pushedAt) : 0
  const pulls = operations.filter(
    ({ direction, state, startedAt, commits }) =>
      direction === 'pull' && state !== 'failed' && Date.parse(startedAt) > since && (commits ?? 0) > 0,
  )
  const there = pulls.reduce((sum, { commits }) => sum + (commits ?? 0), 0)
  // Everything that came is part of what goes out next; with nothing to go out, both hold the same.
  if (here === 0 && github.openConflicts === 0 && pulls.every(({ state }) => state === 'done')) {
    return { here: 0, there: 0, isMerged: true, pullRequest: null, ...inPullRequest(github, operations) }
  }
  const isMerged = github.openConflicts === 0 && pulls.every(({ state }) => state === 'done')
  return { here, there, isMerged, pullRequest: null }
}

/** What is pushed and waits in the pull request: at least one commit when the branch does not hold our last push. */
function inPullRequest(
  { pullRequest, pushedOid, remote }: GithubStatus,
  operations: readonly SyncOperation[],
): Pick<Drift, 'here' | 'pullRequest'> | null {
  if (!pullRequest || pullRequest.state === 'merged' || !pushedOid || pushedOid === remote?.oid) return null
  const pushed = operations.filter(
    (operation) =>
      operation.direction === 'push' && operation.state === 'done' && operation.pullRequest === pullRequest.number,
  )
  const commits = pushed.reduce((sum, operation) => sum + (operation.commits ?? 0), 0)
  return { here: Math.max(1, commits), pullRequest: pullRequest.number }
}

/** What the drawing says, in a sentence. */
export function driftToWords({ here, there, isMerged, pullRequest }: Drift): string {
  if (pullRequest !== null)
    return `What was committed here waits in pull request ${pullRequest} to be merged on GitHub.`
  if (here === 0 && there === 0) return 'Both sides hold the same commits.'
  const ours = here > 0 ? `${countOf(here, 'commit')} here that GitHub has not confirmed` : null
  const theirs = there > 0 ? `${countOf(there, 'commit')} from GitHub, ${isMerged ? 'merged' : 'not merged yet'}` : null
  return `${[ours, theirs].filter(Boolean).join('; ')}.`
}

/** Dots along one line: at most `most`; the rest is said by a number. */
export function dotsOf(commits: number, most: number): { dots: number; more: number } {
  return commits <= most ? { dots: commits, more: 0 } : { dots: most - 1, more: commits - most + 1 }
}
