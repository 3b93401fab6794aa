import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { createGithubWorld, quiet } from './testing/github-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { github, control, createHost, makeRepository, calls } = await createGithubWorld()
const branches = { head: 'skein/site', base: 'main' }

afterEach(async () => {
  await control('PUT', 'outage', {})
  await control('PUT', 'rate-limit', {})
})

test('GS10: a repository is read by its number, and a rename is seen', async () => {
  const repository = await makeRepository({ defaultBranch: 'trunk' })
  const { api } = createHost()
  await control('PATCH', `repositories/${repository.repositoryId}`, { name: 'new-name' })
  expect(await api.readRepository(repository, quiet)).toMatchObject({
    ok: true,
    value: { fullName: 'acme/new-name', defaultBranch: 'trunk', archived: false, isPrivate: true },
  })
})

test('GS10: suspended, removed, hidden and without permission are told apart', async () => {
  const failureOf = async (repository: { installationId: number; repositoryId: number }) => {
    const read = await createHost().api.readRepository(repository, quiet)
    return read.ok ? null : read.failure.kind
  }
  const suspended = await makeRepository()
  await control('PATCH', `installations/${suspended.installationId}`, { suspended: true })
  expect(await failureOf(suspended)).toBe('suspended')
  const removed = await makeRepository()
  await control('DELETE', `installations/${removed.installationId}`)
  expect(await failureOf(removed)).toBe('installation-gone')
  const deleted = await makeRepository()
  await control('DELETE', `repositories/${deleted.repositoryId}`)
  expect(await failureOf(deleted)).toBe('not-found')
  expect(await failureOf(await makeRepository({ archived: true }))).toBeNull()
  const mute = await makeRepository({}, { contents: 'write' })
  expect(await createHost().api.findPullRequest(mute, mute.fullName, branches, quiet)).toEqual({
    ok: false,
    failure: { kind: 'forbidden', detail: 'it lacks the permission “Pull requests: write”' },
  })
})

test('GS11: the budget is told for each installation, and what has not changed is asked for by its ETag', async () => {
  const repository = await makeRepository()
  const { api, quotas } = createHost()
  await calls()
  const first = await api.readRepository(repository, quiet)
  const second = await api.readRepository(repository, quiet)
  await control('PATCH', `repositories/${repository.repositoryId}`, { archived: true })
  const third = await api.readRepository(repository, quiet)
  expect((await calls()).map((call) => call.split(' ').at(-1))).toEqual(['201', '200', '304', '200'])
  expect(quotas.map(([id]) => id)).toEqual(Array(3).fill(repository.installationId))
  expect(quotas[0]?.[1]).toEqual({ left: expect.any(Number), limit: 5000, resetsAt: expect.any(Date) })
  expect(first).toMatchObject({ ok: true, value: { quotaLeft: quotas[0]?.[1].left, archived: false } })
  expect(second).toMatchObject({ ok: true, value: { quotaLeft: quotas[1]?.[1].left, archived: false } })
  expect(third).toMatchObject({ ok: true, value: { archived: true } })
})

test('GS11: a token that GitHub does not believe any more is replaced once', async () => {
  const repository = await makeRepository()
  const { api } = createHost()
  expect((await api.readRepository(repository, quiet)).ok).toBe(true)
  await control('POST', 'tokens/expire')
  await calls()
  expect((await api.readRepository(repository, quiet)).ok).toBe(true)
  expect((await calls()).map((call) => call.split(' ').at(-1))).toEqual([
    '401',
    '201',
    expect.stringMatching('200|304'),
  ])
})

test('GS11: rate limits say until when, outages that they are outages, and none of it is tried again here', async () => {
  const repository = await makeRepository()
  const secondsOf = async (rateLimit: object) => {
    const { api } = createHost()
    await control('PUT', 'rate-limit', {})
    await api.readRepository(repository, quiet)
    await control('PUT', 'rate-limit', { rateLimit })
    await calls()
    const answer = await api.readRepository(repository, quiet)
    if (answer.ok || answer.failure.kind !== 'rate-limited') throw new Error('not rate limited')
    expect(await calls()).toHaveLength(1)
    return (answer.failure.until.getTime() - Date.now()) / 1000
  }
  const within = (seconds: number, [from, to]: [number, number]) => {
    expect(seconds).toBeGreaterThan(from)
    expect(seconds).toBeLessThanOrEqual(to)
  }
  within(await secondsOf({ kind: 'secondary', status: 429, retryAfterSeconds: 3000 }), [2900, 3000])
  within(await secondsOf({ kind: 'secondary', status: 403, retryAfterSeconds: null }), [0, 60])
  within(await secondsOf({ kind: 'primary', resetSeconds: 3000 }), [2900, 3001])
  await control('PUT', 'rate-limit', {})
  for (const status of [500, 502, null]) {
    const { api } = createHost()
    await api.readRepository(repository, quiet)
    await control('PUT', 'outage', { outage: { status } })
    await calls()
    expect(await api.readRepository(repository, quiet)).toMatchObject({ failure: { kind: 'unreachable' } })
    expect((await calls()).length).toBeLessThanOrEqual(1)
    await control('PUT', 'outage', {})
  }
})

test('a wrong key is told as such, and what is not GitHub as unreachable', async () => {
  const repository = await makeRepository()
  const wrong = createHost({ readApp: async () => ({ ...github.app, id: '1' }) })
  expect(await wrong.api.readRepository(repository, quiet)).toMatchObject({ failure: { kind: 'unauthorized' } })
  const page = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>'),
  )
  await once(page.listen(0, '127.0.0.1'), 'listening')
  const other = createHost({ apiUrl: `http://127.0.0.1:${(page.address() as AddressInfo).port}` })
  expect(await other.api.readRepository(repository, quiet)).toMatchObject({ failure: { kind: 'unreachable' } })
  page.close()
})

test('an App that is made while Skein runs is found, and one that is removed is not used any more', async () => {
  const repository = await makeRepository()
  let app: typeof github.app | null = null
  const { api } = createHost({ readApp: async () => app })
  expect(await api.readRepository(repository, quiet)).toMatchObject({ failure: { kind: 'unauthorized' } })
  app = { ...github.app, id: '1' }
  expect(await api.readRepository(repository, quiet)).toMatchObject({ failure: { kind: 'unauthorized' } })
  app = github.app
  expect((await api.readRepository(repository, quiet)).ok).toBe(true)
  app = null
  expect((await api.readRepository(repository, quiet)).ok).toBe(false)
})
