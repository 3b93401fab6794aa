/** A collaboration server on a port of its own, built like the product's. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Database } from '@skein/db'
import type { EphemeralEvent } from '@skein/protocol'
import { createLog, type Log } from '../../observability/log.ts'
import { createMetrics, type Metrics } from '../../observability/metrics.ts'
import { type Collab, type CollabDeps, createCollab } from '../collab.ts'
import type { Failpoints } from '../collab-node.ts'
import type { CollabTimes } from '../collab-times.ts'

export interface TestCollab {
  collab: Collab
  url: string
  metrics: Metrics
  /** What was told over the projects' channels. */
  told: EphemeralEvent[]
  stop(): Promise<void>
}

export const TEST_ORIGIN = 'http://skein.test'

/** Documents leave memory soon, and their texts are kept at once. */
const SHORT_TIMES: Partial<CollabTimes> = { idleMs: 200, quietMs: 20, roundMs: 20, spreadMs: 50 }

type TestOptions = Failpoints &
  Pick<CollabDeps, 'mayCommit' | 'relay' | 'clock'> & { times?: Partial<CollabTimes>; log?: Log }

export async function startCollab(
  db: Database,
  { times, mayCommit, relay, clock, log = createLog('silent'), ...failpoints }: TestOptions = {},
): Promise<TestCollab> {
  const metrics = createMetrics()
  const told: EphemeralEvent[] = []
  const collab = createCollab({
    db,
    events: { tell: (_project, event) => told.push(event) },
    log,
    metrics,
    ownOrigins: [TEST_ORIGIN],
    ...(mayCommit && { mayCommit }),
    ...(relay && { relay }),
    ...(clock && { clock }),
    now: () => new Date(),
    failpoints,
    times: { ...SHORT_TIMES, ...times },
  })
  const server = createServer((_request, response) => response.writeHead(404).end())
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    collab.upgrade(request, socket, head)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await collab.run()
  return {
    collab,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/collab`,
    metrics,
    told,
    stop: async () => {
      await collab.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
