/**
 * A proxy on loopback through which one `git fetch` of a stranger's repository goes, and which leads to one server only. Git and curl resolve
 * names and follow redirects by themselves, and their settings have been got round before; what they cannot do is reach anything that this
 * proxy does not dial for them. It also counts: when the budget of bytes is spent, the connection is cut.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Dial, Target } from './dial.ts'

export interface EgressProxy {
  readonly url: string
  /** Bytes that came from the server so far. */
  received(): number
  /** Whether the budget is spent. */
  isSpent(): boolean
  /** Cuts every connection. */
  close(): Promise<void>
}

export interface EgressProxyOptions {
  target: Target
  dial: Dial
  /** Most bytes that may come from the server, all connections together. */
  bytesMax: number
}

/** Opens the proxy on a free port of the loopback interface. */
export async function openEgressProxy({ target, dial, bytesMax }: EgressProxyOptions): Promise<EgressProxy> {
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const sockets = new Set<Duplex>()
  let bytes = 0

  const keep = <S extends Duplex>(socket: S): S => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    return socket
  }
  const connectCounted = async (): Promise<Socket> => {
    const socket = keep(await dial(target))
    // In HTTP and TLS the client speaks first, so nothing can come before whoever listens next does.
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bytesMax) for (const open of sockets) open.destroy()
    })
    return socket
  }

  const server = createServer((incoming, outgoing) => {
    // Only trusted servers may be plain http, so only for them does Git ask the proxy for a whole address.
    const url = URL.parse(incoming.url ?? '')
    const isTarget =
      target.isTrusted && url?.protocol === 'http:' && `${url.hostname}:${url.port || '80'}` === authority
    if (!isTarget) outgoing.writeHead(403).end()
    else forward(url, incoming, outgoing, connectCounted)
  })
  server.on('connect', async (incoming: IncomingMessage, client: Duplex) => {
    keep(client)
    if (incoming.url?.toLowerCase() !== authority) return client.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    try {
      const upstream = await connectCounted()
      upstream.once('close', () => client.destroy())
      client.once('close', () => upstream.destroy())
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(upstream)
      upstream.pipe(client)
    } catch {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    }
  })
  server.on('connection', (socket) => keep(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => bytes,
    isSpent: () => bytes > bytesMax,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function forward(
  url: URL,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  connect: () => Promise<Socket>,
): Promise<void> {
  const socket = await connect().catch(() => null)
  if (socket === null) {
    outgoing.writeHead(502).end()
    return
  }
  const { 'proxy-connection': _, ...headers } = incoming.headers
  const options = {
    method: incoming.method,
    path: `${url.pathname}${url.search}`,
    headers,
    createConnection: () => socket,
  }
  const upstream = request(options, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
    answer.once('error', () => outgoing.destroy())
  })
  upstream.once('error', () => outgoing.destroy())
  outgoing.once('close', () => socket.destroy())
  incoming.pipe(upstream)
}
