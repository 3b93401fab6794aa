import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { createDial } from './dial.ts'
import { type EgressProxy, openEgressProxy } from './proxy.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A server that greets and then says `bytes` bytes; it stands for the one a stranger named. */
async function startUpstream(bytes = 5): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('x'.repeat(bytes)))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  ends.push(() => server.close())
  return (server.address() as AddressInfo).port
}

async function startProxy(port: number, isTrusted: boolean, bytesMax = 1000): Promise<EgressProxy> {
  const proxy = await openEgressProxy({ target: { host: '127.0.0.1', port, isTrusted }, dial: createDial(), bytesMax })
  ends.push(() => proxy.close())
  return proxy
}

/** What comes back after a request is sent, and after the tunnel (when there is one) is spoken into. */
async function ask(proxy: EgressProxy, head: string): Promise<string> {
  const socket: Socket = connect(Number(new URL(proxy.url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`${head}\r\n\r\n`)
  socket.once('data', (answer: Buffer) => {
    if (answer.toString().includes(' 200 ')) socket.write('hello')
  })
  return text(socket).catch(() => 'cut')
}

test('EG5: the tunnel leads to the one target and nowhere else', async () => {
  const port = await startUpstream()
  const other = await startUpstream()
  const proxy = await startProxy(port, true)
  expect(await ask(proxy, `CONNECT 127.0.0.1:${port} HTTP/1.1`)).toBe(
    'HTTP/1.1 200 Connection established\r\n\r\nxxxxx',
  )
  for (const target of [`127.0.0.1:${other}`, `localhost:${port}`, 'example.org:443', `127.0.0.1:${port}0`, '']) {
    expect(await ask(proxy, `CONNECT ${target} HTTP/1.1`), target).toMatch(/^HTTP\/1.1 40[03] /)
  }
  expect(await ask(proxy, `GET http://127.0.0.1:${other}/ HTTP/1.1\r\nHost: x\r\nConnection: close`)).toMatch(
    /^HTTP\/1.1 403 /,
  )
  expect(proxy.received()).toBe(5)
})

test('EG5: what is not trusted is judged when it is dialled, and is not spoken to in plain http', async () => {
  const port = await startUpstream()
  const proxy = await startProxy(port, false)
  expect(await ask(proxy, `CONNECT 127.0.0.1:${port} HTTP/1.1`)).toMatch(/^HTTP\/1.1 502 /)
  expect(await ask(proxy, `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close`)).toMatch(
    /^HTTP\/1.1 403 /,
  )
  expect(proxy.received()).toBe(0)
})

test('EG7: a tunnel is cut when its budget of bytes is spent', async () => {
  const port = await startUpstream(1_000_000)
  const proxy = await startProxy(port, true, 10_000)
  const answer = await ask(proxy, `CONNECT 127.0.0.1:${port} HTTP/1.1`)
  expect(answer.length).toBeLessThan(1_000_000)
  expect(proxy.isSpent()).toBe(true)
})
