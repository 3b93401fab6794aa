import { describe, expect, test } from 'vitest'
import { hearAnnounced } from './testing/announced.ts'
import { createWorld } from './testing/world.ts'

const world = await createWorld()
const announced = await hearAnnounced(world.database)
const { person, program, ask, database } = world

/** A person who came into the workspace of `host` with a role. */
async function guest(
  host: Awaited<ReturnType<typeof person>>,
  name: string,
  role: string,
  workspace = host.workspace.slug,
) {
  const newcomer = await person(name)
  const made = await host.browser.post(`/api/v1/workspaces/${workspace}/invitations`, {
    role: role === 'owner' ? 'admin' : role,
    usesMax: 1,
  })
  expect(made.status).toBe(201)
  expect((await newcomer.browser.post(`/api/v1/invitations/${made.body.token}/accept`)).status).toBe(200)
  if (role === 'owner') await host.browser.patch(`/api/v1/workspaces/${workspace}/members/${newcomer.userId}`, { role })
  return newcomer
}

describe('workspaces', () => {
  test('made, listed, found by id and slug, renamed', async () => {
    const { browser } = await person('Ana')
    const made = await browser.post('/api/v1/workspaces', { name: 'Field notes' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ slug: 'field-notes', name: 'Field notes', role: 'owner', personal: false })
    const list = (await browser.get('/api/v1/workspaces')).body.items
    expect(list.map((w: { slug: string }) => w.slug)).toEqual(['ana', 'field-notes'])
    for (const reference of [made.body.id, 'field-notes']) {
      expect((await browser.get(`/api/v1/workspaces/${reference}`)).body).toEqual(made.body)
    }
    const renamed = await browser.patch('/api/v1/workspaces/field-notes', { name: 'Estuary' })
    expect(renamed.body).toMatchObject({ slug: 'field-notes', name: 'Estuary' })
    expect((await browser.get('/api/v1/workspaces/field-notes')).body.name).toBe('Estuary')
  })

  test('the slug of another tenant’s workspace is not told, and a new one gets another', async () => {
    const { browser } = await person('Bo')
    expect((await browser.get('/api/v1/workspaces/field-notes')).status).toBe(404)
    expect((await browser.post('/api/v1/workspaces', { name: 'Field notes' })).body.slug).toBe('field-notes-2')
  })

  test('deleted by name only, by the owner only, and then gone with its slug free', async () => {
    const { browser } = await person('Cy')
    const { body } = await browser.post('/api/v1/workspaces', { name: 'Short lived' })
    const wrong = await browser.delete(`/api/v1/workspaces/${body.id}`, { name: 'short lived' })
    expect(wrong.body.error.message).toBe(
      'Nothing was deleted: the workspace is named “Short lived”, not “short lived”.',
    )
    const [project] = await ask<{ id: string }>(
      `insert into project (workspace_id, slug, name, created_by) values ($1, 'p', 'P', 'skein') returning id`,
      [body.id],
    )
    await ask(
      `insert into job (owner_workspace, project_id, kind, input, created_by) values ($1, $2, 'import', '{}', 'x')`,
      [body.id, project?.id],
    )
    expect((await browser.delete(`/api/v1/workspaces/${body.id}`, { name: 'Short lived' })).status).toBe(204)
    expect((await browser.get(`/api/v1/workspaces/${body.id}`)).status).toBe(404)
    await expect.poll(() => announced).toContainEqual({ is: 'workspace', id: body.id })
    expect(await ask('select state from job where project_id = $1', [project?.id])).toEqual([{ state: 'cancelled' }])
    expect((await browser.post('/api/v1/workspaces', { name: 'Short lived' })).body.slug).toBe('short-lived')
  })

  test('a personal workspace stays', async () => {
    const { browser } = await person('Di')
    const answer = await browser.delete('/api/v1/workspaces/di', { name: 'Di' })
    expect(answer.body.error).toMatchObject({
      code: 'forbidden',
      message: 'A personal workspace goes with its account and cannot be deleted.',
    })
  })

  test('thirty of one name, made at once, all get a slug', async () => {
    const { browser } = await person('Ed')
    const made = await Promise.all(
      Array.from({ length: 30 }, () => browser.post('/api/v1/workspaces', { name: 'Same' })),
    )
    expect(made.map((answer) => answer.status)).toEqual(Array(30).fill(201))
    expect(new Set(made.map((answer) => answer.body.slug)).size).toBe(30)
  })
})

describe('members', () => {
  test('listed with names and roles; a changed role takes effect with the next request and cuts open sockets', async () => {
    const host = await person('Flo')
    const editor = await guest(host, 'Gus', 'editor')
    const path = `/api/v1/workspaces/${host.workspace.slug}/members`
    const members = (await editor.browser.get(path)).body.items
    expect(members.map((m: { name: string; role: string }) => [m.name, m.role])).toEqual([
      ['Flo', 'owner'],
      ['Gus', 'editor'],
    ])
    const changed = await host.browser.patch(`${path}/${editor.userId}`, { role: 'viewer' })
    expect(changed.body).toMatchObject({ userId: editor.userId, role: 'viewer', email: 'gus@example.org' })
    expect((await editor.browser.get(`/api/v1/workspaces/${host.workspace.id}`)).body.role).toBe('viewer')
    const lowered = { is: 'member', id: host.workspace.id, user: editor.userId }
    await expect.poll(() => announced).toContainEqual(lowered)
    expect((await host.browser.delete(`${path}/${editor.userId}`)).status).toBe(204)
    expect((await editor.browser.get(path)).status).toBe(404)
  })

  test('a refusal names the role that is missing', async () => {
    const host = await person('Hia')
    const viewer = await guest(host, 'Ivo', 'viewer')
    const answer = await viewer.browser.patch(`/api/v1/workspaces/${host.workspace.slug}`, { name: 'Mine' })
    expect(answer.status).toBe(403)
    expect(answer.body.error).toEqual({
      code: 'forbidden',
      message: 'You are a viewer here; this needs the role admin or above.',
      details: { role: 'viewer', needs: 'admin', permission: 'update-workspace' },
      hint: 'Ask an admin or an owner of the workspace to do it, or to change your role.',
    })
  })

  test('an admin makes no owner and removes none; the last owner stays', async () => {
    const host = await person('Joy')
    const admin = await guest(host, 'Kim', 'admin')
    const path = `/api/v1/workspaces/${host.workspace.slug}/members`
    expect((await admin.browser.patch(`${path}/${admin.userId}`, { role: 'owner' })).status).toBe(403)
    expect((await admin.browser.delete(`${path}/${host.userId}`)).status).toBe(403)
    expect((await host.browser.delete(`${path}/${host.userId}`)).body.error.code).toBe('last-owner')
    expect((await host.browser.patch(`${path}/${admin.userId}`, { role: 'owner' })).status).toBe(200)
    expect((await host.browser.delete(`${path}/${host.userId}`)).status).toBe(204)
  })

  test('of two owners that leave at once, one stays', async () => {
    const host = await person('Lou')
    const other = await guest(host, 'Max', 'owner')
    const path = `/api/v1/workspaces/${host.workspace.slug}/members`
    const answers = await Promise.all([
      host.browser.delete(`${path}/${host.userId}`),
      other.browser.delete(`${path}/${other.userId}`),
    ])
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409])
    const owners = await ask(`select from workspace_member where workspace_id = $1 and role = 'owner'`, [
      host.workspace.id,
    ])
    expect(owners).toHaveLength(1)
  })

  test('a viewer may leave', async () => {
    const host = await person('Nia')
    const viewer = await guest(host, 'Oz', 'viewer')
    expect(
      (await viewer.browser.delete(`/api/v1/workspaces/${host.workspace.slug}/members/${viewer.userId}`)).status,
    ).toBe(204)
  })
})

describe('invitations', () => {
  test('a link shows where it leads before anybody signs in, and no more; a new account accepts it and lands in the project', async () => {
    const host = await person('Pam')
    const made = await host.browser.post('/api/v1/workspaces/pam/invitations', {
      role: 'editor',
      projectId: host.projectId,
      usesMax: 1,
    })
    expect(made.body.link).toBe(`http://localhost:3000/invitations/${made.body.token}`)
    const preview = await world.browser().get(`/api/v1/invitations/${made.body.token}`)
    expect(preview.body).toEqual({
      workspaceName: 'Pam',
      projectName: 'Demo',
      role: 'editor',
      invitedBy: 'Pam',
      expiresAt: made.body.expiresAt,
    })
    const days = (Date.parse(made.body.expiresAt) - Date.parse(made.body.createdAt)) / 86_400_000
    expect(Math.round(days)).toBe(7)
    const { browser } = await person('Quin')
    const accepted = await browser.post(`/api/v1/invitations/${made.body.token}/accept`)
    expect(accepted.body).toMatchObject({ workspace: { slug: 'pam', role: 'editor' }, projectId: host.projectId })
    const again = await browser.post(`/api/v1/invitations/${made.body.token}/accept`)
    expect(again.status).toBe(200)
    const stranger = await person('Rob')
    const used = await stranger.browser.post(`/api/v1/invitations/${made.body.token}/accept`)
    expect(used.status).toBe(410)
    expect(used.body.error).toMatchObject({ code: 'invitation-used', message: 'This invitation has been used.' })
  })

  test('only the hash of a link is kept', async () => {
    const host = await person('Sue')
    const made = await host.browser.post('/api/v1/workspaces/sue/invitations', {})
    const rows = await ask<{ row: string }>('select i::text as row from invitation i where id = $1', [made.body.id])
    expect(rows[0]?.row).not.toContain(made.body.token)
  })

  test('over when withdrawn, expired, or its maker lost the right to make it', async () => {
    const host = await person('Tim')
    const admin = await guest(host, 'Una', 'admin')
    const path = '/api/v1/workspaces/tim/invitations'
    const look = async (token: string) => (await world.browser().get(`/api/v1/invitations/${token}`)).body.error?.code
    const withdrawn = (await host.browser.post(path, {})).body
    expect((await host.browser.delete(`${path}/${withdrawn.id}`)).status).toBe(204)
    expect(await look(withdrawn.token)).toBe('invitation-revoked')
    const expired = (await host.browser.post(path, {})).body
    await ask(`update invitation set expires_at = now() - interval '1 second' where id = $1`, [expired.id])
    expect(await look(expired.token)).toBe('invitation-expired')
    const ofAdmin = (await admin.browser.post(path, {})).body
    expect(await look(ofAdmin.token)).toBeUndefined()
    await host.browser.patch(`/api/v1/workspaces/tim/members/${admin.userId}`, { role: 'editor' })
    expect(await look(ofAdmin.token)).toBe('invitation-revoked')
    expect(await look('no-such-link')).toBe('not-found')
    const states = (await host.browser.get(path)).body.items.map((i: { state: string }) => i.state)
    expect(states).toEqual(['open', 'expired', 'revoked', 'used'])
  })

  test('one use is one member, however many come at once', async () => {
    const host = await person('Vic')
    const { body } = await host.browser.post('/api/v1/workspaces/vic/invitations', { usesMax: 2 })
    const crowd = await Promise.all(['Wa', 'Wb', 'Wc', 'Wd'].map(person))
    const answers = await Promise.all(
      crowd.map(({ browser }) => browser.post(`/api/v1/invitations/${body.token}/accept`)),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 410, 410])
    expect((await host.browser.get('/api/v1/workspaces/vic/members')).body.items).toHaveLength(3)
  })

  test('an editor invites nobody, an admin no owner, and none leads into another tenant’s project', async () => {
    const host = await person('Xia')
    const editor = await guest(host, 'Yan', 'editor')
    const path = '/api/v1/workspaces/xia/invitations'
    expect((await editor.browser.post(path, {})).status).toBe(403)
    expect((await host.browser.post(path, { role: 'owner' })).status).toBe(400)
    expect((await host.browser.post(path, { projectId: editor.projectId })).status).toBe(404)
  })

  test('an API token accepts one when it is for all workspaces and has the scope', async () => {
    const host = await person('Zed')
    const { body } = await host.browser.post('/api/v1/workspaces/zed/invitations', {})
    const path = `/api/v1/invitations/${body.token}/accept`
    const zoe = await person('Zoe')
    const reader = await program(zoe.browser, { scopes: ['workspaces:read'] })
    expect((await reader.send('POST', path)).body.error).toMatchObject({ code: 'missing-scope' })
    const bound = await program(zoe.browser, { workspaceId: zoe.workspace.id })
    expect((await bound.send('POST', path)).body.error).toMatchObject({ code: 'forbidden' })
    const { send } = await program(zoe.browser)
    expect((await send('POST', path)).body).toMatchObject({ workspace: { slug: 'zed', role: 'editor' } })
  })
})

test('nothing failed inside', () => {
  expect(world.faults).toEqual([])
  expect(database).toBeTruthy()
})
