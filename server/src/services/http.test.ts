import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { createHttpService, type HttpDoor, type HttpServiceOptions, type UpgradeDoor } from './http.ts'
import { createOperationsDoor } from './operations.ts'

const metrics = createMetrics()
const log = createLog('silent')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function start(options: Partial<HttpServiceOptions>) {
  const port = await freePort()
  const service = createHttpService({ host: '127.0.0.1', port, doors: [], upgrades: [], log, metrics, ...options })
  await service.run()
  onTestFinished(() => service.stop())
  return { port, service, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) }
}

const page: HttpDoor = {
  door: 'page',
  takes: (path) => path.startsWith('/page'),
  handle: (request, response) => {
    if (request.url === '/page/broken') throw new Error('broken')
    if (request.url === '/page/stream') response.setHeader('Content-Type', 'text/event-stream').write(': hello\n\n')
    else response.end('a page')
  },
}

async function answerToUpgrade(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
  const [data] = await once(socket, 'data')
  socket.destroy()
  return String(data).split('\r\n', 1)[0] ?? ''
}

test('a request goes to the first door that takes it, and every answer carries the safe headers', async () => {
  const { get } = await start({ doors: [page] })
  const answer = await get('/page?x=1')
  expect([answer.status, await answer.text()]).toEqual([200, 'a page'])
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  })
  expect(answer.headers.has('x-powered-by')).toBe(false)
  expect((await get('/nowhere')).status).toBe(404)
})

test('a door that breaks answers in words, without the error', async () => {
  const { get } = await start({ doors: [page] })
  const answer = await get('/page/broken')
  expect(answer.status).toBe(500)
  expect(await answer.text()).toBe('Something went wrong on the server. Nothing that was saved is lost. Try again.\n')
})

test('sockets are taken by path, and none while draining, when requests are still answered', async () => {
  const echo: UpgradeDoor = {
    takes: (path) => path === '/collab',
    upgrade: (_, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  }
  const { port, service, get } = await start({ doors: [page], upgrades: [echo] })
  expect(await answerToUpgrade(port, '/collab?project=1')).toBe('HTTP/1.1 101 Switching Protocols')
  expect(await answerToUpgrade(port, '/page')).toBe('HTTP/1.1 404 Not Found')
  const stream = await get('/page/stream')
  await service.drain()
  await expect(stream.text()).rejects.toThrow()
  expect(await answerToUpgrade(port, '/collab')).toBe('HTTP/1.1 503 Service Unavailable')
  expect((await get('/page')).headers.get('connection')).toBe('close')
})

test('a taken port is told in words, with another one to try', async () => {
  const { port } = await start({})
  const second = createHttpService({ host: '127.0.0.1', port, doors: [], upgrades: [], log, metrics })
  await expect(second.run()).rejects.toThrow(`Port ${port} is taken by another program`)
})

test('an instance is ready when its database answers and it is not on its way down', async () => {
  const state = { isDraining: false, hasDatabase: true, relay: null as boolean | null }
  const operations = createOperationsDoor(
    {
      isDraining: () => state.isDraining,
      checkDatabase: () => (state.hasDatabase ? Promise.resolve() : Promise.reject(new Error('away'))),
      isRelayConnected: () => state.relay,
    },
    metrics,
    { version: '1.2.3', node: 'v24' },
  )
  const { get } = await start({ doors: [operations] })
  expect(await (await get('/readyz')).json()).toEqual({ ready: true })
  state.relay = false
  expect(await (await get('/readyz')).json()).toEqual({ ready: true, redis: 'away' })
  state.relay = null
  state.hasDatabase = false
  expect(await (await get('/readyz')).json()).toEqual({ ready: false, problem: 'database' })
  state.isDraining = true
  const draining = await get('/readyz')
  expect([draining.status, await draining.json()]).toEqual([503, { ready: false, problem: 'draining' }])
  expect(await (await get('/livez')).json()).toEqual({ live: true })
  expect(await (await get('/version')).json()).toEqual({ version: '1.2.3', node: 'v24' })
  expect(await (await get('/metrics')).text()).toContain(
    'skein_http_request_seconds_count{door="operations",status="5xx"}',
  )
})
