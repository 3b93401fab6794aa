/**
 * The sockets of live documents at `/collab`. On the way down they are the first to end: what the log holds is committed, then
 * the sockets are closed with 1012, spread over some seconds, so that not every browser comes back in the same moment.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { UpgradeDoor } from './http.ts'
import type { Service } from './service.ts'

/** What this service needs of the live documents. */
export interface CollabSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Takes no new socket, commits what is queued, and closes every socket with 1012 within `spreadMs`. */
  drain(spreadMs: number): Promise<void>
  /** Cuts what is left and unloads the documents. */
  stop(): Promise<void>
}

export interface CollabService extends Service {
  readonly upgrades: UpgradeDoor
}

const spreadMs = 3_000

export function createCollabService(sockets: CollabSockets): CollabService {
  return {
    name: 'collab',
    run: async () => {},
    drain: () => sockets.drain(spreadMs),
    stop: () => sockets.stop(),
    upgrades: {
      takes: (path) => path === '/collab',
      upgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
    },
  }
}
