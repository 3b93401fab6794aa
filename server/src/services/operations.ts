/** The endpoints for whoever operates an instance: `/livez`, `/readyz`, `/version`, `/metrics`. */

import type { ServerResponse } from 'node:http'
import type { Metrics } from '../observability/metrics.ts'
import type { HttpDoor } from './http.ts'

export interface Readiness {
  /** Whether the process is on its way down. */
  isDraining(): boolean
  /** Resolves when the database answers; its schema was checked before anything listened. */
  checkDatabase(): Promise<void>
  /** Whether other nodes are heard at once; null: there are none. Without it a node is slower to hear them, not less ready. */
  isRelayConnected(): boolean | null
}

export interface Version {
  readonly version: string
  readonly node: string
}

const databaseAnswersWithinMs = 2_000

export function createOperationsDoor(readiness: Readiness, metrics: Metrics, version: Version): HttpDoor {
  const answers: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    '/livez': (response) => answer(response, 200, { live: true }),
    '/readyz': async (response) => {
      const problem = await findProblem(readiness)
      const relay = readiness.isRelayConnected()
      answer(response, problem ? 503 : 200, {
        ready: !problem,
        ...(problem && { problem }),
        ...(relay !== null && { redis: relay ? 'connected' : 'away' }),
      })
    },
    '/version': (response) => answer(response, 200, version),
    '/metrics': async (response) => {
      const { type, text } = await metrics.render()
      response.writeHead(200, { 'Content-Type': type }).end(text)
    },
  }
  return {
    door: 'operations',
    takes: (path) => Object.hasOwn(answers, path),
    handle: (request, response) => answers[request.url?.split('?', 1)[0] ?? '']?.(response),
  }
}

async function findProblem({ isDraining, checkDatabase }: Readiness): Promise<string | null> {
  if (isDraining()) return 'draining'
  const late = new Promise<never>((_, reject) => setTimeout(reject, databaseAnswersWithinMs).unref())
  return Promise.race([checkDatabase(), late]).then(
    () => null,
    () => 'database',
  )
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    .end(JSON.stringify(body))
}
