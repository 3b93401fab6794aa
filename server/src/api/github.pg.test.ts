import path from 'node:path'
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test } from 'vitest'
import { PostgresGitStore } from '../adapters/git/postgres-git-store.ts'
import { InstallationTokens } from '../adapters/github/installation-tokens.ts'
import { GithubRestApi } from '../adapters/github/rest-api.ts'
import { createTestFolder, startGithub, testSearchPath } from '../testing/world.ts'
import { buildProjectWorld } from './testing/project-world.ts'

const database = await createTestDatabase()
const github = await startGithub()
const git = new PostgresGitStore({
  database: database.database,
  cacheDir: path.join(await createTestFolder(), 'repositories'),
  searchPath: testSearchPath,
})
const { apiUrl, app } = github
const tokens = new InstallationTokens({ apiUrl, readApp: async () => app })
const api = new GithubRestApi({ apiUrl, tokens, onQuota: () => {} })
const world = await buildProjectWorld(database, { git, github: api })
const ana = await world.owner('Ana')
afterAll(() => {
  world.events.stop()
  expect(world.faults()).toEqual([])
})

const { id: installationId } = await github.control<{ id: number }>('POST', 'installations', {
  permissions: { contents: 'write' },
})
const repository = await github.control<{ id: number; owner: string; name: string }>('POST', 'repositories', {
  installationId,
  name: 'field-notes',
})
const fullName = `${repository.owner}/${repository.name}`
const link = { installationId, repositoryId: repository.id }

test('a link is made, shown, asked to push again, and taken away', async () => {
  expect((await ana.call('GET', '/github/status')).body).toMatchObject({ state: 'not-linked', repository: null })
  await ana.make('a.md')
  const { body: commit } = await ana.call('POST', '/snapshots')
  const linked = await ana.call('POST', '/github/link', link)
  expect(linked).toMatchObject({
    status: 200,
    body: { state: 'waiting', repository: { fullName, branch: 'main' }, waitingCommits: 1 },
  })
  expect((await ana.call('GET', '/status')).body).toMatchObject({ head: { oid: commit.oid }, github: linked.body })
  expect(await ana.call('POST', '/github/link', link)).toMatchObject({
    status: 409,
    body: { error: { code: 'already-linked' } },
  })
  expect((await ana.call('POST', '/github/sync')).body).toMatchObject({ state: 'waiting' })
  expect((await ana.call('GET', '/github/operations')).body).toEqual({ items: [] })
  expect((await ana.call('DELETE', '/github/link')).body).toMatchObject({ state: 'not-linked' })
  for (const [method, url] of [
    ['DELETE', '/github/link'],
    ['POST', '/github/sync'],
  ] as const) {
    expect(await ana.call(method, url)).toMatchObject({ status: 409, body: { error: { code: 'not-linked' } } })
  }
})

test('operations are listed newest first, page by page, with their errors', async () => {
  await world.ask(
    `insert into sync_operation (project_id, workspace_id, direction, trigger, state, error_code, error_message, finished_at)
     select $1, $2, 'push', 'snapshot', 'failed', 'github-unreachable', 'GitHub did not answer (' || n || ').', now()
     from generate_series(1, 3) n`,
    [ana.project.id, ana.workspace.id],
  )
  const first = await ana.call('GET', '/github/operations?limit=2')
  const second = await ana.call('GET', `/github/operations?limit=2&cursor=${first.body.nextCursor}`)
  const all = [...first.body.items, ...second.body.items]
  expect(all.map(({ error }) => error.message)).toEqual([3, 2, 1].map((n) => `GitHub did not answer (${n}).`))
  expect(all[0]).toMatchObject({
    direction: 'push',
    state: 'failed',
    oidAfter: null,
    finishedAt: expect.stringMatching(/Z$/),
  })
  expect(second.body.nextCursor).toBeUndefined()
})

test('a repository that the App does not see, a branch that cannot be, and a foreign installation are refused in words', async () => {
  const unseen = await ana.call('POST', '/github/link', { installationId: 1, repositoryId: 1 })
  expect(unseen).toMatchObject({ status: 502, body: { error: { code: 'github-refused', hint: expect.any(String) } } })
  expect(await ana.call('POST', '/github/link', { ...link, branch: 'a..b' })).toMatchObject({ status: 400 })
  await ana.call('POST', '/github/link', link)
  const bo = await world.owner('Bo')
  expect(await bo.call('POST', '/github/link', link)).toMatchObject({
    status: 403,
    body: { error: { code: 'forbidden' } },
  })
})

test('an editor may ask for a push and make projects, and neither change a link nor make one with a new project', async () => {
  const { token } = (await ana.browser.post('/api/v1/workspaces/ana/invitations', { role: 'editor' })).body
  const { browser } = await world.person('Eve')
  await browser.post(`/api/v1/invitations/${token}/accept`)
  expect((await browser.post(`${ana.base}/github/sync`)).status).toBe(200)
  expect(await browser.post('/api/v1/workspaces/ana/projects', { name: 'Mine', github: link })).toMatchObject({
    status: 403,
    body: { error: { code: 'forbidden' } },
  })
  expect((await browser.post('/api/v1/workspaces/ana/projects', { name: 'Mine' })).status).toBe(201)
  expect(await browser.delete(`${ana.base}/github/link`)).toMatchObject({
    status: 403,
    body: { error: { code: 'forbidden' } },
  })
})

test('settings are changed one by one, by an admin; operations are filtered, read and tried again', async () => {
  const mei = await world.owner('Mei')
  const { id } = await github.control<{ id: number }>('POST', 'installations', { permissions: { contents: 'write' } })
  const made = await github.control<{ id: number }>('POST', 'repositories', { installationId: id, name: 'other-notes' })
  expect((await mei.call('POST', '/github/link', { installationId: id, repositoryId: made.id })).body).toMatchObject({
    mode: 'protected_pr',
    overlaps: 'ask',
  })
  expect((await mei.call('PATCH', '/github', { mode: 'hybrid', overlaps: 'branch' })).body).toMatchObject({
    mode: 'hybrid',
    overlaps: 'branch',
  })
  expect((await mei.call('PATCH', '/github', { paused: true })).body).toMatchObject({
    state: 'paused',
    pausedBy: 'Mei',
  })
  expect((await mei.call('PATCH', '/github', { paused: false })).body).toMatchObject({ pausedBy: null })
  expect(await mei.call('PATCH', '/github', { mode: 'force' })).toMatchObject({ status: 400 })
  const rows = await world.ask<{ id: string }>(
    `insert into sync_operation (project_id, workspace_id, direction, trigger, state, note)
     values ($1, $2, 'push', 'snapshot', 'held', 'kept back'), ($1, $2, 'pull', 'webhook', 'done', null) returning id`,
    [mei.project.id, mei.workspace.id],
  )
  const list = async (query: string) =>
    (await mei.call('GET', `/github/operations?${query}`)).body.items.map(
      ({ direction }: { direction: string }) => direction,
    )
  expect([
    await list(''),
    await list('state=held'),
    await list('direction=pull'),
    await list('state=done&direction=push'),
  ]).toEqual([['pull', 'push'], ['push'], ['pull'], []])
  const [held, done] = rows.map((row) => `/github/operations/${row.id}`)
  expect((await mei.call('GET', `${held}`)).body).toMatchObject({ state: 'held', note: 'kept back' })
  expect((await mei.call('POST', `${held}/retry`)).status).toBe(200)
  expect(await mei.call('POST', `${done}/retry`)).toMatchObject({ status: 400 })
  expect((await ana.call('GET', `${held}`)).status).toBe(404)
  const all = await mei.browser.post(`/api/v1/workspaces/${mei.workspace.id}/github/sync`, { state: 'all' })
  expect(all.body).toEqual({ projects: 1 })
  expect(await mei.call('POST', '/github/pull-request')).toMatchObject({ status: 200 })
})

test('a project is made from a repository, and stays linked to it', async () => {
  const { id } = await github.control<{ id: number }>('POST', 'installations', { permissions: { contents: 'write' } })
  const made = await github.control<{ id: number }>('POST', 'repositories', { installationId: id, name: 'from-github' })
  const answer = await ana.browser.post(`/api/v1/workspaces/${ana.workspace.id}/projects`, {
    github: { installationId: id, repositoryId: made.id },
  })
  expect(answer).toMatchObject({ status: 201, body: { name: 'from-github', state: 'importing', source: 'git' } })
  expect((await ana.browser.get(`/api/v1/projects/${answer.body.id}/github/status`)).body).toMatchObject({
    state: 'waiting',
    repository: { repositoryId: made.id },
  })
})
