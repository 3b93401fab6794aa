import { SCOPES } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { redeemTicket } from '../commands/tokens/tickets.ts'
import { hearAnnounced } from './testing/announced.ts'
import { withToken } from './testing/browser.ts'
import { createWorld } from './testing/world.ts'

let aheadMs = 0
const world = await createWorld({ now: () => new Date(Date.now() + aheadMs), actorLimit: { burst: 200, perSecond: 1 } })
const announced = await hearAnnounced(world.database)
const { app, person, program, ask, database } = world

describe('API tokens', () => {
  test('made in the browser, shown once, good as a bearer, listed with their last use, revoked at once', async () => {
    const { browser, email } = await person('Ana')
    const made = await browser.post('/api/v1/tokens', { name: 'laptop' })
    expect(made.status).toBe(201)
    expect(made.body.token).toMatch(/^skein_[0-9A-Za-z]{49}$/)
    expect(made.body.scopes).toEqual(SCOPES.filter((scope) => scope !== 'tokens:write'))
    const send = withToken(app, made.body.token)
    const me = await send('GET', '/api/v1/me')
    expect(me.body).toMatchObject({ email, token: { id: made.body.id }, workspaces: [{ slug: 'ana' }] })
    const [listed] = (await browser.get('/api/v1/tokens')).body.items
    expect(listed).toMatchObject({ name: 'laptop', hint: made.body.token.slice(-4), lastUsedAt: expect.any(String) })
    expect(listed.token).toBeUndefined()
    expect((await browser.delete(`/api/v1/tokens/${made.body.id}`)).status).toBe(204)
    const after = await send('GET', '/api/v1/me')
    expect(after.status).toBe(401)
    expect(after.headers.get('www-authenticate')).toBe('Bearer')
    expect(after.body.error).toMatchObject({
      code: 'token-revoked',
      message: expect.stringMatching(/^This API token was revoked on \d{4}-/),
    })
    expect((await browser.get('/api/v1/tokens')).body.items).toEqual([])
    await expect.poll(() => announced).toContainEqual({ is: 'token', id: made.body.id })
  })

  test('the token itself stands nowhere in the database', async () => {
    const { token } = await program((await person('Bea')).browser)
    const rows = await ask<{ row: string }>('select t::text as row from api_token t')
    expect(rows.some(({ row }) => row.includes(token.slice(6, 30)))).toBe(false)
  })

  test('expired, unknown, mistyped and missing are told apart', async () => {
    const { browser } = await person('Cam')
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const { send, token } = await program(browser, { expiresAt })
    expect((await send('GET', '/api/v1/me')).status).toBe(200)
    aheadMs = 61_000
    const expired = await send('GET', '/api/v1/me')
    aheadMs = 0
    expect(expired.status).toBe(401)
    expect(expired.body.error).toMatchObject({ code: 'token-expired', hint: 'Make a new token in your settings.' })
    const mistyped = await withToken(app, `${token.slice(0, -1)}~`)('GET', '/api/v1/me')
    expect(mistyped.body.error).toMatchObject({ code: 'unauthenticated', message: 'There is no such API token.' })
    const none = await world.browser().get('/api/v1/me')
    expect(none.body.error).toMatchObject({ code: 'unauthenticated', message: 'Nobody is signed in here.' })
    const basic = await world.browser().get('/api/v1/me', { headers: { authorization: 'Basic YTpi' } })
    expect(basic.body.error.message).toBe('The Authorization header is not a bearer token.')
  })

  test('a bad token is not mended by a good cookie', async () => {
    const { browser } = await person('Dan')
    expect((await browser.get('/api/v1/me', { headers: { authorization: 'Bearer skein_no' } })).status).toBe(401)
  })

  test('each scope is asked for by name', async () => {
    const { send } = await program((await person('Eve')).browser, { scopes: ['docs:read'] })
    const answer = await send('GET', '/api/v1/workspaces')
    expect(answer.status).toBe(403)
    expect(answer.body.error).toMatchObject({
      code: 'missing-scope',
      message: 'This API token does not have the scope workspaces:read.',
      details: { scope: 'workspaces:read' },
    })
    expect((await send('GET', '/api/v1/me')).body.workspaces).toEqual([])
    expect((await send('POST', '/api/v1/tokens', { name: 'x' })).body.error.details).toEqual({ scope: 'tokens:write' })
  })

  test('a token for one workspace sees that one only', async () => {
    const { browser, workspace } = await person('Fox')
    const other = (await browser.post('/api/v1/workspaces', { name: 'Other' })).body
    const { send } = await program(browser, { workspaceId: other.id })
    expect((await send('GET', '/api/v1/workspaces')).body.items).toMatchObject([{ id: other.id }])
    expect((await send('GET', `/api/v1/workspaces/${other.id}`)).status).toBe(200)
    expect((await send('GET', `/api/v1/workspaces/${workspace.id}`)).status).toBe(404)
    expect((await send('POST', '/api/v1/workspaces', { name: 'Third' })).status).toBe(403)
    const stranger = await person('Gil')
    expect((await stranger.browser.post('/api/v1/tokens', { name: 'x', workspaceId: other.id })).status).toBe(404)
  })

  test('a token made with a token is no wider and lives no longer', async () => {
    const { browser, workspace } = await person('Hal')
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const { send } = await program(browser, {
      scopes: ['tokens:write', 'docs:read'],
      expiresAt,
      workspaceId: workspace.id,
    })
    const child = await send('POST', '/api/v1/tokens', { name: 'child' })
    expect(child.body).toMatchObject({ scopes: ['docs:read'], expiresAt, workspaceId: workspace.id })
    expect((await send('POST', '/api/v1/tokens', { name: 'x', scopes: ['docs:write'] })).status).toBe(403)
    const longer = new Date(Date.now() + 7_200_000).toISOString()
    expect((await send('POST', '/api/v1/tokens', { name: 'x', expiresAt: longer })).status).toBe(403)
  })

  test('a date in the past and a scope that does not exist are refused', async () => {
    const { browser } = await person('Ian')
    const past = await browser.post('/api/v1/tokens', { name: 'x', expiresAt: '2020-01-01T00:00:00Z' })
    expect(past.body.error.message).toBe('expiresAt: lies in the past.')
    expect((await browser.post('/api/v1/tokens', { name: 'x', scopes: ['root'] })).status).toBe(400)
  })

  test('a token ends with its account', async () => {
    const { browser, userId } = await person('Jo')
    const { send } = await program(browser)
    await ask('delete from auth."user" where id = $1', [userId])
    expect((await send('GET', '/api/v1/me')).status).toBe(401)
    expect((await browser.get('/api/v1/me')).status).toBe(401)
  })
})

describe('tickets for sockets', () => {
  const redeem = (ticket: string) => redeemTicket(database.instance, ticket)

  test('a ticket is good once, for whoever asked', async () => {
    const { browser, userId } = await person('Kit')
    const { status, body } = await browser.post('/api/v1/collab/tickets')
    expect(status).toBe(201)
    expect(Date.parse(body.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000)
    expect(await redeem(body.ticket)).toEqual({
      actor: { userId, name: 'Kit', email: 'kit@example.org', token: null },
      projectId: null,
      sessionId: expect.any(String),
    })
    await expect(redeem(body.ticket)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('a ticket that was not used yet ends with its session', async () => {
    const { browser } = await person('Kay')
    const { body } = await browser.post('/api/v1/collab/tickets', {})
    await browser.post('/api/auth/sign-out')
    await expect(redeem(body.ticket)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('of twenty that redeem it at once, one does', async () => {
    const { browser } = await person('Lux')
    const { body } = await browser.post('/api/v1/collab/tickets', {})
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => redeem(body.ticket)))
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
  })

  test('narrowed to a project by id or slugs; another tenant’s project is not found', async () => {
    const { browser, projectId } = await person('Mo')
    for (const project of [projectId, 'mo/demo']) {
      const { body } = await browser.post('/api/v1/collab/tickets', { project })
      expect((await redeem(body.ticket)).projectId).toBe(projectId)
    }
    const stranger = await person('Ned')
    expect((await stranger.browser.post('/api/v1/collab/tickets', { project: projectId })).status).toBe(404)
  })

  test('a ticket asked for with a token has its scopes, and dies with it', async () => {
    const { browser } = await person('Oda')
    const { id, send } = await program(browser, { scopes: ['docs:read'] })
    const { body } = await send('POST', '/api/v1/collab/tickets')
    expect((await redeem(body.ticket)).actor.token).toEqual({
      id,
      scopes: ['docs:read'],
      workspaceId: null,
      expiresAt: null,
    })
    const second = (await send('POST', '/api/v1/collab/tickets')).body
    await browser.delete(`/api/v1/tokens/${id}`)
    await expect(redeem(second.ticket)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('an expired one is refused and swept', async () => {
    const { browser } = await person('Pat')
    const { body } = await browser.post('/api/v1/collab/tickets')
    await ask(`update collab_ticket set expires_at = now() - interval '1 second'`)
    await expect(redeem(body.ticket)).rejects.toMatchObject({ code: 'unauthenticated' })
    await browser.post('/api/v1/collab/tickets')
    expect(await ask('select from collab_ticket where expires_at < now()')).toEqual([])
  })
})

describe('what is the same for every route', () => {
  test('a body over the limit is 413, also when its length is not told', async () => {
    const { browser } = await person('Quy')
    const large = { name: 'x'.repeat(1024 * 1024) }
    const answer = await browser.post('/api/v1/workspaces', large)
    expect(answer.status).toBe(413)
    expect(answer.body.error).toMatchObject({ code: 'body-too-large', message: 'The request is larger than 1 MiB.' })
    const small = await browser.post('/api/auth/sign-in/email', {
      email: 'a@example.org',
      password: 'x'.repeat(20_000),
    })
    expect(small.body).toMatchObject({
      code: 'body-too-large',
      error: { message: 'The request is larger than 16 KiB.' },
    })
  })

  test('JSON that is none, a field that is missing, and a route that is none', async () => {
    const { browser, workspace } = await person('Ron')
    const { send, token } = await program(browser)
    const broken = await app.request('http://localhost:3000/api/v1/workspaces', {
      method: 'POST',
      body: '{"name":',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
    expect(await broken.json()).toMatchObject({
      error: { code: 'invalid-request', message: 'The body is not valid JSON.' },
    })
    const plain = await app.request('http://localhost:3000/api/v1/workspaces', {
      method: 'POST',
      body: '{"name":"Plain"}',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    })
    expect(plain.status).toBe(415)
    expect(await plain.json()).toMatchObject({ error: { code: 'unsupported-media-type' } })
    const empty = await send('POST', '/api/v1/workspaces', {})
    expect(empty.body.error).toMatchObject({ code: 'invalid-request', details: { issues: [{ path: 'name' }] } })
    expect((await send('GET', '/api/v1/nowhere')).body.error.message).toBe('There is no GET /api/v1/nowhere here.')
    const answer = await send('GET', `/api/v1/workspaces/${workspace.id}`)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('x-request-id')).toBeTruthy()
  })

  test('too many requests are 429 with the seconds to wait; others go on', async () => {
    const { browser } = await person('Sal')
    const { send } = await program(browser)
    let last = await send('GET', '/api/v1/me')
    for (let i = 0; i < 300 && last.status === 200; i++) last = await send('GET', '/api/v1/me')
    expect(last.status).toBe(429)
    expect(last.headers.get('retry-after')).toBe('1')
    expect(last.body.error).toMatchObject({
      code: 'rate-limited',
      message: 'Too many requests. Try again in 1 second.',
    })
    expect((await browser.get('/api/v1/me')).status).toBe(200)
  })

  test('the description names every route, its answers and the one shape of refusals', async () => {
    const { status, body } = await world.browser().get('/api/openapi.json')
    expect(status).toBe(200)
    expect(body.openapi).toBe('3.1.0')
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/api/auth/sign-up/email',
        '/api/v1/me',
        '/api/v1/workspaces/{workspace}/members/{member}',
        '/api/v1/invitations/{token}/accept',
      ]),
    )
    for (const path of Object.values<Record<string, { responses: object }>>(body.paths)) {
      for (const operation of Object.values(path)) expect(operation.responses).toHaveProperty('default')
    }
  })

  test('a fault is told by its number and logged, without its insides', async () => {
    const { send } = await program((await person('Tea')).browser)
    await ask('alter function workspaces_of(text) rename to workspaces_off')
    const answer = await send('GET', '/api/v1/workspaces')
    await ask('alter function workspaces_off(text) rename to workspaces_of')
    expect(answer.status).toBe(500)
    expect(answer.body.error.message).toBe(
      `This request failed inside Skein. It is noted in the log as ${answer.headers.get('x-request-id')}.`,
    )
    expect(JSON.stringify(answer.body)).not.toContain('workspaces_of')
    expect(world.faults).toHaveLength(1)
  })
})
