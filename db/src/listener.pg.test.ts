import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Listener } from './listener.ts'
import { createTestDatabase } from './testing/database.ts'

const { address, database } = await createTestDatabase()

/** A way to the database on which connections can be made to die without a word, as behind a router that forgot them. */
async function openLine() {
  const { hostname, port } = new URL(address)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port) })
    near.pipe(far).pipe(near)
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const url = new URL(address)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const goSilent = () => {
    for (const socket of sockets) socket.unpipe().pause()
  }
  return { address: url.href, goSilent }
}

test('a connection that died without a word is found out and opened again', async () => {
  const line = await openLine()
  const listener = new Listener(line.address, { pingEveryMs: 50, answerWithinMs: 1_000 })
  const heard: (string | null)[] = []
  await listener.listen('news', (payload) => heard.push(payload))
  await database.instance.query(`select pg_notify('news', 'first')`)
  await expect.poll(() => heard).toEqual(['first'])
  line.goSilent()
  await database.instance.query(`select pg_notify('news', 'lost')`)
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['first', null])
  await database.instance.query(`select pg_notify('news', 'second')`)
  await expect.poll(() => heard).toEqual(['first', null, 'second'])
  await listener.close()
})
