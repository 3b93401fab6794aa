import { expect, test } from 'vitest'
import { type Asked, answerToFailure, networkToFailure } from './github-errors.ts'

const now = new Date('2026-03-01T12:00:00Z')
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const epoch = (seconds: number) => String(now.getTime() / 1000 + seconds)
type Headers = Record<string, string>

/** What was asked, what GitHub answered, and what is made of it. */
const table: [Asked, number, string, Headers, unknown][] = [
  ['repository', 301, 'Moved Permanently', {}, { kind: 'renamed' }],
  ['repository', 307, 'Temporary Redirect', {}, { kind: 'renamed' }],
  ['git', 301, '', {}, { kind: 'renamed' }],
  ['repository', 401, 'Bad credentials', {}, { kind: 'unauthorized' }],
  ['token', 401, 'A JSON web token could not be decoded', {}, { kind: 'unauthorized' }],
  ['token', 403, 'This installation has been suspended', {}, { kind: 'suspended' }],
  ['git', 403, 'This installation has been suspended.', {}, { kind: 'suspended' }],
  ['git', 403, 'This repository was archived so it is read-only.', {}, { kind: 'archived' }],
  ['repository', 403, 'Repository was archived so is read-only.', {}, { kind: 'archived' }],
  [
    'repository',
    403,
    'Resource not accessible by integration',
    {},
    { kind: 'forbidden', detail: 'Resource not accessible by integration' },
  ],
  [
    'git',
    403,
    'Write access to repository not granted.',
    {},
    { kind: 'forbidden', detail: 'Write access to repository not granted.' },
  ],
  ['repository', 451, 'Repository access blocked', {}, { kind: 'forbidden', detail: 'Repository access blocked' }],
  ['repository', 404, 'Not Found', {}, { kind: 'not-found' }],
  ['git', 404, 'Repository not found.', {}, { kind: 'not-found' }],
  ['installation', 404, 'Not Found', {}, { kind: 'installation-gone' }],
  ['token', 404, 'Not Found', {}, { kind: 'installation-gone' }],
  [
    'token',
    422,
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
    {},
    { kind: 'not-found' },
  ],
  [
    'token',
    422,
    'The permissions requested are not granted to this installation.',
    {},
    { kind: 'forbidden', detail: 'The permissions requested are not granted to this installation.' },
  ],
  [
    'repository',
    422,
    'Validation Failed: No commits between a and b',
    {},
    { kind: 'declined', detail: '422: Validation Failed: No commits between a and b' },
  ],
  ['repository', 409, 'Conflict', {}, { kind: 'declined', detail: '409: Conflict' }],
  ['repository', 400, 'Problems parsing JSON', {}, { kind: 'declined', detail: '400: Problems parsing JSON' }],
  [
    'repository',
    429,
    'You have exceeded a secondary rate limit',
    { 'retry-after': '30' },
    { kind: 'rate-limited', until: inSeconds(30) },
  ],
  ['repository', 403, 'You have exceeded a secondary rate limit', {}, { kind: 'rate-limited', until: inSeconds(60) }],
  ['repository', 429, '', { 'retry-after': 'soon' }, { kind: 'rate-limited', until: inSeconds(60) }],
  [
    'repository',
    403,
    'API rate limit exceeded',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch(500) },
    { kind: 'rate-limited', until: inSeconds(500) },
  ],
  [
    'repository',
    403,
    'API rate limit exceeded',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch(-5) },
    { kind: 'rate-limited', until: now },
  ],
  ['repository', 429, '', { 'retry-after': '1e12' }, { kind: 'rate-limited', until: inSeconds(86_400) }],
  ['git', 429, 'You have exceeded a secondary rate limit.', {}, { kind: 'rate-limited', until: inSeconds(60) }],
  ['repository', 408, '', {}, { kind: 'unreachable', detail: 'It answered 408.' }],
  ['repository', 500, 'Server Error', {}, { kind: 'unreachable', detail: 'It answered 500.' }],
  ['git', 502, '', {}, { kind: 'unreachable', detail: 'It answered 502.' }],
  ['token', 503, '', {}, { kind: 'unreachable', detail: 'It answered 503.' }],
]

test.each(table)('GS11: %s, %i “%s” is told as what it is', (asked, status, message, headers, failure) => {
  const header = (name: string) => headers[name] ?? null
  expect(answerToFailure({ status, header, message }, asked, now)).toEqual(failure)
})

test('GS11: a long answer is cut', () => {
  const failure = answerToFailure({ status: 403, header: () => null, message: 'x'.repeat(9999) }, 'git', now)
  expect(failure).toEqual({ kind: 'forbidden', detail: 'x'.repeat(300) })
})

test('GS11: connections that do not come about are told with their code, however deep it stands', () => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const wrapped = new Error('library', { cause: new TypeError('fetch failed', { cause: refused }) })
  expect(networkToFailure(wrapped)).toEqual({ kind: 'unreachable', detail: 'It could not be reached (ECONNREFUSED).' })
  const late = new Error('library', { cause: new DOMException('late', 'TimeoutError') })
  expect(networkToFailure(late)).toEqual({ kind: 'unreachable', detail: 'It did not answer in time.' })
  expect(networkToFailure(new Error('x'))).toEqual({ kind: 'unreachable', detail: 'It could not be reached.' })
  const round: { cause?: unknown } = {}
  round.cause = round
  expect(networkToFailure(round)).toMatchObject({ kind: 'unreachable' })
})
