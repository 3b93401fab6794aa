/**
 * A server for the benchmarks, as a process of its own: `node.ts <kind> [database] [bytes]`. `skein` is ours; `stock` is Hocuspocus as it comes, which
 * acknowledges from memory and stores nothing; `relay` passes frames on and understands nothing: the floor. Documents of `stock` begin with that
 * many bytes of text; ours come with the database. It prints its port; GET / says what memory it takes.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Hocuspocus } from '@hocuspocus/server'
import { openDatabase } from '@skein/db'
import { type WebSocket, WebSocketServer } from 'ws'
import { createLog } from '../../observability/log.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { createCollab } from '../collab.ts'

type Upgrade = (request: import('node:http').IncomingMessage, socket: Duplex, head: Buffer) => void

const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const accept =
  (onSocket: (ws: WebSocket) => void): Upgrade =>
  (request, socket, head) =>
    webSockets.handleUpgrade(request, socket, head, onSocket)

const startSkein = async (address: string): Promise<Upgrade> => {
  const collab = createCollab({
    db: openDatabase(address),
    events: { tell: () => {} },
    log: createLog('warn'),
    metrics: createMetrics(),
    ownOrigins: [],
    now: () => new Date(),
  })
  await collab.run()
  return (request, socket, head) => collab.upgrade(request, socket, head)
}

const startStock = (textBytes: number): Upgrade => {
  const hocuspocus = new Hocuspocus({
    quiet: true,
    maxPendingDocuments: 10_000,
    onLoadDocument: async ({ document }) => document.getText('text').insert(0, 'x'.repeat(textBytes)),
  })
  return accept((ws) => {
    const client = hocuspocus.handleConnection(ws as never, new Request('http://localhost'))
    ws.on('message', (data) => client.handleMessage(new Uint8Array(data as Buffer)))
    ws.on('close', (code, reason) => client.handleClose({ code, reason: String(reason) }))
  })
}

const startRelay = (): Upgrade =>
  accept((ws) => {
    ws.on('message', (data) => {
      for (const other of webSockets.clients) if (other !== ws) other.send(data as Buffer)
    })
  })

const [kind, address = '', textBytes = '0'] = process.argv.slice(2)
const upgrade =
  kind === 'skein' ? await startSkein(address) : kind === 'stock' ? startStock(Number(textBytes)) : startRelay()
const server = createServer((_request, response) => {
  globalThis.gc?.()
  globalThis.gc?.()
  response.end(JSON.stringify(process.memoryUsage()))
})
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  upgrade(request, socket, head)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
