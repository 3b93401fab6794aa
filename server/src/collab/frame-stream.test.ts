/** Frames written below `ws`, read by a stock client. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { FrameStream, Outbox } from './frame-stream.ts'

const server: Server = createServer()
const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const ADDRESS = Uint8Array.of(1, 2, 3)

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => {
  webSockets.close()
  server.close()
})

/** A stock client and the way to it; what it got so far, and the code it was closed with. */
async function connect() {
  const upgraded = once(server, 'upgrade')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const got: Buffer[] = []
  client.on('message', (data) => got.push(data as Buffer))
  const closed = once(client, 'close').then(([code]) => code as number)
  const [request, stream, head] = (await upgraded) as [never, Duplex, Buffer]
  const frames = await new Promise<FrameStream>((resolve) =>
    webSockets.handleUpgrade(request, stream, head, (ws) => resolve(new FrameStream(ws, stream, new Outbox()))),
  )
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open')
  return { client, got, closed, stream, frames }
}

test('frames of every size arrive whole and in order, and before the end', async () => {
  const { got, closed, frames } = await connect()
  const sizes = [0, 1, 122, 123, 4_095, 4_096, 65_531, 65_532, 65_533, 300_000, 7]
  for (const [n, size] of sizes.entries()) frames.send(ADDRESS, new Uint8Array(size).fill(n))
  frames.close(1012, 'enough')
  expect(await closed).toBe(1012)
  const wanted = sizes.map((size, n) => Buffer.concat([ADDRESS, new Uint8Array(size).fill(n)]))
  expect(got.map((frame) => frame.length)).toEqual(wanted.map((frame) => frame.length))
  expect(Buffer.concat(got).equals(Buffer.concat(wanted))).toBe(true)
})

test('what leaves in one turn leaves in one write, and is counted until then', async () => {
  const { client, got, stream, frames } = await connect()
  const writes: number[] = []
  const write = stream.write.bind(stream) as (chunk: Uint8Array) => boolean
  stream.write = ((chunk: Uint8Array) => {
    writes.push(chunk.length)
    return write(chunk)
  }) as never
  for (let n = 0; n < 20; n++) frames.send(ADDRESS, Uint8Array.of(n))
  expect(frames.bufferedAmount).toBeGreaterThanOrEqual(20 * 6)
  expect(writes).toEqual([])
  await expect.poll(() => got.length).toBe(20)
  expect(writes).toEqual([20 * 6])
  expect(frames.bufferedAmount).toBe(0)
  client.terminate()
})

test('somebody hears when a large frame has left; what comes after the end is dropped', async () => {
  const { client, closed, frames } = await connect()
  await new Promise<void>((resolve) => frames.send(ADDRESS, new Uint8Array(1_000_000), resolve))
  client.terminate()
  await closed
  await expect.poll(() => frames.readyState).toBe(WebSocket.CLOSED)
  frames.send(ADDRESS, Uint8Array.of(1))
  frames.flush()
  expect(frames.bufferedAmount).toBe(0)
})
