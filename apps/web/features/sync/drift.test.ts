import { expect, test } from 'vitest'
import { dotsOf, driftOf, driftToWords } from './drift.ts'
import { githubSample as github, oidOf, operationSample as operation } from './sync-samples.ts'

const pull = (more = {}) => operation({ direction: 'pull', commits: 1, ...more })

test('everything pushed: both sides are the same, whatever was pulled before', () => {
  const drift = driftOf(github(), [pull({ startedAt: '2026-11-20T09:01:00Z' })])
  expect(drift).toEqual({ here: 0, there: 0, isMerged: true, pullRequest: null })
  expect(driftToWords(drift)).toBe('Both sides hold the same commits.')
})

test('commits here, and one of GitHub that is merged except for lines', () => {
  const drift = driftOf(github({ state: 'held', waitingCommits: 3, openConflicts: 2 }), [pull({ conflicts: 2 })])
  expect(drift).toEqual({ here: 3, there: 1, isMerged: false, pullRequest: null })
  expect(driftToWords(drift)).toBe(
    '3 commits here that GitHub has not confirmed; 1 commit from GitHub, not merged yet.',
  )
})

test('a pull that is still going on is not merged; one that is over is part of what goes out', () => {
  const waiting = github({ state: 'waiting', waitingCommits: 1 })
  expect(driftOf(waiting, [pull({ state: 'running', commits: 4 })])).toEqual({
    here: 1,
    there: 4,
    isMerged: false,
    pullRequest: null,
  })
  expect(driftOf(waiting, [pull({ commits: 4 })])).toEqual({ here: 1, there: 4, isMerged: true, pullRequest: null })
  expect(driftToWords({ here: 1, there: 4, isMerged: true, pullRequest: null })).toContain(
    '4 commits from GitHub, merged',
  )
})

test('pulls from before the last push, pushes, failed pulls and empty ones do not count', () => {
  const waiting = github({ state: 'waiting', waitingCommits: 2 })
  const others = [
    pull({ startedAt: '2026-11-20T09:00:00Z' }),
    operation({ commits: 5 }),
    pull({ state: 'failed', commits: 3 }),
    pull({ commits: 0 }),
  ]
  expect(driftOf(waiting, others)).toEqual({ here: 2, there: 0, isMerged: true, pullRequest: null })
  expect(driftToWords({ here: 2, there: 0, isMerged: true, pullRequest: null })).toBe(
    '2 commits here that GitHub has not confirmed.',
  )
})

test('a line shows few dots and the rest as a number', () => {
  expect(dotsOf(4, 4)).toEqual({ dots: 4, more: 0 })
  expect(dotsOf(2_000, 4)).toEqual({ dots: 3, more: 1_997 })
  expect(dotsOf(0, 4)).toEqual({ dots: 0, more: 0 })
})

test('what waits in a pull request is on GitHub, but not in its branch', () => {
  const pullRequest = { number: 41, title: 'Notes', url: 'https://github.com/o/r/pull/41', state: 'open' } as const
  const remote = { oid: oidOf('c'), checkedAt: null, nextCheckAt: null }
  const asked = github({ pullRequest, remote })
  const drift = driftOf(asked, [operation({ commits: 2, pullRequest: 41 }), operation({ commits: 9, pullRequest: 40 })])
  expect(drift).toEqual({ here: 2, there: 0, isMerged: true, pullRequest: 41 })
  expect(driftToWords(drift)).toContain('pull request 41')
  expect(driftOf(asked, []).here).toBe(1)
  expect(driftOf(github({ pullRequest }), []).here).toBe(0)
  expect(driftOf(github({ pullRequest: { ...pullRequest, state: 'closed' }, remote }), []).pullRequest).toBe(41)
  expect(driftOf(github({ pullRequest: { ...pullRequest, state: 'merged' }, remote }), []).pullRequest).toBeNull()
})
