import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deliveryQueries } from '@skein/db'
import { afterEach, expect, test } from 'vitest'
import { OctokitSentDeliveries } from '../adapters/github-app/octokit-sent-deliveries.ts'
import { createGithubAppWorld } from '../api/testing/github-app-world.ts'
import { recoverMissedDeliveries } from '../commands/deliveries/missed-deliveries.ts'
import { workDelivery } from '../commands/deliveries/work-delivery.ts'
import { createApiDoor } from '../services/api.ts'
import { DeliveryLoop, type DeliveryLoopOptions } from './delivery-loop.ts'

const world = await createGithubAppWorld({ isBySettings: true })
const { github, ask, db, apps, account } = world
const sent = new OctokitSentDeliveries({ apiUrl: github.apiUrl })
const never = new AbortController().signal
const faults: unknown[] = []
const loops: DeliveryLoop[] = []

/** Waits for what comes in its time: other tests may hold the machine. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 25_000 })

async function startLoop(more: Partial<DeliveryLoopOptions> = {}): Promise<DeliveryLoop> {
  const loop = new DeliveryLoop({
    db,
    work: (delivery, signal) => workDelivery({ db, apps, account }, delivery, signal),
    recoverMissed: (signal) => recoverMissedDeliveries({ db, apps, sent }, signal),
    logFault: (error) => faults.push(error),
    pollMs: 100,
    leaseMs: 1000,
    ...more,
  })
  loops.push(loop)
  await loop.start()
  return loop
}
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.drain()))
  await github.setOutage(null)
  await github.setHookWeather()
  await ask('delete from delivery')
  await ask(`delete from instance_setting where key = 'delivery_sweep'`)
  expect(faults.splice(0)).toEqual([])
})

let numbers = 500
/** A project in a workspace of its own, linked to a repository through an installation that the workspace has. */
async function makeLink({ installation = 0, repository = 0, paused = false } = {}) {
  numbers += 1
  const key = { installation: installation || numbers, repository: repository || numbers + 100_000 }
  const [workspace] = await ask<{ id: string }>(`insert into workspace (slug, name) values ($1, 'W') returning id`, [
    `w-${randomUUID()}`,
  ])
  const [project] = await ask<{ id: string }>(
    `insert into project (workspace_id, slug, name, created_by) values ($1, 'p', 'P', 'ana') returning id`,
    [workspace?.id],
  )
  await ask(
    `insert into github_link (project_id, workspace_id, installation_id, repository_id, full_name, html_url, branch, created_by, paused_at)
     values ($1, $2, $3, $4, 'acme/site', 'https://github.example/acme/site', 'main', 'ana', case when $5 then now() end)`,
    [project?.id, workspace?.id, key.installation, key.repository, paused],
  )
  await ask(
    'insert into github_installation (installation_id, owner_workspace) values ($1, $2) on conflict do nothing',
    [key.installation, workspace?.id],
  )
  const asked = async () =>
    (
      await ask('select check_reason as reason, is_deep as deep, delivery from outbox where project_id = $1', [
        project?.id,
      ])
    )[0] ?? null
  return { ...key, project: project?.id as string, asked }
}

const deliver = async (event: string, facts: Partial<deliveryQueries.NewDelivery> = {}): Promise<string> => {
  const id = randomUUID()
  const nothing = { action: null, installationId: null, repositoryId: null, ref: null }
  await deliveryQueries.receiveDelivery(db.instance, { ...nothing, id, event, ...facts })
  return id
}
const stateOf = async (id: string) =>
  (await ask<{ state: string }>('select state from delivery where id = $1', [id]))[0]?.state
const installationOf = async (id: number) =>
  (
    await ask(
      `select account, permissions, suspended_at is not null as suspended, removed_at is not null as removed
       from github_installation where installation_id = $1`,
      [id],
    )
  )[0]

test('DV4: every event asks the projects of its repository to look, at branches or at everything, and no others', async () => {
  const repository = 90_001
  const links = [await makeLink({ repository }), await makeLink({ repository })]
  const other = await makeLink()
  const paused = await makeLink({ repository, paused: true })
  await startLoop()
  const events: [string, { deep: boolean } | null][] = [
    ['push', { deep: false }],
    ['create', { deep: false }],
    ['delete', { deep: false }],
    ['pull_request', { deep: true }],
    ['check_suite', { deep: true }],
    ['repository', { deep: true }],
    ['branch_protection_rule', { deep: true }],
    ['repository_ruleset', { deep: true }],
    ['ping', null],
    ['meta', null],
    ['github_app_authorization', null],
    ['star', null],
    ['constructor', null],
  ]
  for (const [event, expected] of events) {
    await ask('delete from outbox')
    const id = await deliver(event, { repositoryId: repository, installationId: links[0]?.installation ?? null })
    await eventually(() => stateOf(id)).toBe('done')
    for (const link of links)
      expect(await link.asked(), event).toEqual(expected && { reason: 'webhook', deep: expected.deep, delivery: id })
    expect([await other.asked(), await paused.asked()], event).toEqual([null, null])
  }
})

test('DV4: what names no repository concerns all that the installation reaches; what names nothing concerns nobody', async () => {
  const [one, other] = [await makeLink(), await makeLink()]
  await startLoop()
  const ruleset = await deliver('repository_ruleset', { installationId: one.installation })
  const thin = await deliver('push')
  await eventually(async () => [await stateOf(ruleset), await stateOf(thin)]).toEqual(['done', 'done'])
  expect(await one.asked()).toMatchObject({ reason: 'webhook', deep: true })
  expect(await other.asked()).toBe(null)
})

test('DV5: what happens to an installation is read from GitHub, so deliveries in the wrong order end in the same place', async () => {
  const { id } = await github.createInstallation({ account: 'acme' })
  const link = await makeLink({ installation: id })
  await startLoop()
  const told = async (event: string, action: string) => {
    const delivery = await deliver(event, { action, installationId: id })
    await eventually(() => stateOf(delivery)).toBe('done')
  }
  await github.changeInstallation(id, { suspended: true })
  await told('installation', 'suspend')
  expect(await installationOf(id)).toMatchObject({ account: 'acme', suspended: true, removed: false })
  expect(await link.asked()).toMatchObject({ reason: 'webhook', deep: true })
  // It was lifted in between: the older delivery comes last, and changes nothing.
  await github.changeInstallation(id, { suspended: false, permissions: { contents: 'read' } })
  await told('installation', 'unsuspend')
  await told('installation', 'suspend')
  expect(await installationOf(id)).toMatchObject({ suspended: false, permissions: { contents: 'read' } })
  await github.changeInstallation(id, { account: 'acme-renamed', permissions: { contents: 'write' } })
  await told('installation_target', 'renamed')
  await told('installation', 'new_permissions_accepted')
  expect(await installationOf(id)).toMatchObject({ account: 'acme-renamed', permissions: { contents: 'write' } })
  await ask('delete from outbox')
  await told('installation_repositories', 'removed')
  expect(await link.asked()).toMatchObject({ deep: true })
  await github.deleteInstallation(id)
  await told('installation', 'created')
  expect(await installationOf(id)).toMatchObject({ account: 'acme-renamed', removed: true })
  // One that no workspace has leaves no row.
  await told('installation', 'deleted')
  const unclaimed = await deliver('installation', { action: 'created', installationId: 4_000_000_001 })
  await eventually(() => stateOf(unclaimed)).toBe('done')
  expect(await installationOf(4_000_000_001)).toBe(undefined)
})

test('DV6: a delivery is done when its work is durable: a worker that dies before that leaves it to another', async () => {
  const link = await makeLink()
  let died = 0
  const first = await startLoop({
    leaseMs: 300,
    work: () => {
      died += 1
      return new Promise(() => {})
    },
  })
  const id = await deliver('push', { repositoryId: link.repository })
  await eventually(() => died).toBeGreaterThan(0)
  expect(await stateOf(id)).toBe('received')
  // As a kill leaves it: the loop is gone, its lease runs out.
  loops.splice(loops.indexOf(first), 1)
  void first.drain()
  await startLoop()
  await eventually(() => stateOf(id)).toBe('done')
  expect(await link.asked()).toMatchObject({ delivery: id })
  expect(await ask('select attempts >= 2 as again from delivery where id = $1', [id])).toEqual([{ again: true }])
})

test('DV6: dying after the projects were asked and before it is marked asks them once more, which is the same', async () => {
  const link = await makeLink()
  const id = await deliver('push', { repositoryId: link.repository })
  const [row] = await Promise.all([db.onInstance((tx) => deliveryQueries.claimDelivery(tx, 1))])
  const cut = new Proxy(db, {
    get: (target, name) =>
      name === 'instance'
        ? {
            query: (text: string, values: unknown[]) =>
              text.includes(`state = 'done'`)
                ? Promise.reject(new Error('killed'))
                : target.instance.query(text, values),
          }
        : Reflect.get(target, name),
  })
  await expect(workDelivery({ db: cut, apps, account }, row as deliveryQueries.DeliveryRow, never)).rejects.toThrow(
    'killed',
  )
  expect(await link.asked()).toMatchObject({ delivery: id })
  expect(await stateOf(id)).toBe('received')
  await startLoop()
  await eventually(() => stateOf(id)).toBe('done')
  expect(await link.asked()).toMatchObject({ delivery: id })
})

test('DV7: while GitHub does not answer, a delivery that needs it waits, with the reason, and is worked on later', async () => {
  const { id } = await github.createInstallation({ account: 'acme' })
  await makeLink({ installation: id })
  await github.setOutage({ on: 'api', status: 503 })
  await startLoop()
  const delivery = await deliver('installation', { action: 'suspend', installationId: id })
  const push = await deliver('push', { repositoryId: 1 })
  await eventually(async () => (await ask('select error from delivery where id = $1', [delivery]))[0]?.error).toContain(
    'GitHub is away',
  )
  await eventually(() => stateOf(push)).toBe('done')
  expect(await stateOf(delivery)).toBe('received')
  await github.setOutage(null)
  await ask('update delivery set next_at = now() where id = $1', [delivery])
  await eventually(() => stateOf(delivery)).toBe('done')
  expect(await installationOf(id)).toMatchObject({ account: 'acme' })
})

test('DV7: a fault of our own keeps no other delivery back, and is tried again with growing waits', async () => {
  const link = await makeLink()
  let isBroken = true
  await startLoop({
    work: (delivery, signal) => {
      if (isBroken && delivery.event === 'pull_request') throw new Error('broken')
      return workDelivery({ db, apps, account }, delivery, signal)
    },
  })
  const bad = await deliver('pull_request', { repositoryId: link.repository })
  const good = await deliver('push', { repositoryId: link.repository })
  await eventually(() => stateOf(good)).toBe('done')
  await eventually(async () => (await ask('select error from delivery where id = $1', [bad]))[0]?.error).toContain(
    'in the log',
  )
  const [waiting] = await ask('select next_at > now() as later from delivery where id = $1', [bad])
  expect([waiting, faults.splice(0).length]).toEqual([{ later: true }, 1])
  isBroken = false
  await ask('update delivery set next_at = now() where id = $1', [bad])
  await eventually(() => stateOf(bad)).toBe('done')
})

test('DV8: what GitHub could not bring is taken up from its own list, by one node in an hour', async () => {
  const { id } = await github.createInstallation({ account: 'acme' })
  const { id: repository } = await github.createRepository({ installationId: id, name: 'missed', files: [] })
  const link = await makeLink({ installation: id, repository })
  await github.changeApp({ hook: { url: 'http://127.0.0.1:9/webhooks/github' } })
  await github.setHookWeather({ lose: 'failed' })
  await github.commit(repository, { files: [{ path: 'a.txt', content: 'a' }] })
  const [lost] = (await github.readDeliveries()).deliveries.filter(({ event }) => event === 'push')
  expect(lost?.status_code).toBe(504)
  const listings = async () => (await github.readCalls()).filter((call) => call.includes('/app/hook/deliveries')).length
  const before = await listings()
  await Promise.all([startLoop(), startLoop()])
  await eventually(() => stateOf(lost?.guid as string)).toBe('done')
  expect(await link.asked()).toMatchObject({ delivery: lost?.guid })
  expect(await listings()).toBe(before + 1)
  // Those that are here are left alone.
  expect(await recoverMissedDeliveries({ db, apps, sent }, never)).toBe(0)
})

test('DV8: GitHub’s list is read a thousand deliveries far, and no further', async () => {
  const pages: (string | null)[] = []
  const one = { event: 'push', action: null, installationId: null, repositoryId: 1, ref: null, hasArrived: false }
  const endless = {
    list: async (_: unknown, cursor: string | null) => {
      pages.push(cursor)
      return { ok: true as const, value: { deliveries: [{ ...one, id: randomUUID() }], next: `after-${pages.length}` } }
    },
  }
  expect(await recoverMissedDeliveries({ db, apps, sent: endless }, never)).toBe(10)
  expect(pages).toEqual([null, ...Array.from({ length: 9 }, (_, at) => `after-${at + 1}`)])
})

test('DV9: deliveries older than 30 days go, done or not', async () => {
  const [old, young] = [await deliver('push'), await deliver('push')]
  await ask(`update delivery set received_at = now() - interval '31 days' where id = $1`, [old])
  await ask(`update delivery set received_at = now() - interval '29 days' where id = $1`, [young])
  await ask(`insert into delivery_rejection values (now() - interval '31 days', 5)`)
  await startLoop()
  await eventually(() => stateOf(old)).toBe(undefined)
  expect(await stateOf(young)).not.toBe(undefined)
  expect(await ask('select from delivery_rejection where count = 5')).toEqual([])
})

test('GS2: lost, doubled, reordered and thin deliveries of the stand-in all end in a look at GitHub', async () => {
  const door = createApiDoor(world.app)
  const server = createServer((request, response) => void door.handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await github.changeApp({ hook: { url: `http://127.0.0.1:${port}/webhooks/github` } })
  const { id } = await github.createInstallation({ account: 'acme' })
  const { id: repository } = await github.createRepository({ installationId: id, name: 'weather', files: [] })
  const link = await makeLink({ installation: id, repository })
  await startLoop()
  const weathers = [{}, { copies: 3 }, { reorder: 2 }, { thin: true }]
  for (const [at, weather] of weathers.entries()) {
    await github.setHookWeather(weather)
    await ask('delete from outbox')
    for (const name of ['a', 'b']) {
      await github.commit(repository, { files: [{ path: `${name}.txt`, content: `${at}` }] })
    }
    await eventually(() => link.asked()).toMatchObject({ reason: 'webhook' })
    await eventually(async () => (await ask(`select from delivery where state = 'received'`)).length).toBe(0)
  }
  const told = (await github.readDeliveries()).deliveries
  expect(told.filter(({ status_code: status }) => status === 202).length).toBeGreaterThanOrEqual(8)
  await github.changeApp({ hook: { url: null } })
  server.closeAllConnections()
  server.close()
})

test('DV9: what is old of deliveries and of sync goes, however much it is; what still matters stays', async () => {
  await makeLink()
  const [project] = await ask<{ id: string; workspace_id: string }>(
    'select id, workspace_id from project order by id desc limit 1',
  )
  const at = [project?.id, project?.workspace_id]
  await ask(
    `insert into delivery (id, event, received_at, state)
     select 'old-' || n, 'push', now() - interval '31 days', 'done' from generate_series(1, 12) n
     union all select 'young', 'push', now() - interval '29 days', 'done'`,
  )
  await ask(
    `insert into sync_operation (project_id, workspace_id, direction, trigger, state, branch, started_at)
     select $1, $2, 'push', 'snapshot', 'done', n::text, now() - case when n > 208 then interval '1 day' else interval '91 days' end
     from generate_series(1, 211) n`,
    at,
  )
  const pulls = await ask<{ id: string }>(
    `insert into pull (project_id, workspace_id, kind, theirs_oid, state, finished_at)
     select $1, $2, 'merge', n::text, state, now() - age
     from (values (1, 'done', interval '91 days'), (2, 'done', interval '91 days'), (3, 'abandoned', interval '1 day'), (4, 'applying', null))
       as p (n, state, age) returning id`,
    at,
  )
  await ask(
    `insert into conflict (project_id, workspace_id, pull_id, kind, what, path, remote_oid, state, resolved_at, created_at)
     select $1, $2, $3::uuid, 'lines', 'lines', path, 'x', state, now() - age, now() - interval '100 days'
     from (values ('open.md', 'open', null), ('old.md', 'resolved', interval '91 days'), ('young.md', 'resolved', interval '1 day'))
       as c (path, state, age)`,
    [...at, pulls[1]?.id],
  )
  await ask(
    `insert into secret_finding (project_id, workspace_id, commit_oid, blob_oid, path, line, rule, message, fingerprint, state, created_at)
     select $1, $2, 'x', 'y', state, 1, 'key', 'A key.', '\\x01', state, now() - interval '91 days'
     from unnest(array['open', 'released', 'gone']) state`,
    at,
  )
  await startLoop({ sweptAtOnce: 5 })
  const left = async (column: string, table: string) =>
    (
      await ask<{ value: string }>(`select ${column} as value from ${table} where project_id = $1 order by 1`, [at[0]])
    ).map(({ value }) => value)
  await eventually(async () => (await ask(`select from delivery where id like 'old-%'`)).length).toBe(0)
  expect(await ask(`select from delivery where id = 'young'`)).toHaveLength(1)
  await eventually(() => left('theirs_oid', 'pull')).toEqual(['2', '3', '4'])
  // The newest 200 stay, whatever their age.
  const operations = async () => (await left('branch::integer', 'sync_operation')).map(Number)
  await eventually(async () => (await operations()).length).toBe(200)
  expect((await operations())[0]).toBe(12)
  expect(await left('path', 'conflict')).toEqual(['open.md', 'young.md'])
  expect(await left('state', 'secret_finding')).toEqual(['open', 'released'])
})
