/** The API over a real socket, where sizes and addresses are told by the connection. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, expect, test } from 'vitest'
import { createWorld, PASSWORD } from './testing/world.ts'

const world = await createWorld({ trustedProxies: ['127.0.0.1'] })
const server = createServer(getRequestListener(world.app.fetch, { overrideGlobalObjects: false }))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => server.close())
const { port } = server.address() as AddressInfo

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

test('sign-up, cookie, and the address that the trusted proxy tells', async () => {
  const signedUp = await send(
    'POST',
    '/api/auth/sign-up/email',
    { name: 'Ana', email: 'ana@example.org', password: PASSWORD },
    { 'x-forwarded-for': '203.0.113.77' },
  )
  expect(signedUp.status).toBe(200)
  const cookie = signedUp.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const me = await send('GET', '/api/v1/me', undefined, { cookie })
  expect(await me.json()).toMatchObject({ email: 'ana@example.org' })
  const sessions = (await (await send('GET', '/api/auth/list-sessions', undefined, { cookie })).json()) as {
    ipAddress: string
  }[]
  expect(sessions.map((session) => session.ipAddress)).toEqual(['203.0.113.77'])
})

test('a client cannot write its own address past the proxy', async () => {
  const { browser } = await world.person('Bo')
  await send(
    'POST',
    '/api/auth/sign-in/email',
    { email: 'bo@example.org', password: PASSWORD },
    {
      'x-forwarded-for': '1.1.1.1, 203.0.113.78',
      'x-skein-client-address': '2.2.2.2',
    },
  )
  const { body } = await browser.get('/api/auth/list-sessions')
  expect(body.map((session: { ipAddress: string }) => session.ipAddress)).toContain('203.0.113.78')
})

test('a body that says that it is too large is refused before it is read', async () => {
  const answer = await send('POST', '/api/v1/workspaces', 'x'.repeat(1024 * 1024 + 1))
  expect(answer.status).toBe(413)
})

test('a method that an address does not take is 405 with those that it takes', async () => {
  const { browser } = await world.person('Cy')
  const { status, headers, body } = await browser.request('PUT', '/api/v1/workspaces/cy/members/somebody')
  expect(status).toBe(405)
  expect(headers.get('allow')).toBe('PATCH, DELETE')
  expect(body.error).toMatchObject({
    code: 'method-not-allowed',
    message: '/api/v1/workspaces/cy/members/somebody does not take PUT.',
  })
  expect((await browser.get('/api/v1/workspaces/cy/nothing')).status).toBe(404)
})

test('a request that changes something without a body is taken, as browsers send it', async () => {
  const { browser } = await world.person('Cleo')
  const { body } = await browser.post('/api/v1/tokens', { name: 'a program' })
  const answer = await send('DELETE', `/api/v1/tokens/${body.id}`, undefined, { authorization: `Bearer ${body.token}` })
  expect(answer.status).toBe(204)
})

test('a body of untold length is read up to the limit, and refused beyond it', async () => {
  const stream = (text: string) => new Blob([text]).stream()
  const post = (text: string) =>
    fetch(`http://127.0.0.1:${port}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream(text),
      duplex: 'half',
    } as RequestInit)
  expect((await post(JSON.stringify({ email: 'nobody@example.org', password: 'x' }))).status).toBe(401)
  expect((await post(JSON.stringify({ email: 'x'.repeat(20_000), password: 'x' }))).status).toBe(413)
})

test('a body of untold length is not waited for before it is known who sends it', async () => {
  const ends = new AbortController()
  const unending = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) })
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/projects/some/raw/large.bin`, {
    method: 'PUT',
    body: unending,
    duplex: 'half',
    signal: ends.signal,
  } as RequestInit)
  expect(answer.status).toBe(401)
  await answer.body?.cancel()
  ends.abort()
})

test('a body of untold length that turns out to be too large is 413, not a mistake in its JSON', async () => {
  const { browser } = await world.person('Di')
  const { body } = await browser.post('/api/v1/tokens', { name: 'a program' })
  const post = (text: string) =>
    fetch(`http://127.0.0.1:${port}/api/v1/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${body.token}` },
      body: new Blob([text]).stream(),
      duplex: 'half',
    } as RequestInit)
  const refused = await post(JSON.stringify({ name: 'x'.repeat(1024 * 1024) }))
  expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
    413,
    'body-too-large',
  ])
  expect((await post('{"name":')).status).toBe(400)
})
