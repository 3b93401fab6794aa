import { randomUUID } from 'node:crypto'
import { seedProject } from '@skein/db/testing'
import type { UserId, WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { createGithubAppWorld } from './testing/github-app-world.ts'
import { signDelivery } from './testing/signed-delivery.ts'

const world = await createGithubAppWorld({ isBySettings: true })
const { ask, github } = world
const ana = await world.person('Ana')
const seed = async (slug: string) => {
  const workspace = randomUUID() as WorkspaceId
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [workspace, slug])
  return seedProject(ask, { user: `user-${slug}` as UserId, email: `${slug}@example.org`, workspace, slug })
}
const [one, two] = [await seed('one'), await seed('two')]
const admin = '/api/v1/admin/github'

test('DV12: the admin sees the operations of all workspaces, newest first, page by page, by state, and nothing of what is in them', async () => {
  for (const { project, workspace } of [one, two, one]) {
    await ask(
      `insert into sync_operation (project_id, workspace_id, direction, trigger, state, oid_after, finished_at) values ($1, $2, 'pull', 'webhook', 'done', $3, now())`,
      [project, workspace, 'a'.repeat(40)],
    )
  }
  const all = await ana.browser.get(`${admin}/operations`)
  expect(all.body.items.map(({ workspace }: { workspace: { slug: string } }) => workspace.slug)).toEqual([
    'one',
    'two',
    'one',
    'two',
    'one',
  ])
  expect(all.body.items.at(-1)).toMatchObject({
    id: one.operation,
    direction: 'push',
    state: 'failed',
    project: { id: one.project, slug: 'notes', name: 'Notes' },
    workspace: { slug: 'one', name: 'one' },
  })
  expect(JSON.stringify(all.body)).not.toContain('secret')
  const failed = await ana.browser.get(`${admin}/operations?state=failed`)
  expect(failed.body.items.map(({ id }: { id: string }) => id)).toEqual([two.operation, one.operation])
  const first = await ana.browser.get(`${admin}/operations?limit=3`)
  const second = await ana.browser.get(`${admin}/operations?limit=3&cursor=${first.body.nextCursor}`)
  expect([...first.body.items, ...second.body.items]).toEqual(all.body.items)
  expect(second.body.nextCursor).toBeUndefined()
  expect((await ana.browser.get(`${admin}/operations?state=odd`)).status).toBe(400)
})

test('DV12: one operation is tried again, in the workspace that it is of; one that is not there is told', async () => {
  world.synced.length = 0
  expect(await ana.browser.post(`${admin}/operations/${two.operation}/retry`)).toMatchObject({
    status: 200,
    body: { projects: 1 },
  })
  expect(world.synced).toEqual([{ projectId: two.project, workspaceId: two.workspace }])
  expect((await ana.browser.post(`${admin}/operations/${one.project}/retry`)).status).toBe(404)
  await ask('update project set deleted_at = now() where id = $1', [two.project])
  expect((await ana.browser.post(`${admin}/operations/${two.operation}/retry`)).status).toBe(404)
  await ask('update project set deleted_at = null where id = $1', [two.project])
})

test('DV12: all that failed, are held, or are linked are tried again', async () => {
  const projects = async (state: string) => {
    world.synced.length = 0
    const { body } = await ana.browser.post(`${admin}/sync`, { state })
    expect(body).toEqual({ projects: world.synced.length })
    return world.synced.map(({ projectId }) => projectId).sort()
  }
  await ask('update github_link set state = $2 where project_id = $1', [one.project, 'held'])
  await ask('update outbox set error_code = $2 where project_id = $1', [two.project, 'github-away'])
  expect(await projects('held')).toEqual([one.project])
  expect(await projects('failed')).toEqual([two.project])
  expect(await projects('all')).toEqual([one.project, two.project].sort())
  expect((await ana.browser.post(`${admin}/sync`, { state: 'some' })).status).toBe(400)
})

test('DV12: deliveries are listed newest first, page by page, also those that came in one instant', async () => {
  for (let at = 0; at < 5; at += 1) {
    const { body, headers } = signDelivery(github.webhookSecret, 'push', { repository: { id: 12 } }, { id: `d-${at}` })
    await world.app.request(`${world.publicUrl}/webhooks/github`, { method: 'POST', body, headers })
  }
  await ask(`update delivery set received_at = date_trunc('milliseconds', now())`)
  await ask(`update delivery set state = 'done', done_at = now() where id in ('d-1', 'd-3')`)
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await ana.browser.get(`${admin}/deliveries?limit=2${cursor}`)
    seen.push(...body.items.map(({ id }: { id: string }) => id))
    cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  expect(seen).toEqual(['d-4', 'd-3', 'd-2', 'd-1', 'd-0'])
  const done = await ana.browser.get(`${admin}/deliveries?state=done`)
  expect(done.body.items).toMatchObject([
    { id: 'd-3', event: 'push', repositoryId: 12, state: 'done', doneAt: expect.stringMatching(/Z$/) },
    { id: 'd-1' },
  ])
})
