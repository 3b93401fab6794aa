/**
 * A load balancer for trying several nodes on one machine: it keeps what belongs to a project on one node (the socket, the events and the calls
 * of its pages), and goes to another one when that node does not answer. Real ones do the same with a line of configuration.
 *
 * Of all nodes the one with the highest hash of node and key is asked first (rendezvous hashing), so that a node that goes or comes moves
 * only its own projects.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export interface BalancerOptions {
  port: number
  host?: string
  /** Ports of the nodes, on this machine. */
  nodes: readonly number[]
  /** False: each socket goes to a node at random, so that people of one project are on several. */
  keepsProjectsTogether?: boolean
}

export interface Balancer {
  /** Nodes that answer now. */
  readonly ready: ReadonlySet<number>
  close(): Promise<void>
}

const NODE_HOST = '127.0.0.1'
const LOOK_EVERY_MS = 250
const ANSWERS_WITHIN_MS = 2_000
/** A request that no node takes is tried again that long: a node may be just starting. */
const WAIT_MS_MAX = 10_000

/** Resolves when it listens. */
export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const { port, host = NODE_HOST, nodes, keepsProjectsTogether = true } = options
  const ready = new Set(nodes)
  const streams = new Set<Duplex>()
  let isClosed = false

  const look = async (): Promise<void> => {
    while (!isClosed) {
      await Promise.all(
        nodes.map(async (node) => {
          if (await isReady(node)) ready.add(node)
          else ready.delete(node)
        }),
      )
      await sleep(LOOK_EVERY_MS)
    }
  }

  /** Nodes in the order in which they are asked. */
  const nodesFor = (request: IncomingMessage): number[] => {
    const isSocket = request.headers.upgrade !== undefined
    const key = isSocket && !keepsProjectsTogether ? String(Math.random()) : keyOf(request.url ?? '/')
    return [...ready].sort((a, b) => (rank(a, key) < rank(b, key) ? 1 : -1))
  }

  const server = createServer((request, response) => {
    void pass(
      request,
      response,
      () => nodesFor(request),
      (node) => ready.delete(node),
    )
  })
  server.on('upgrade', (request: IncomingMessage, inner: Duplex, head: Buffer) => {
    keep(streams, inner)
    const [node] = nodesFor(request)
    if (node === undefined) inner.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
    else passSocket(request, inner, head, node, streams, () => ready.delete(node))
  })
  server.listen(port, host)
  await once(server, 'listening')
  void look()
  return {
    ready,
    close: async () => {
      isClosed = true
      for (const stream of streams) stream.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What belongs together: a project, else a path. */
export function keyOf(address: string): string {
  const url = new URL(address, 'http://balancer')
  const inPath = /^\/api\/v1\/projects\/([^/]+)/.exec(url.pathname)?.[1]
  return url.searchParams.get('project') ?? inPath ?? url.pathname
}

const rank = (node: number, key: string): string => createHash('sha1').update(`${node} ${key}`).digest('hex')

async function isReady(node: number): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
  const answer = await fetch(`http://${NODE_HOST}:${node}/readyz`, { signal }).catch(() => null)
  await answer?.body?.cancel()
  return answer?.ok ?? false
}

/** What a node learns of the client; a node that trusts this machine believes it. */
const headersOf = ({ headers, socket }: IncomingMessage) => ({
  ...headers,
  'x-forwarded-for': [headers['x-forwarded-for'], socket.remoteAddress].filter(Boolean).join(', '),
  'x-forwarded-proto': 'http',
  'x-forwarded-host': headers.host ?? '',
})

/** Asks one node after the other; only a request whose body was not sent yet may go to the next one. */
async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  nodesNow: () => number[],
  onDead: (node: number) => void,
): Promise<void> {
  for (const until = Date.now() + WAIT_MS_MAX; Date.now() < until; await sleep(LOOK_EVERY_MS)) {
    for (const node of nodesNow()) {
      if ((await passTo(node, request, response)) === 'taken') return
      onDead(node)
    }
  }
  response.writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '1' }).end('No node answers.\n')
}

function passTo(node: number, request: IncomingMessage, response: ServerResponse): Promise<'taken' | 'dead'> {
  return new Promise((resolve) => {
    const { url: path, method } = request
    const outer = ask({ host: NODE_HOST, port: node, path, method, headers: headersOf(request), agent: false })
    outer.on('socket', (socket) => socket.once('connect', () => request.pipe(outer)))
    outer.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
      resolve('taken')
    })
    outer.on('error', () => {
      const isUntouched = !request.readableDidRead && !response.headersSent
      if (!isUntouched) response.destroy()
      resolve(isUntouched ? 'dead' : 'taken')
    })
    response.on('close', () => outer.destroy())
  })
}

/** A socket is passed byte by byte, once the node has the first line and the headers. */
function passSocket(
  request: IncomingMessage,
  inner: Duplex,
  head: Buffer,
  node: number,
  streams: Set<Duplex>,
  onDead: () => void,
): void {
  const outer = keep(streams, connect({ host: NODE_HOST, port: node, noDelay: true }))
  outer.on('error', onDead)
  outer.once('connect', () => {
    const lines = Object.entries(headersOf(request)).flatMap(([name, value]) =>
      [value ?? []].flat().map((each) => `${name}: ${each}`),
    )
    outer.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    outer.write(head)
    inner.pipe(outer).pipe(inner)
  })
  outer.on('close', () => inner.destroy())
  inner.on('close', () => outer.destroy())
}

function keep<Stream extends Duplex>(streams: Set<Duplex>, stream: Stream): Stream {
  streams.add(stream)
  stream.on('error', () => {})
  stream.on('close', () => streams.delete(stream))
  return stream
}
