import { expect, test } from 'vitest'
import { githubSample as github } from './sync-samples.ts'
import { conditionOf, isConflictCode, isSecretCode, splitReason } from './way-out.ts'

const ways = (code: string, more = {}) => conditionOf(code, github({ state: 'held', ...more })).ways

const known = [
  'github-away',
  'github-rate-limited',
  'github-unauthorized',
  'github-declined',
  'github-renamed',
  'github-suspended',
  'github-installation-gone',
  'github-not-found',
  'github-archived',
  'github-forbidden',
  'github-workflows-permission',
  'github-protected-branch',
  'github-repository-rules',
  'github-file-too-large',
  'github-other',
  'push-refused',
  'remote-differs',
  'branch-deleted',
  'pull-request-closed',
]

test('every condition has a title and at least one way out, also one that is not known here', () => {
  for (const code of [...known, 'something-new']) {
    const condition = conditionOf(code, github({ state: 'held' }))
    expect(condition.title, code).toMatch(/\.$/)
    expect(condition.ways.length, code).toBeGreaterThan(0)
  }
})

test('what is to be mended on GitHub leads there, on its own host', () => {
  expect(ways('github-suspended')[0]).toMatchObject({ href: 'https://github.com/settings/installations/9' })
  const repository = { ...github().repository, url: 'https://git.example.org/riverside/field-notes' }
  expect(ways('github-suspended', { repository })[0]).toMatchObject({
    href: 'https://git.example.org/settings/installations/9',
  })
  expect(ways('github-archived')[0]).toMatchObject({ href: 'https://github.com/riverside/field-notes/settings' })
})

test('a protected branch is passed by a pull request, unless that is how work leaves already', () => {
  expect(ways('github-protected-branch', { mode: 'direct_commit' })[0]).toMatchObject({ do: 'pull-request' })
  expect(ways('github-protected-branch', { mode: 'protected_pr' }).map(({ do: what }) => what)).toEqual(['check'])
})

test('what passes by itself asks for nobody', () => {
  expect(known.filter((code) => conditionOf(code, github()).isPassing)).toEqual(known.slice(0, 5))
})

test('the first sentence of a reason is its title; without one the condition has its own', () => {
  const away = conditionOf('github-away', github())
  expect(splitReason('GitHub is away. It answered 503. Editing goes on.', away)).toEqual({
    title: 'GitHub is away.',
    rest: 'It answered 503. Editing goes on.',
  })
  expect(splitReason('“a.b/c.bin” (101 MiB) is too large.', away).title).toBe('“a.b/c.bin” (101 MiB) is too large.')
  expect(splitReason('', away)).toEqual({ title: 'GitHub is away.', rest: '' })
  expect(splitReason(`${'long '.repeat(60)}. Short.`, away).title).toBe('GitHub is away.')
})

test('secrets and conflicts have places of their own', () => {
  expect([isSecretCode('secret-found'), isSecretCode('github-away'), isSecretCode(undefined)]).toEqual([
    true,
    false,
    false,
  ])
  expect([isConflictCode('conflicts'), isConflictCode(undefined)]).toEqual([true, false])
})
