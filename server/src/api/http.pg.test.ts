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
