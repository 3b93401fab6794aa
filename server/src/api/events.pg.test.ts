import { openDatabase } from '@skein/db'
import type { FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { PostgresEventHub } from '../adapters/events/postgres-event-hub.ts'
import { EventClient } from './testing/event-client.ts'
import { createProjectWorld } from './testing/project-world.ts'
import { PASSWORD } from './testing/world.ts'

const world = await createProjectWorld()
const streams: EventClient[] = []
afterAll(async () => {
  for (const stream of streams) await stream.close()
  world.events.stop()
  expect(world.faults()).toEqual([])
})

type Owner = Awaited<ReturnType<typeof world.owner>>

async function follow(
  owner: Pick<Owner, 'browser' | 'base'>,
  headers: Record<string, string> = {},
  query = '',
): Promise<EventClient> {
  const cookie = [...owner.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await world.app.request(`${owner.base}/events${query}`, { headers: { cookie, ...headers } })
  const stream = new EventClient(answer)
  streams.push(stream)
  return stream.opened()
}

const isPath = (path: string) => (event: { data: { files?: { path: string }[] } }) =>
  event.data.files?.some((file) => file.path === path) ?? false

describe('events of a project', () => {
  test('EV1: tell every open page what changed, with numbers by which a page resumes', async () => {
    const ana = await world.owner('Ana')
    const stream = await follow(ana)
    expect(stream.lastId).toBe(0)
    const [file] = await ana.make('a.md')
    const made = await stream.find(isPath('a.md'))
    expect(made).toMatchObject({
      id: 1,
      type: 'files-changed',
      data: { type: 'files-changed', files: [file], by: { name: 'Ana' }, treeVersion: 1 },
    })
    await stream.close()

    await ana.call('PATCH', `/files/${file.id}`, { path: 'b.md' })
    await ana.call('DELETE', `/files/${file.id}`)
    const resumed = await follow(ana, { 'last-event-id': String(stream.lastId) })
    await resumed.find(({ type }) => type === 'files-deleted')
    expect(resumed.received.filter(({ id }) => id !== null).map(({ id, type }) => [id, type])).toEqual([
      [2, 'files-changed'],
      [3, 'files-deleted'],
    ])
    const again = await follow(ana, {}, '?after=1')
    await again.find(({ id }) => id === 3)
  })

  test('EV2: come once and in order to pages that join in the middle of many changes', async () => {
    const bo = await world.owner('Bo')
    const joined: Promise<EventClient>[] = []
    const writing = (async () => {
      for (let n = 0; n < 60; n++) {
        if (n % 6 === 0) joined.push(follow(bo, {}, '?after=0'))
        await bo.make(`f${n}.md`)
      }
    })()
    await writing
    const clients = await Promise.all(joined)
    for (const stream of clients) {
      await stream.find(isPath('f59.md'))
      const ids = stream.received.flatMap(({ id }) => id ?? [])
      expect(ids).toEqual(Array.from({ length: 60 }, (_, n) => n + 1))
    }
  })

  test('EV3: say “reset” when what is missed is gone, or was never here', async () => {
    const cy = await world.owner('Cy')
    await cy.make('1.md', '2.md', '3.md')
    await world.ask('delete from event where project_id = $1 and seq <= 2', [cy.project.id])
    const late = await follow(cy, {}, '?after=1')
    expect(await late.find(({ type }) => type === 'reset')).toEqual({ id: 3, type: 'reset', data: { type: 'reset' } })
    const foreign = await follow(cy, { 'last-event-id': '99' })
    await foreign.find(({ type }) => type === 'reset')
    const kept = await follow(cy, {}, '?after=2')
    await kept.find(isPath('3.md'))
    await cy.make('4.md')
    for (const stream of [late, foreign, kept]) await stream.find(isPath('4.md'))
    expect(late.received.filter(isPath('3.md'))).toEqual([])
    expect(kept.received.map(({ type }) => type)).not.toContain('reset')
    const odd = await follow(cy, { 'last-event-id': 'nonsense' })
    expect(odd.lastId).toBe(4)
  })

  test('EV6: of a change of very many files come in parts', async () => {
    const di = await world.owner('Di')
    await world.ask(
      `insert into file (workspace_id, project_id, path, path_key, kind, created_by, changed_by)
       select $1, $2, 'big/' || n, 'big/' || n, 'binary', 'skein', 'skein' from generate_series(1, 1200) n`,
      [di.workspace.id, di.project.id],
    )
    const stream = await follow(di)
    expect((await di.call('POST', '/folders/move', { from: 'big', to: 'large' })).body.items).toHaveLength(1200)
    await stream.find(({ id }) => id === 3)
    expect(stream.received.filter(({ id }) => id !== null).map(({ data }) => data.files.length)).toEqual([
      500, 500, 200,
    ])
  })

  test('EV4: reach a process whose connection for notifications was cut, as soon as it has another', async () => {
    const le = await world.owner('Le')
    const stream = await follow(le)
    const cut = await world.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'`,
    )
    expect(cut.length).toBeGreaterThan(0)
    await le.make('while-away.md')
    await stream.find(isPath('while-away.md'))
  })

  test('EV6: are kept up to a bound', async () => {
    const mo = await world.owner('Mo')
    await world.ask(
      `insert into event (project_id, workspace_id, seq, type, data) select $1, $2, n, 'members', '{}' from generate_series(1, 2399) n`,
      [mo.project.id, mo.workspace.id],
    )
    await world.ask('update project set event_seq = 2399 where id = $1', [mo.project.id])
    await mo.make('a.md')
    const [kept] = await world.ask(
      'select min(seq)::int as first, count(*)::int as n from event where project_id = $1',
      [mo.project.id],
    )
    expect(kept).toEqual({ first: 401, n: 2000 })
    const late = await follow(mo, {}, '?after=400')
    await late.find(isPath('a.md'))
    expect(late.received.filter(({ id }) => id !== null)).toHaveLength(2000)
  })

  test('EV5: count the files that differ from the last commit, also when only texts changed', async () => {
    const ed = await world.owner('Ed')
    const stream = await follow(ed)
    await stream.find(({ type, data }) => type === 'changes' && data.count === 0)
    await ed.make('a.md', 'b.md')
    expect(await stream.find(({ type, data }) => type === 'changes' && data.count === 2)).toMatchObject({
      id: null,
      data: { head: null },
    })
    const later = await follow(ed)
    await later.find(({ type, data }) => type === 'changes' && data.count === 2)
  })

  test('EV2: reach other processes; EV5: what is told in one stays in it', async () => {
    const fi = await world.owner('Fi')
    const database = openDatabase(world.address)
    const other = new PostgresEventHub(database, (error) => world.faults().push(error))
    await other.start()
    try {
      const stream = await follow(fi)
      const project = { projectId: fi.project.id as ProjectId, workspaceId: fi.workspace.id as WorkspaceId }
      const people = [{ person: { id: 'user', name: 'Élodie “1” 🧶' }, fileIds: [crypto.randomUUID() as FileId] }]
      other.tell(project, { type: 'presence', people })
      const heard: unknown[] = []
      const stop = await other.subscribe(project, null, (event, id) => heard.push([event.type, id]))
      await fi.make('x.md')
      await stream.find(isPath('x.md'))
      await expect.poll(() => heard).toContainEqual(['files-changed', 1])
      expect(heard).toContainEqual(['presence', null])
      expect(stream.received.some(({ type }) => type === 'presence')).toBe(false)
      stop()
    } finally {
      other.stop()
      await database.close()
    }
  })
})

describe('access to events', () => {
  test('EV7: ends for whoever is taken out of the workspace, within moments, and for nobody else', async () => {
    const gi = await world.owner('Gi')
    const { token } = (await gi.browser.post('/api/v1/workspaces/gi/invitations', { role: 'viewer' })).body
    const guest = await world.person('Guest')
    await guest.browser.post(`/api/v1/invitations/${token}/accept`)
    const own = await follow(gi)
    const theirs = await follow({ browser: guest.browser, base: gi.base })
    await gi.make('seen.md')
    await theirs.find(isPath('seen.md'))
    expect((await gi.browser.delete(`/api/v1/workspaces/gi/members/${guest.userId}`)).status).toBe(204)
    await theirs.ended()
    await gi.make('after.md')
    await own.find(isPath('after.md'))
    expect(theirs.received.some(isPath('after.md'))).toBe(false)
    expect((await guest.browser.get(`${gi.base}/events`)).status).toBe(404)
  })

  test('EV7: ends when the session or the token that opened it does, and only then', async () => {
    const ky = await world.owner('Ky')
    const { id, token } = await world.program(ky.browser)
    const program = new EventClient(
      await world.app.request(`${ky.base}/events`, { headers: { authorization: `Bearer ${token}` } }),
    )
    const phone = world.browser()
    await phone.post('/api/auth/sign-in/email', { email: ky.email, password: PASSWORD })
    const [page, pageOnPhone] = [await follow(ky), await follow({ browser: phone, base: ky.base })]
    await ky.browser.delete(`/api/v1/tokens/${id}`)
    await phone.post('/api/auth/sign-out', {})
    await Promise.all([program.ended(), pageOnPhone.ended()])
    await ky.make('still-here.md')
    await page.find(isPath('still-here.md'))
  })

  test('EV7: ends when the project is deleted, after saying so', async () => {
    const hu = await world.owner('Hu')
    const stream = await follow(hu)
    await hu.call('DELETE', '')
    await stream.ended()
    expect(stream.received.at(-1)).toMatchObject({ type: 'project', data: { state: 'deleted' } })
  })

  test('EV6: a page that does not read is cut, and what waits for it is bounded', async () => {
    const io = await world.owner('Io')
    const cookie = [...io.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await world.app.request(`${io.base}/events`, { headers: { cookie } })
    const project = { projectId: io.project.id as ProjectId, workspaceId: io.workspace.id as WorkspaceId }
    const name = 'x'.repeat(50_000)
    await new Promise((resolve) => setTimeout(resolve, 200))
    for (let n = 0; n < 60; n++) {
      await world.db.inWorkspace(project.workspaceId, (tx) =>
        world.events.record(tx, project, { type: 'project', name, state: 'ready' }),
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
    let bytes = 0
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      bytes += value.length
    }
    expect(bytes).toBeGreaterThan(1024 * 1024 - 60_000)
    expect(bytes).toBeLessThan(1024 * 1024 + 60_000)
  })
})
