/**
 * The sockets of live documents. On the way down they are the first to end: they are closed with 1012, spread over some seconds, so
 * that not every browser comes back in the same moment, and what the log holds is committed.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { UpgradeDoor } from './http.ts'
import type { Service } from './service.ts'

/** What this service needs of the live documents. */
export interface CollabSockets extends UpgradeDoor {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  run(): Promise<void>
  drain(): Promise<void>
  stop(): Promise<void>
}

export interface CollabService extends Service {
  readonly upgrades: UpgradeDoor
}

export function createCollabService(sockets: CollabSockets): CollabService {
  return {
    name: 'collab',
    run: () => sockets.run(),
    drain: () => sockets.drain(),
    stop: () => sockets.stop(),
    upgrades: sockets,
  }
}
