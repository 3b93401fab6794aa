import type { GithubStatus, Oid } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { announcementOfGithub, committedFact, explainPushed, needInShort, pushedFact, savedFact } from './fact-words.ts'
import type { SavedState } from './saved-machine.ts'

const oid = '4f2a91c0000000000000000000000000000000ab' as Oid
const head = { oid, message: '', authorName: 'Ana', committedAt: '2026-11-20T09:00:00Z' }
const saved: SavedState = { kind: 'saved', device: 'stored' }
const saving: SavedState = { kind: 'saving', device: 'stored', changes: 0, isAcknowledged: false, isPaused: true }
const offline: SavedState = { kind: 'offline', device: 'stored', changes: 14, isUnsent: true, isPaused: true }
const github: GithubStatus = {
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
  pushedOid: oid,
  pushedAt: '2026-11-20T09:05:00Z',
  commitUrl: null,
  waitingCommits: 0,
  reason: null,
}
const changed = (count: number) => ({ count, paths: [] })

/** The whole thread in words, as it stands in the top bar. */
function thread(state: SavedState, files: number, remote: Partial<GithubStatus> = {}, withHead = true): string {
  const status = { head: withHead ? head : null, changedFiles: changed(files), github: { ...github, ...remote } }
  const committed = committedFact(status, state)
  const pushed = pushedFact(status, committed, () => '09:05')
  return [savedFact(state), committed, pushed].map(({ knot, words }) => `${knot}: ${words}`).join(' | ')
}

describe('three facts on one thread', () => {
  test('everything done', () => {
    expect(thread(saved, 0)).toBe('done: Saved | done: Committed 4f2a91c | done: Pushed')
  })

  test('work since the last commit', () => {
    expect(thread(saved, 4)).toBe('done: Saved | open: 4 files changed | open: Last push 09:05')
    expect(thread(saving, 1)).toBe('busy: Saving… | open: 1 file changed | open: Last push 09:05')
  })

  test('while anything before is not done, the facts speak of the past', () => {
    expect(thread(offline, 0)).toBe(
      'warn: Offline, 14 changes on this device | open: Last commit 4f2a91c | open: Last push 09:05',
    )
    expect(thread(saving, 0)).toBe('busy: Saving… | open: Last commit 4f2a91c | open: Last push 09:05')
  })

  test('GitHub away, held, on its way, not linked', () => {
    const reason = { code: 'github-unreachable', message: 'GitHub does not answer.', nextAt: null }
    expect(thread(saved, 0, { state: 'waiting', waitingCommits: 3, reason })).toContain(
      'warn: GitHub away, 3 commits waiting',
    )
    expect(thread(saved, 0, { state: 'waiting', waitingCommits: 1 })).toContain('busy: 1 commit waiting')
    expect(thread(saved, 0, { state: 'held', reason })).toContain('warn: Push held')
    expect(thread(saved, 0, { state: 'not-linked' })).toContain('open: Not linked to GitHub')
  })

  test('what needs a person, with its number; a branch of its own needs nobody', () => {
    expect(thread(saved, 0, { state: 'held', openConflicts: 2 })).toContain('warn: 2 lines to review before pushing')
    expect(thread(saved, 3, { state: 'waiting', openConflicts: 1 })).toContain('warn: 1 line to review before pushing')
    expect(thread(saved, 0, { openConflicts: 1, overlaps: 'branch' })).toContain('done: Pushed')
    const secret = { code: 'secret-found', message: 'A key.', nextAt: null }
    expect(thread(saved, 0, { state: 'held', reason: secret })).toContain('warn: Push held, possible secret')
    const pullRequest = { number: 41, title: 'Notes', url: 'https://github.com/o/r/pull/41', state: 'closed' } as const
    expect(thread(saved, 0, { state: 'held', pullRequest })).toContain('warn: Pull request 41 closed')
    expect(thread(saved, 0, { state: 'paused', openConflicts: 2 })).toContain('warn: Sync paused')
  })

  test('beside the first fact there is room for few words, and none while work is not saved', () => {
    const held: GithubStatus = { ...github, state: 'held', openConflicts: 2 }
    expect(needInShort(held, saved)).toBe('2 to review')
    expect(needInShort(held, saving)).toBe('2 to review')
    expect(needInShort(held, offline)).toBeNull()
    expect(needInShort({ ...held, openConflicts: 0 }, saved)).toBe('Held')
    const reason = { code: 'secret-found', message: 'A key.', nextAt: null }
    expect(needInShort({ ...held, openConflicts: 0, reason }, saved)).toBe('Secret?')
    expect(needInShort({ ...held, state: 'paused' }, saved)).toBeNull()
    expect(needInShort(github, saved)).toBeNull()
  })

  test('the details say what is safe before what waits', () => {
    expect(explainPushed({ ...github, state: 'held', openConflicts: 2 })).toMatch(/^Nothing was overwritten/)
    expect(explainPushed({ ...github, state: 'paused', pausedBy: 'Ben' })).toMatch(/^Ben paused the sync/)
    expect(explainPushed({ ...github, pushedOid: null })).toBe('Nothing was committed since the project was linked.')
  })

  test('screen readers hear when pushing waits for somebody and when it goes on, and nothing in between', () => {
    const held: GithubStatus = { ...github, state: 'held', openConflicts: 2 }
    expect(announcementOfGithub(github, held)).toBe('2 lines to review before pushing')
    expect(announcementOfGithub(held, { ...held, openConflicts: 1 })).toBe('1 line to review before pushing')
    expect(announcementOfGithub(held, held)).toBeNull()
    expect(announcementOfGithub(held, github)).toBe('Pushing goes on')
    expect(announcementOfGithub(github, { ...github, state: 'waiting', waitingCommits: 1 })).toBeNull()
  })

  test('pushed only when it is this very commit', () => {
    expect(thread(saved, 0, { pushedOid: null, pushedAt: null })).toContain('open: Nothing pushed yet')
  })

  test('a project without a commit', () => {
    expect(thread(saved, 0, { state: 'not-linked' }, false)).toBe(
      'done: Saved | open: No commit yet | open: Not linked to GitHub',
    )
  })

  test('offline with nothing unsent claims no changes', () => {
    expect(savedFact({ ...offline, changes: 0 }).words).toBe('Offline')
    expect(savedFact({ ...offline, changes: 1 }).words).toBe('Offline, 1 change on this device')
  })
})
