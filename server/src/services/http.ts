/**
 * The one port. Requests and upgrades go to the first door that takes their path; what no door takes is a plain 404. While the
 * process drains, requests are still answered but no socket is accepted any more.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { StartRefused } from '@skein/db'
import type { Log } from '../observability/log.ts'
import type { Door, Metrics } from '../observability/metrics.ts'
import type { Service } from './service.ts'

export interface HttpDoor {
  readonly door: Door
  /** `path` has no query. */
  takes(path: string): boolean
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>
}

export interface UpgradeDoor {
  takes(path: string): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface HttpServiceOptions {
  readonly host: string
  readonly port: number
  readonly doors: readonly HttpDoor[]
  readonly upgrades: readonly UpgradeDoor[]
  readonly log: Log
  readonly metrics: Metrics
}

/** Longest wait for a request's headers, and for a whole request; bodies of imports and clones may take their time. */
const headersTimeoutMs = 20_000
const requestTimeoutMs = 600_000
/** Longer than proxies keep their connections, so that it is always they who close an idle one. */
const keepAliveTimeoutMs = 75_000
const answersEndWithinMs = 5_000

/** Headers that every answer carries; pages add their own content security policy. */
const safeHeaders: readonly (readonly [string, string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'same-origin'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
]

export function createHttpService({ host, port, doors, upgrades, log, metrics }: HttpServiceOptions): Service {
  let isDraining = false
  const answering = new Set<ServerResponse>()

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const started = performance.now()
    const path = pathOf(request)
    const door = doors.find((candidate) => candidate.takes(path))
    for (const [name, value] of safeHeaders) response.setHeader(name, value)
    if (isDraining) response.setHeader('Connection', 'close')
    answering.add(response)
    response.once('close', () => {
      answering.delete(response)
      metrics.observeRequest(door?.door ?? 'page', response.statusCode, (performance.now() - started) / 1000)
    })
    if (!door) {
      answerPlainly(response, 404, 'There is nothing at this address.')
      return
    }
    Promise.try(() => door.handle(request, response)).catch((error: unknown) => {
      log.error({ err: error, door: door.door }, 'a request failed')
      if (response.headersSent) response.destroy()
      else
        answerPlainly(response, 500, 'Something went wrong on the server. Nothing that was saved is lost. Try again.')
    })
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', destroyItself)
    const door = upgrades.find((candidate) => candidate.takes(pathOf(request)))
    if (isDraining || !door)
      socket.end(`HTTP/1.1 ${isDraining ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`)
    else door.upgrade(request, socket, head)
  }

  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
    onRequest,
  )
  server.on('upgrade', onUpgrade)
  return {
    name: 'http',
    run: () => listen(server, host, port),
    drain: async () => {
      isDraining = true
      // Event streams never end by themselves; their clients come back with the last event they have.
      for (const response of answering) if (isEventStream(response)) response.destroy()
    },
    stop: () => close(server),
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken =
        error.code === 'EADDRINUSE' &&
        `Port ${port} is taken by another program. Stop it, or choose another one: PORT=${port + 1} npm start`
      reject(taken ? new StartRefused(taken) : error)
    })
    server.listen(port, host, resolve)
  })
}

const isEventStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type')).startsWith('text/event-stream')

/** Lets answers that are being written end, for a while. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), answersEndWithinMs)
  await closed
  clearTimeout(cut)
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/'

function answerPlainly(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

/** One for all sockets: a closure of its own would keep the request of the upgrade, as long as the socket is open. */
function destroyItself(this: Duplex): void {
  this.destroy()
}
