import { describe, expect, test } from 'vitest'
import { describeOperation, durationToWords, formatWhen, triggerToWords } from './operation-words.ts'
import { oidOf, operationSample as operation } from './sync-samples.ts'

const told = (more: Parameters<typeof operation>[0]) => {
  const { title, detail } = describeOperation(operation(more))
  return detail === '' ? title : `${title} | ${detail}`
}

describe('an operation in words', () => {
  test('pushes: where to, after how many tries', () => {
    expect(told({ pullRequest: 41 })).toBe('Pushed 2 commits | to pull request 41')
    expect(told({ commits: 1, attempts: 4 })).toBe('Pushed 1 commit | to main, 4 attempts')
    expect(told({ state: 'running', commits: 2_000 })).toBe('Pushing 2000 commits | to main')
    expect(told({ state: 'running', commits: null, branch: null })).toBe('Pushing')
  })

  test('pulls: files, and what is left for review', () => {
    expect(told({ direction: 'pull', commits: 1, conflicts: 2 })).toBe(
      'Pulled 1 commit | 3 files, 2 lines left for review',
    )
    expect(told({ direction: 'pull', commits: 1, files: 0 })).toBe('Pulled 1 commit | no file changed')
    expect(told({ direction: 'pull', commits: 0, files: null })).toBe('Nothing new on GitHub')
    expect(told({ direction: 'pull', state: 'running', commits: null, files: null })).toBe('Pulling')
  })

  test('what failed or was held says why, not what it would have done', () => {
    const error = { code: 'github-away', message: 'GitHub is away.' }
    expect(told({ state: 'failed', error })).toBe('Push not done | GitHub is away.')
    expect(told({ state: 'held', note: 'A key in site/map.ts, line 4' })).toBe(
      'Push held | A key in site/map.ts, line 4',
    )
    const rules = { code: 'github-protected-branch', message: 'main is protected. Let the App pass, then try again.' }
    expect(told({ state: 'held', error: rules })).toBe('Push held | main is protected.')
    expect(told({ direction: 'pull', state: 'failed', error })).toBe('Pull not done | GitHub is away.')
  })

  test('events: their first clause stands out, and their kind has an icon', () => {
    const event = (note: string) => describeOperation(operation({ direction: 'event', note, commits: null }))
    expect(event('Merged on GitHub: pull request 40 was squashed, the branch starts again from main')).toMatchObject({
      icon: 'merge',
      title: 'Merged on GitHub',
      detail: 'pull request 40 was squashed, the branch starts again from main',
    })
    expect(event('GitHub does not let the App in (it lacks “Pull requests: write”). Accept it.')).toMatchObject({
      title: 'GitHub does not let the App in (it lacks “Pull requests: write”)',
      detail: 'Accept it.',
    })
    expect(event('Ana let a possible secret pass.')).toMatchObject({ icon: 'shield', detail: '' })
    expect(event('Pull request 41 was closed')).toMatchObject({ icon: 'pull-request' })
    expect(event('The repository was renamed')).toMatchObject({ icon: 'event' })
  })

  test('oids before and after, or the one that stayed', () => {
    expect(describeOperation(operation()).oids).toBe('aaaaaaa → bbbbbbb')
    expect(describeOperation(operation({ oidBefore: null })).oids).toBe('bbbbbbb')
    expect(describeOperation(operation({ oidAfter: oidOf('a') })).oids).toBe('aaaaaaa')
    expect(describeOperation(operation({ oidBefore: null, oidAfter: null })).oids).toBe('')
  })
})

test('when it was, why it began and how long it took', () => {
  const now = new Date(2026, 10, 20, 10, 0)
  expect(formatWhen(new Date(2026, 10, 20, 9, 12).toISOString(), now)).toBe('09:12')
  expect(formatWhen(new Date(2026, 10, 19, 23, 50).toISOString(), now)).toBe('Yesterday')
  expect(formatWhen(new Date(2026, 9, 3).toISOString(), now)).toBe('3 Oct')
  expect(triggerToWords('webhook')).toBe('GitHub told of it')
  expect(triggerToWords('something-new')).toBe('something-new')
  expect(durationToWords(operation())).toBe('1.0 s')
  expect(durationToWords(operation({ finishedAt: '2026-11-20T09:24:00Z' }))).toBe('12 min')
  expect(durationToWords(operation({ finishedAt: null }))).toBeNull()
})
