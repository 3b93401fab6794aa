/**
 * One node of Skein, from its settings to its end: storage, the object graph, the services that this process runs, and the signals
 * that end them.
 */

import { instanceQueries } from '@skein/db'
import type { Config } from './config/config.ts'
import { readVersion } from './config/version.ts'
import { type Context, type ContextOverrides, createContext } from './context.ts'
import { createLog, type Log } from './observability/log.ts'
import { createMetrics, type Metrics } from './observability/metrics.ts'
import { createApiDoor } from './services/api.ts'
import { createCollabService } from './services/collab.ts'
import { endOnSignals } from './services/ending.ts'
import { createEventsService } from './services/events.ts'
import { createHttpService, type HttpDoor, type UpgradeDoor } from './services/http.ts'
import { createOperationsDoor } from './services/operations.ts'
import { type Service, ServiceGroup } from './services/service.ts'
import { openStorage, type Storage } from './services/storage.ts'
import { createWebService } from './services/web.ts'
import { createWorkerService } from './services/worker.ts'

interface Instruments {
  readonly log: Log
  readonly metrics: Metrics
}

/** Runs until a signal ends it; resolves when everything works. `overrides` are for tests that break things on purpose. */
export async function serve(config: Config, overrides: ContextOverrides = {}): Promise<void> {
  const log = createLog(config.logLevel)
  const metrics = createMetrics()
  const version = readVersion()
  let isDraining = false
  let storage: Storage | undefined
  let group: ServiceGroup | undefined

  const end = endOnSignals(
    async () => {
      isDraining = true
      log.debug('draining')
      await group?.end()
      await storage?.close().catch((error: unknown) => log.error({ err: error }, 'the database did not close'))
      log.debug('ended')
    },
    () => log.error('ended by force: something did not end in time'),
  )
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a broken invariant; ending')
    end(1)
  })
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'nobody waited for this failure'))

  storage = await openStorage(config, {
    isNode: true,
    log,
    onLost: (error) => {
      log.fatal({ err: error }, 'the database belongs to another node now; ending')
      end(1)
    },
  })
  const { database, secrets, mayCommit } = storage
  const context = await createContext({ config, version, database, secrets, mayCommit, log, metrics, overrides })

  const operations = createOperationsDoor(
    {
      isDraining: () => isDraining,
      checkDatabase: () => instanceQueries.checkAnswers(database.instance),
      isRelayConnected: () => context.relay?.isConnected ?? null,
    },
    metrics,
    { version, node: process.version },
  )
  group = new ServiceGroup(chooseServices(config, context, operations, { log, metrics }), (service, error) =>
    log.error({ err: error, service }, 'a service did not end well'),
  )
  await group.run()
  greet(config.publicUrl, await context.findSetupToken())
}

/** The services that this process runs, in the order of their start; the port opens last. */
function chooseServices(
  config: Config,
  context: Context,
  operations: HttpDoor,
  { log, metrics }: Instruments,
): Service[] {
  const { host, port, isDevelopment } = config
  const doors: HttpDoor[] = [operations]
  const upgrades: UpgradeDoor[] = []
  const services: Service[] = [createEventsService(context.events)]
  // Drained in the opposite order: sockets are the first to be closed.
  if (config.services.has('worker')) services.push(createWorkerService(context.works))
  if (config.services.has('api')) doors.push(createApiDoor(context.api), context.git)
  // Whoever edits a document holds it, the API and the background too.
  const collab = createCollabService(context.collab)
  services.push(collab)
  if (config.services.has('collab')) upgrades.push(collab.upgrades)
  if (config.services.has('web')) {
    const web = createWebService({ isDevelopment, host, port, githubOrigin: new URL(config.github.gitUrl).origin })
    services.push(web)
    doors.push(web.door)
    upgrades.push(web.upgrades)
  }
  return [...services, createHttpService({ host, port, doors, upgrades, log, metrics })]
}

/** The one line for whoever started it by hand; the setup token beside it, until there is an admin. */
function greet(publicUrl: string, setupToken: string | null): void {
  process.stdout.write(`Skein runs at ${publicUrl} – stop it with Ctrl+C\n`)
  if (setupToken) process.stdout.write(`The first account needs the setup token ${setupToken}\n`)
}
