import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createApiDoor } from '../services/api.ts'
import { createGithubAppWorld } from './testing/github-app-world.ts'
import { type SignedDelivery, signDelivery } from './testing/signed-delivery.ts'
import { webhookRoutes } from './webhooks.ts'

const world = await createGithubAppWorld({ isBySettings: true })
const { app, ask, github } = world
const secret = github.webhookSecret
const ana = await world.person('Ana')

// Over a real socket, through the door of the one port: bodies are streams there, and their length is not always told.
const door = createApiDoor(app)
const server = createServer((request, response) => void door.handle(request, response))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const { port } = server.address() as AddressInfo
const origin = `http://127.0.0.1:${port}`

const send = async ({ body, headers }: SignedDelivery, path = '/webhooks/github') => {
  const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
}
const rows = (id: string) =>
  ask(
    `select event, action, installation_id::float8, repository_id::float8, ref, state, attempts from delivery where id = $1`,
    [id],
  )
const push = { ref: 'refs/heads/main', repository: { id: 12, full_name: 'acme/site' }, installation: { id: 34 } }

test('GS2: a delivery is checked over its raw bytes, kept under its id, and answered 202', async () => {
  const id = randomUUID()
  // Spaces, an escaped letter and a key twice: the signature is of these very bytes.
  const text = `{ "ref": "refs\\/heads\\/main", "repository": {"id": 12}, "installation": {"id": 34}, "x": "\\u00e9", "x": "é" }\n`
  expect(await send(signDelivery(secret, 'push', null, { id, text }))).toMatchObject({
    status: 202,
    body: { state: 'received' },
  })
  expect(await rows(id)).toMatchObject([
    {
      event: 'push',
      action: null,
      installation_id: 34,
      repository_id: 12,
      ref: 'refs/heads/main',
      state: 'received',
      attempts: 0,
    },
  ])
})

test('DV1: a wrong, missing, short or other signature is refused, and nothing is kept', async () => {
  const id = randomUUID()
  const right = signDelivery(secret, 'push', push, { id })
  const signature = right.headers['x-hub-signature-256'] as string
  const wrong: [SignedDelivery, number][] = [
    [signDelivery(`${secret}x`, 'push', push, { id }), 401],
    [{ ...right, body: `${right.body} ` }, 401],
    [{ ...right, body: right.body.replace('12', '13') }, 401],
    [{ ...right, body: '' }, 401],
    [{ ...right, headers: { ...right.headers, 'x-hub-signature-256': signature.slice(0, -2) } }, 400],
    [{ ...right, headers: { ...right.headers, 'x-hub-signature-256': signature.replace('sha256', 'sha1') } }, 400],
    [{ ...right, headers: { ...right.headers, 'x-hub-signature-256': '' } }, 400],
  ]
  for (const name of ['x-hub-signature-256', 'x-github-delivery', 'x-github-event']) {
    const { [name]: _gone, ...headers } = right.headers
    wrong.push([{ ...right, headers }, 400])
  }
  for (const [delivery, status] of wrong) expect(await send(delivery)).toMatchObject({ status })
  expect(await rows(id)).toEqual([])
  expect((await send(right)).status).toBe(202)
})

test('DV1: an old delivery that is played again under another id has a signature of its own to show', async () => {
  // The id is no part of what GitHub signs: playing a delivery again only asks for a look at GitHub once more.
  const first = signDelivery(secret, 'push', push)
  await send(first)
  const again = { ...first, headers: { ...first.headers, 'x-github-delivery': randomUUID() } }
  expect((await send(again)).status).toBe(202)
  const kept = await ask<{ ref: string }>('select ref from delivery where repository_id = 12')
  expect(new Set(kept.map(({ ref }) => ref))).toEqual(new Set(['refs/heads/main']))
})

test('DV3: the same delivery again is taken up again while it is not done, and never after', async () => {
  const delivery = signDelivery(secret, 'push', push)
  const id = delivery.headers['x-github-delivery'] as string
  await send(delivery)
  await ask(`update delivery set next_at = now() + interval '1 hour', error = 'GitHub is away.' where id = $1`, [id])
  expect(await send(delivery)).toMatchObject({ status: 202, body: { state: 'received' } })
  expect(await ask('select next_at <= now() as due from delivery where id = $1', [id])).toEqual([{ due: true }])
  await ask(`update delivery set state = 'done', done_at = now() where id = $1`, [id])
  expect(await send(delivery)).toMatchObject({ status: 202, body: { state: 'done' } })
  expect(await rows(id)).toMatchObject([{ state: 'done' }])
  const many = signDelivery(secret, 'push', push)
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(many)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
  expect(await rows(many.headers['x-github-delivery'] as string)).toHaveLength(1)
})

test('DV4: thin, odd and unknown payloads are kept with what they say, and nothing else', async () => {
  const odd: [string, string, object][] = [
    ['push', '{}', { repository_id: null, installation_id: null, ref: null }],
    ['push', 'not json', { repository_id: null }],
    ['push', '[1, 2]', { repository_id: null }],
    ['push', 'null', { repository_id: null }],
    ['push', '', { repository_id: null }],
    ['push', JSON.stringify({ ...push, ref: 'x'.repeat(5000) }), { repository_id: 12, ref: null }],
    ['push', JSON.stringify({ repository: { id: '12' }, installation: null }), { repository_id: null }],
    ['push', JSON.stringify({ repository: { id: 2 ** 60 }, installation: { id: -1 } }), { repository_id: null }],
    ['a_thing_of_tomorrow', JSON.stringify(push), { event: 'a_thing_of_tomorrow', repository_id: 12 }],
  ]
  for (const [event, text, kept] of odd) {
    const delivery = signDelivery(secret, event, null, { text })
    expect((await send(delivery)).status, text).toBe(202)
    expect(await rows(delivery.headers['x-github-delivery'] as string)).toMatchObject([kept])
  }
  const form = new URLSearchParams({ payload: JSON.stringify(push) }).toString()
  const delivery = signDelivery(secret, 'push', null, { text: form })
  delivery.headers['content-type'] = 'application/x-www-form-urlencoded'
  expect((await send(delivery)).status).toBe(202)
  expect(await rows(delivery.headers['x-github-delivery'] as string)).toMatchObject([{ repository_id: 12 }])
})

test('DV1: whatever bytes and headers come, only what is signed is kept, and nothing of it is a fault', async () => {
  const count = async () => (await ask<{ n: number }>('select count(*)::int as n from delivery'))[0]?.n ?? 0
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 400 }),
      fc.record({ at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) }),
      fc.constantFrom('body', 'signature', 'nothing'),
      async (bytes, { at, flip }, where) => {
        const signature = createHmac('sha256', secret).update(bytes).digest()
        const body = Buffer.from(bytes)
        const target = where === 'signature' ? signature : body
        if (where !== 'nothing') {
          fc.pre(target.length > 0)
          target[at % target.length] = (target[at % target.length] as number) ^ flip
        }
        const before = await count()
        const headers = {
          'x-github-delivery': randomUUID(),
          'x-github-event': 'push',
          'x-hub-signature-256': `sha256=${signature.toString('hex')}`,
        }
        const answer = await fetch(`${origin}/webhooks/github`, { method: 'POST', headers, body })
        const isRight = where === 'nothing'
        expect(isRight ? [202] : [401, 429]).toContain(answer.status)
        expect((await count()) - before).toBe(isRight ? 1 : 0)
      },
    ),
    { numRuns: 150, seed: 20_261_120 },
  )
  expect(world.faults).toEqual([])
})

test('DV2: a payload above 25 MiB is refused before it is read, one that does not tell its length as soon as it is too long', async () => {
  const large = Buffer.alloc(26 * 1024 * 1024, 'x').toString()
  const told = await send(signDelivery(secret, 'push', null, { text: large }))
  expect(told).toMatchObject({ status: 413, body: { error: { code: 'body-too-large' } } })
  // Without a length, and without an end: what stops it is the count of what has come.
  const headers = { ...signDelivery(secret, 'push', push).headers, host: 'x', 'transfer-encoding': 'chunked' }
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST /webhooks/github HTTP/1.1\r\n${lines.join('')}\r\n`)
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, 'x'), Buffer.from('\r\n')])
  let answer = ''
  socket.on('data', (data) => {
    answer += data
  })
  socket.on('error', () => {})
  const isFree = () => {
    const over = new AbortController()
    const events = ['drain', 'close', 'data'].map((name) => once(socket, name, { signal: over.signal }))
    return Promise.race(events).finally(() => {
      over.abort()
      for (const event of events) event.catch(() => {})
    })
  }
  let sent = 0
  while (!answer.includes('\r\n\r\n') && sent < 200) {
    if (!socket.write(chunk)) await isFree()
    sent += 1
    if (socket.destroyed) break
  }
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(sent).toBeLessThan(60)
  socket.destroy()
  // One that is as large as GitHub sends at most is taken.
  const most = `{"repository":{"id":77},"x":"${'y'.repeat(24 * 1024 * 1024)}"}`
  expect((await send(signDelivery(secret, 'push', null, { text: most }))).status).toBe(202)
})

test('DV2: a payload that does not come to its end is given up', async () => {
  const hasty = await createGithubAppWorld({ isBySettings: true, bodyMsMax: 300, beside: { test: world.test, github } })
  const never = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from('{')) })
  const { headers } = signDelivery(secret, 'push', push)
  const answer = await hasty.app.request(`${world.publicUrl}/webhooks/github`, {
    ...{ method: 'POST', headers, body: never },
    ...({ duplex: 'half' } as object),
  })
  expect([answer.status, ((await answer.json()) as { error: { message: string } }).error.message]).toEqual([
    400,
    'The payload took too long to arrive.',
  ])
})

test('DV10: calls with a wrong signature are counted; in a flood they are told to wait, and a right one still passes', async () => {
  await world.rejections.flush()
  await ask('delete from delivery_rejection')
  const wrong = signDelivery(`${secret}x`, 'push', push)
  const answers = []
  for (let at = 0; at < 250; at += 1) answers.push((await send(wrong)).status)
  expect((await send(signDelivery(secret, 'push', push))).status).toBe(202)
  await expect
    .poll(async () => (await ask<{ n: number }>('select sum(count)::int as n from delivery_rejection'))[0]?.n)
    .toBe(250)
  expect(answers[0]).toBe(401)
  expect(new Set(answers).size).toBeLessThanOrEqual(2)
  const status = await ana.browser.get('/api/v1/admin/github/app')
  expect(status.body.webhook).toMatchObject({ rejected24h: 250 })
})

test('DV10: more than a hundred wrong ones before they are counted are answered 429', async () => {
  const slow = await createGithubAppWorld({ isBySettings: true, beside: { test: world.test, github } })
  Object.defineProperty(slow.rejections, 'isFlooded', { get: () => true })
  const { body, headers } = signDelivery(`${secret}x`, 'push', push)
  const call = (one: { body: string; headers: Record<string, string> }) =>
    slow.app.request('https://skein.example.org/webhooks/github', { method: 'POST', ...one })
  const flooded = await call({ body, headers })
  expect([flooded.status, flooded.headers.get('retry-after')]).toEqual([429, '1'])
  expect((await call(signDelivery(secret, 'push', push))).status).toBe(202)
})

test('DV11: anybody may know whether deliveries arrive, and nothing more; the webhook stands below /api/v1 too', async () => {
  for (const path of ['/webhooks/github/health', '/api/v1/webhooks/github/health']) {
    const answer = await (await fetch(`${origin}${path}`)).json()
    expect(answer).toEqual({
      configured: true,
      lastDeliveryAt: expect.stringMatching(/Z$/),
      waiting: expect.any(Number),
    })
  }
  expect((await send(signDelivery(secret, 'push', push), '/api/v1/webhooks/github')).status).toBe(202)
  expect((await fetch(`${origin}/webhooks/github`)).status).toBe(405)
  expect((await fetch(`${origin}/webhooks/gitlab`)).status).toBe(404)
})

test('DV11: however many ask at once, the database is asked once', async () => {
  let looks = 0
  const tx = {
    query: (...asked: Parameters<typeof world.db.instance.query>) => {
      looks += 1
      return world.db.instance.query(...asked)
    },
  } as typeof world.db.instance
  const routes = webhookRoutes({ tx, apps: world.apps, rejections: world.rejections, onReceived: () => {} })
  const answers = await Promise.all(Array.from({ length: 50 }, () => routes.request('/webhooks/github/health')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(looks).toBe(1)
})

test('DV1: without an App, or without its webhook’s secret, nothing is taken', async () => {
  const none = await createGithubAppWorld({ beside: { test: world.test, github } })
  const { body, headers } = signDelivery(secret, 'push', push)
  const answer = await none.app.request('https://skein.example.org/webhooks/github', { method: 'POST', body, headers })
  expect(answer.status).toBe(503)
  const health = await none.app.request('https://skein.example.org/webhooks/github/health')
  expect(await health.json()).toMatchObject({ configured: false })
})
