/**
 * The pages: Next in this process, for everything that no other door takes.
 *
 * Next adds its own listener for upgrades to the HTTP server that it is given, and ends every socket whose path matches a page. It
 * is given a plain emitter instead, which passes on only the upgrades that are its own (hot reload, in development).
 */

import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import type { HttpDoor, UpgradeDoor } from './http.ts'
import type { Service } from './service.ts'

/** The part of Next's custom server that is used here; its own types cannot be resolved from an ES module. */
interface NextApp {
  prepare(): Promise<void>
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
  close(): Promise<void>
}

type CreateNext = (options: {
  dev: boolean
  dir: string
  hostname: string
  port: number
  httpServer: EventEmitter
}) => NextApp

export interface WebService extends Service {
  readonly door: HttpDoor
  readonly upgrades: UpgradeDoor
}

const webFolder = path.resolve(import.meta.dirname, '../../../apps/web')

export function createWebService(options: { isDevelopment: boolean; host: string; port: number }): WebService {
  const nextUpgrades = new EventEmitter()
  let app: NextApp | undefined
  let handle: ReturnType<NextApp['getRequestHandler']> | undefined
  return {
    name: 'web',
    run: async () => {
      const { default: next } = (await import('next')) as unknown as { default: CreateNext }
      app = next({
        dev: options.isDevelopment,
        dir: webFolder,
        hostname: options.host,
        port: options.port,
        httpServer: nextUpgrades,
      })
      await app.prepare()
      handle = app.getRequestHandler()
    },
    drain: async () => {},
    stop: async () => app?.close(),
    door: {
      door: 'page',
      takes: () => handle !== undefined,
      handle: (request, response) => {
        response.removeHeader('Content-Security-Policy') // a page's own policy carries its nonce
        return handle?.(request, response)
      },
    },
    upgrades: {
      takes: (path) => options.isDevelopment && path.startsWith('/_next/'),
      upgrade: (request, socket, head) => {
        if (!nextUpgrades.emit('upgrade', request, socket, head)) socket.destroy()
      },
    },
  }
}
