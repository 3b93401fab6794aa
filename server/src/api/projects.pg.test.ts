import { jobQueries } from '@skein/db'
import { afterAll, describe, expect, test } from 'vitest'
import { urlToName } from '../commands/projects/create-project.ts'
import { hearAnnounced } from './testing/announced.ts'
import { EventClient } from './testing/event-client.ts'
import { createProjectWorld } from './testing/project-world.ts'

const world = await createProjectWorld()
const announced = await hearAnnounced(world.database)
const ana = await world.owner('Ana')
const projects = `/api/v1/workspaces/${ana.workspace.id}/projects`
afterAll(() => {
  world.events.stop()
  expect(world.faults()).toEqual([])
})

describe('making a project', () => {
  test('empty, with a slug from its name that stays free of others', async () => {
    const { status, body } = await ana.browser.post(projects, { name: ' Field  notes ' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'Field  notes',
      slug: 'field-notes-2',
      state: 'ready',
      source: 'empty',
      role: 'owner',
      fileCount: 0,
      lastCommit: null,
      cloneUrl: 'http://localhost:3000/git/ana/field-notes-2.git',
      workspace: { slug: 'ana' },
    })
    expect(body.job).toBeUndefined()
  })

  test('from the demo template, whose files are text and wait for the first commit', async () => {
    const { body } = await ana.browser.post(projects, { template: 'demo' })
    expect(body).toMatchObject({ name: 'demo', source: 'template', fileCount: 4 })
    const { body: files } = await ana.browser.get(`/api/v1/projects/${body.id}/files`)
    expect(files.items.map(({ path }: { path: string }) => path)).toEqual([
      'site/index.html',
      'site/style.css',
      'weather.md',
      'welcome.md',
    ])
    const { body: status } = await ana.browser.get(`/api/v1/projects/${body.id}/status`)
    expect(status).toMatchObject({ head: null, changedFiles: { count: 4 }, github: { state: 'not-linked' }, jobs: [] })
    expect(status.changedFiles.paths).toContain('welcome.md')
    const { body: welcome } = await ana.browser.get(`/api/v1/projects/${body.id}/content/welcome.md`)
    expect(welcome.text).toMatch(/^# Welcome\. This file is live\.\n/)
  })

  test('from a Git address: it stands at once, named after it, and a job fills it', async () => {
    const { status, body } = await ana.browser.post(projects, {
      gitUrl: 'https://git.example.org/notes/sea%20ice.git',
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'sea ice',
      state: 'importing',
      source: 'git',
      sourceUrl: 'https://git.example.org/notes/sea%20ice.git',
    })
    const { body: job } = await ana.browser.get(`/api/v1/jobs/${body.job.id}`)
    expect(job).toMatchObject({ id: body.job.id, kind: 'import', state: 'queued', projectId: body.id, progress: null })
    const refused = await ana.browser.post(`/api/v1/projects/${body.id}/files`, { path: 'early.md' })
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'project-importing' } } })
  })

  test.each(['file:///etc', 'https://127.0.0.1/x.git', 'https://user:secret@git.example.org/x.git'])(
    'an address that may not be imported is refused at once: %s',
    async (gitUrl) => {
      const answer = await ana.browser.post(projects, { gitUrl })
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid-url' } } })
      expect(answer.body.error.hint).toBeTruthy()
    },
  )

  test.each([
    [{}, 'name: needs a name'],
    [{ name: '  ' }, 'name: needs a name'],
    [{ name: 'x'.repeat(81) }, 'name: is longer than 80 characters'],
    [
      { template: 'demo', gitUrl: 'https://example.org/x.git' },
      'A project begins from one thing: a template, a Git address or a GitHub repository.',
    ],
  ])('%j is refused', async (body, message) => {
    const answer = await ana.browser.post(projects, body)
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid-request', message } } })
  })

  test('names from addresses', () => {
    expect(urlToName('https://example.org/a/field.git')).toBe('field')
    expect(urlToName('https://example.org/a/field/')).toBe('field')
    expect(urlToName('https://example.org/a/50%.git?x=1')).toBe('50%')
  })

  test('a viewer and a token without the scope may not', async () => {
    const { token } = (await ana.browser.post(`/api/v1/workspaces/${ana.workspace.id}/invitations`, { role: 'viewer' }))
      .body
    const { browser } = await world.person('Vic')
    await browser.post(`/api/v1/invitations/${token}/accept`)
    expect(await browser.post(projects, { name: 'x' })).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    })
    expect((await browser.get(`/api/v1/projects/${ana.project.id}`)).body.role).toBe('viewer')
    const { send } = await world.program(ana.browser, { scopes: ['projects:read'] })
    expect(await send('POST', projects, { name: 'x' })).toMatchObject({
      status: 403,
      body: { error: { code: 'missing-scope' } },
    })
  })
})

describe('finding projects', () => {
  test('by id, and by workspace and project slug', async () => {
    const bo = await world.owner('Bo')
    const bySlug = await bo.browser.get('/api/v1/projects/bo%2Ffield-notes')
    expect(bySlug.body.id).toBe(bo.project.id)
    expect((await bo.browser.get('/api/v1/projects/bo%2Ffield-notes/files')).body.items).toEqual([])
    expect((await ana.browser.get('/api/v1/projects/bo%2Ffield-notes')).status).toBe(404)
  })

  test('newest first, page by page', async () => {
    const cy = await world.person('Cy')
    const base = `/api/v1/workspaces/cy/projects`
    for (const name of ['one', 'two', 'three', 'four']) await cy.browser.post(base, { name })
    const first = await cy.browser.get(`${base}?limit=3`)
    const second = await cy.browser.get(`${base}?limit=3&cursor=${first.body.nextCursor}`)
    const names = [...first.body.items, ...second.body.items].map(({ name }: { name: string }) => name)
    expect(names.slice(0, 4)).toEqual(['four', 'three', 'two', 'one'])
    expect(second.body.nextCursor).toBeUndefined()
  })

  test('its last change is the newest of its files', async () => {
    const di = await world.owner('Di')
    const before = (await di.call('GET', '')).body
    expect(before.changedAt).toBe(before.createdAt)
    await di.make('a.md')
    expect((await di.call('GET', '')).body.changedAt > before.changedAt).toBe(true)
  })
})

describe('changing a project', () => {
  test('renaming keeps its slug and tells those who have it open', async () => {
    const ed = await world.owner('Ed')
    expect((await ed.call('PATCH', '', { name: 'Sea notes' })).body).toMatchObject({
      name: 'Sea notes',
      slug: 'field-notes',
    })
    const [event] = await world.ask('select type, data from event where project_id = $1', [ed.project.id])
    expect(event).toEqual({ type: 'project', data: { name: 'Sea notes', state: 'ready' } })
  })

  test('deleting takes it from everybody, closes its documents, and frees its slug', async () => {
    const fi = await world.owner('Fi')
    expect((await fi.call('DELETE', '')).status).toBe(204)
    expect((await fi.call('GET', '')).status).toBe(404)
    expect((await fi.call('GET', '/files')).status).toBe(404)
    expect((await fi.call('DELETE', '')).status).toBe(404)
    await expect.poll(() => announced).toContainEqual({ is: 'project', id: fi.project.id })
    const again = await fi.browser.post(`/api/v1/workspaces/fi/projects`, { name: 'Field notes' })
    expect(again.body.slug).toBe('field-notes')
  })
})

const follow = async (browser: typeof ana.browser, job: string): Promise<EventClient> => {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return new EventClient(await world.app.request(`/api/v1/jobs/${job}/events`, { headers: { cookie } }))
}

describe('a job', () => {
  test('is cancelled, told as ended, and seen by members only', async () => {
    const gi = await world.owner('Gi')
    const { body } = await gi.browser.post('/api/v1/workspaces/gi/projects', {
      gitUrl: 'https://git.example.org/x.git',
    })
    const url = `/api/v1/jobs/${body.job.id}`
    expect((await ana.browser.get(url)).status).toBe(404)
    expect((await ana.browser.delete(url)).status).toBe(404)
    expect((await ana.browser.get(`${url}/events`)).status).toBe(404)
    expect((await gi.browser.delete(url)).body.state).toBe('cancelled')
    expect(await gi.browser.delete(url)).toMatchObject({ status: 409, body: { error: { code: 'job-ended' } } })
    const stream = await follow(gi.browser, body.job.id)
    await stream.ended()
    expect(stream.received).toMatchObject([{ type: 'job', data: { id: body.job.id, state: 'cancelled' } }])
  })

  test('is told to whoever follows it, from how it stands now to its end', async () => {
    const jo = await world.owner('Jo')
    const { body } = await jo.browser.post('/api/v1/workspaces/jo/projects', {
      gitUrl: 'https://git.example.org/y.git',
    })
    const stream = await follow(jo.browser, body.job.id)
    await stream.find(({ data }) => data.state === 'queued')
    let job = await jobQueries.claimJob(world.db.instance, 60_000)
    while (job && job.id !== body.job.id) job = await jobQueries.claimJob(world.db.instance, 60_000)
    const progress = { phase: 'Receiving objects', done: 10, total: 100, unit: 'objects' as const }
    await jobQueries.reportJob(world.db.instance, { id: body.job.id, attempts: 1 }, 60_000, progress)
    expect((await stream.find(({ data }) => data.progress !== null)).data).toMatchObject({ state: 'running', progress })
    await jobQueries.finishJob(world.db.instance, { id: body.job.id, attempts: 1 }, 'failed', {
      code: 'git-unreachable',
      message: 'The server did not answer.',
    })
    await stream.ended()
    expect(stream.received.at(-1)?.data).toMatchObject({ state: 'failed', error: { code: 'git-unreachable' } })
  })
})
