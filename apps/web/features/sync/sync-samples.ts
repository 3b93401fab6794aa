// Samples of what the server tells, for tests of words.

import type { GithubStatus, Oid, SyncOperation } from '@skein/protocol'

export const oidOf = (letter: string): Oid => letter.repeat(40) as Oid

export const githubSample = (more: Partial<GithubStatus> = {}): GithubStatus => ({
  state: 'pushed',
  repository: {
    fullName: 'riverside/field-notes',
    url: 'https://github.com/riverside/field-notes',
    branch: 'main',
    directory: '',
    repositoryId: 7,
    installationId: 9,
  },
  mode: 'protected_pr',
  modeReason: null,
  overlaps: 'ask',
  pausedBy: null,
  pushedOid: oidOf('a'),
  pushedAt: '2026-11-20T09:05:00Z',
  commitUrl: null,
  waitingCommits: 0,
  remote: { oid: oidOf('a'), checkedAt: '2026-11-20T09:12:00Z', nextCheckAt: '2026-11-20T09:12:30Z' },
  pullRequest: null,
  openConflicts: 0,
  quota: null,
  reason: null,
  ...more,
})

export const operationSample = (more: Partial<SyncOperation> = {}): SyncOperation => ({
  id: '1',
  direction: 'push',
  mode: 'protected_pr',
  trigger: 'snapshot',
  state: 'done',
  branch: 'main',
  oidBefore: oidOf('a'),
  oidAfter: oidOf('b'),
  commits: 2,
  files: 3,
  insertions: 12,
  deletions: 4,
  conflicts: 0,
  pullRequest: null,
  delivery: null,
  note: null,
  error: null,
  attempts: 1,
  quotaLeft: null,
  startedAt: '2026-11-20T09:12:00Z',
  finishedAt: '2026-11-20T09:12:01Z',
  ...more,
})
