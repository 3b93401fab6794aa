// The one fact that a project shows in a list: the furthest on its thread, or what holds it up. A knot is filled only
// when everything that was written is in the commit that it tells of.

import type { GithubStatus, Project } from '@skein/protocol'
import type { KnotKind } from '../../components/knot.tsx'
import { formatAgo } from '../../lib/time.ts'

/** Words with a quieter detail; `at` is the instant they speak of. */
export type ProjectFact = { knot: KnotKind; words: string; detail?: string; at?: string }

function commitsWaiting(count: number): string {
  return count === 1 ? '1 commit waiting' : `${count} commits waiting`
}

function heldToFact(github: GithubStatus): ProjectFact {
  const { openConflicts } = github
  const words =
    openConflicts === 0 ? 'Push held' : openConflicts === 1 ? '1 line to review' : `${openConflicts} lines to review`
  return { knot: 'warn', words, detail: commitsWaiting(github.waitingCommits) }
}

function githubToFact(github: GithubStatus, now: Date): ProjectFact | null {
  switch (github.state) {
    case 'pushed':
      return github.pushedAt
        ? { knot: 'done', words: `Pushed ${formatAgo(github.pushedAt, now)}`, at: github.pushedAt }
        : { knot: 'open', words: 'Linked, nothing pushed yet' }
    case 'waiting':
      return github.reason
        ? { knot: 'warn', words: 'GitHub away', detail: commitsWaiting(github.waitingCommits) }
        : { knot: 'busy', words: 'On the way to GitHub', detail: commitsWaiting(github.waitingCommits) }
    case 'held':
      return heldToFact(github)
    case 'paused':
      return { knot: 'warn', words: 'Sync paused', detail: commitsWaiting(github.waitingCommits) }
    case 'not-linked':
      return null
    default:
      return github.state satisfies never
  }
}

/** The fact that a row shows; `github` is null while it is not known or not linked. */
export function projectToFact(project: Project, github: GithubStatus | null, now: Date): ProjectFact {
  const commit = project.lastCommit
  if (!commit) return { knot: 'open', words: `Created ${formatAgo(project.createdAt, now)}`, detail: 'no commit yet' }
  const ago = formatAgo(commit.committedAt, now)
  // What needs a person comes before everything else.
  if (github?.state === 'held') return heldToFact(github)
  if (new Date(project.changedAt) > new Date(commit.committedAt)) {
    return { knot: 'open', words: `Last commit ${ago}`, detail: 'changed since', at: commit.committedAt }
  }
  const pushed = github && githubToFact(github, now)
  return pushed ?? { knot: 'done', words: `Committed ${ago}`, at: commit.committedAt }
}
