/**
 * The pages: Next in this process, for everything that no other door takes.
 *
 * Next adds its own listener for upgrades to the HTTP server that it is given, and ends every socket whose path matches a page. It
 * is given a plain emitter instead, which passes on only the upgrades that are its own (hot reload, in development).
 */

import { EventEmitter } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { StartRefused } from '@skein/db'
import { setVariable } from '../config/env.ts'
import type { HttpDoor, UpgradeDoor } from './http.ts'
import type { Service } from './service.ts'

/** The part of Next's custom server that is used here; its own types would change those of Node's environment for all of the server. */
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

/** Tells the pages where GitHub is, which only the server's settings say. Whatever a client sends under this name is overwritten. */
const githubHeader = 'x-skein-github'

export function createWebService(options: {
  isDevelopment: boolean
  host: string
  port: number
  /** Origin of GitHub's pages: the admin's page posts a form there. */
  githubOrigin: string
}): WebService {
  const nextUpgrades = new EventEmitter()
  let app: NextApp | undefined
  let handle: ReturnType<NextApp['getRequestHandler']> | undefined
  return {
    name: 'web',
    run: async () => {
      const { isDevelopment, host, port } = options
      const next = createRequire(import.meta.url)('next') as CreateNext
      if (!isDevelopment) tellBuiltConfig()
      const created = next({ dev: isDevelopment, dir: webFolder, hostname: host, port, httpServer: nextUpgrades })
      app = created
      await withoutGreeting(() => created.prepare())
      handle = created.getRequestHandler()
    },
    drain: async () => {},
    stop: async () => app?.close(),
    door: {
      door: 'page',
      takes: () => handle !== undefined,
      handle: (request, response) => {
        response.removeHeader('Content-Security-Policy') // a page's own policy carries its nonce
        request.headers[githubHeader] = options.githubOrigin
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

/**
 * Hands Next the configuration as the build wrote it down, the way its own standalone server does; reading next.config.ts again would load a
 * compiler into this process.
 */
function tellBuiltConfig(): void {
  const file = path.join(webFolder, '.next/required-server-files.json')
  if (!existsSync(file))
    throw new StartRefused('The pages are not built yet. Run `npm start`, which builds what is missing.')
  const { config } = JSON.parse(readFileSync(file, 'utf8')) as { config: object }
  setVariable('__NEXT_PRIVATE_STANDALONE_CONFIG', JSON.stringify(config))
}

/** Next tells how long its start took on standard output, which belongs to the log and to the one line for people. */
async function withoutGreeting(work: () => Promise<void>): Promise<void> {
  const { log } = console
  console.log = () => {}
  await work().finally(() => {
    console.log = log
  })
}
