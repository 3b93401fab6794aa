import type { GithubStatus, Project } from '@skein/protocol'
import { expect, test } from 'vitest'
import { projectToFact } from './project-fact.ts'

const now = new Date(2026, 10, 20, 10, 30)
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()

const project = (more: Partial<Project> = {}): Project =>
  ({
    createdAt: minutesAgo(60),
    changedAt: minutesAgo(20),
    lastCommit: { oid: 'a'.repeat(40), message: '', authorName: 'Ana', committedAt: minutesAgo(5) },
    ...more,
  }) as Project

const github = (more: Partial<GithubStatus>): GithubStatus => ({
  state: 'pushed',
  repository: null,
  mode: 'protected_pr',
  modeReason: null,
  overlaps: 'ask',
  pausedBy: null,
  remote: null,
  pullRequest: null,
  openConflicts: 0,
  quota: null,
  pushedOid: null,
  pushedAt: minutesAgo(4),
  commitUrl: null,
  waitingCommits: 0,
  reason: null,
  ...more,
})

test('a commit that holds everything fills the knot; GitHub only after it has confirmed', () => {
  expect(projectToFact(project(), null, now)).toMatchObject({ knot: 'done', words: 'Committed 5 min ago' })
  expect(projectToFact(project(), github({}), now)).toMatchObject({ knot: 'done', words: 'Pushed 4 min ago' })
  expect(projectToFact(project(), github({ pushedAt: null }), now)).toMatchObject({ knot: 'open' })
})

test('work since the last commit speaks of the past, whatever GitHub has', () => {
  const changed = project({ changedAt: minutesAgo(1) })
  expect(projectToFact(changed, github({}), now)).toMatchObject({
    knot: 'open',
    words: 'Last commit 5 min ago',
    detail: 'changed since',
  })
})

test('a push that needs a person is told before the work since', () => {
  const changed = project({ changedAt: minutesAgo(1) })
  expect(projectToFact(changed, github({ state: 'held', waitingCommits: 1 }), now).words).toBe('Push held')
})

test('lines to review are what a held push is about', () => {
  const held = (openConflicts: number) => projectToFact(project(), github({ state: 'held', openConflicts }), now).words
  expect([held(0), held(1), held(3)]).toEqual(['Push held', '1 line to review', '3 lines to review'])
})

test('what waits and what is held say so, with their number', () => {
  const reason = { code: 'github-unreachable', message: 'GitHub answered 503.', nextAt: null }
  const facts = [
    projectToFact(project(), github({ state: 'waiting', waitingCommits: 1 }), now),
    projectToFact(project(), github({ state: 'waiting', waitingCommits: 3, reason }), now),
    projectToFact(project(), github({ state: 'held', waitingCommits: 2, reason }), now),
  ]
  expect(facts).toEqual([
    { knot: 'busy', words: 'On the way to GitHub', detail: '1 commit waiting' },
    { knot: 'warn', words: 'GitHub away', detail: '3 commits waiting' },
    { knot: 'warn', words: 'Push held', detail: '2 commits waiting' },
  ])
})

test('a project without a commit, and one without a link', () => {
  expect(projectToFact(project({ lastCommit: null }), null, now)).toMatchObject({
    knot: 'open',
    detail: 'no commit yet',
  })
  expect(projectToFact(project(), github({ state: 'not-linked' }), now).words).toBe('Committed 5 min ago')
})
