/**
 * `POST /webhooks/github`: what GitHub calls, and `GET /webhooks/github/health`: what anybody may know of that. Both also stand below `/api/v1`,
 * beside everything else. Nobody is signed in here: a call is known by its signature alone.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { deliveryQueries } from '@skein/db'
import { Refusal, WebhookHealth } from '@skein/protocol'
import { DeliveryHeaders, type ReceiveDeps, receiveDelivery } from '../commands/deliveries/receive-delivery.ts'
import type { Rejections } from '../commands/deliveries/rejections.ts'
import type { GithubApps } from '../commands/github-app/github-apps.ts'
import { tooMany } from '../policies/too-many.ts'
import { ByteBudget } from './byte-budget.ts'
import { type ApiRoutes, answers, json, newRoutes, REFUSAL } from './env.ts'

export interface WebhookRoutesDeps extends Omit<ReceiveDeps, 'onRejected'> {
  apps: GithubApps
  rejections: Rejections
  /** How long a payload may be on its way; absent: 15 s. */
  bodyMsMax?: number
  /** Told of every call that was taken, for the metrics. */
  onReceived: (how: 'received' | 'repeated' | 'rejected') => void
}

/** Payloads in memory at the same moment; GitHub sends 25 MiB at most, and most are some kilobytes. */
const payloadBytesMax = 100 * 1024 * 1024
/** Of a call that does not tell its length. */
const untoldBytes = 25 * 1024 * 1024

/** GitHub gives up after ten seconds; whoever sends more slowly is somebody else, and holds memory. */
const bodyMsMaxOfGithub = 15_000

type Health = z.infer<typeof WebhookHealth>

/** How old the answer about the webhook's health may be. */
const healthKeptMs = 5_000

const tags = ['github']
const receive = createRoute({
  method: 'post',
  path: '/webhooks/github',
  tags,
  summary: 'A delivery of the GitHub App’s webhook, signed with its secret',
  security: [],
  request: { headers: DeliveryHeaders.partial() },
  responses: {
    202: { description: 'It is kept, and will be worked on', content: json(z.object({ state: z.string() })) },
    default: REFUSAL,
  },
})
const health = createRoute({
  method: 'get',
  path: '/webhooks/github/health',
  tags,
  summary: 'Whether deliveries of GitHub arrive and are worked on',
  security: [],
  responses: { ...answers(200, 'How it stands', WebhookHealth), default: REFUSAL },
})

/** Routes of the webhook; one module may stand at several places. */
export function webhookRoutes(deps: WebhookRoutesDeps): ApiRoutes {
  const { tx, apps, rejections, onReceived, bodyMsMax = bodyMsMaxOfGithub } = deps
  const budget = new ByteBudget(payloadBytesMax)
  const onRejected = () => {
    rejections.count()
    onReceived('rejected')
  }
  // Anybody may ask, as often as they like: it costs one look in a while.
  let known: { at: number; health: Promise<Health> } | null = null
  const routes = newRoutes()
  routes.openapi(receive, async (c) => {
    const headers = DeliveryHeaders.safeParse(c.req.header())
    if (!headers.success) {
      onRejected()
      throw new Refusal('invalid-request', 'This is not a delivery of GitHub: its headers are not all there.', {
        hint: 'X-GitHub-Delivery, X-GitHub-Event and X-Hub-Signature-256 are needed.',
      })
    }
    const giveBack = budget.take(Number(c.req.header('content-length') ?? untoldBytes))
    try {
      const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false
      const payload = { chunks: withinTime(c.req.raw.body, bodyMsMax), isForm }
      const state = await receiveDelivery({ tx, apps, onRejected }, headers.data, payload)
      onReceived(state === 'done' ? 'repeated' : 'received')
      return c.json({ state }, 202)
    } catch (error) {
      const isWrong = error instanceof Refusal && error.code === 'wrong-credentials'
      throw isWrong && rejections.isFlooded ? tooMany('calls with a wrong signature', 1) : error
    } finally {
      giveBack()
    }
  })
  routes.openapi(health, async (c) => {
    const now = Date.now()
    if (known === null || now - known.at > healthKeptMs) {
      const health = readHealth(deps)
      health.catch(() => {
        known = null
      })
      known = { at: now, health }
    }
    return c.json(await known.health, 200)
  })
  return routes
}

async function readHealth({ tx, apps }: Pick<WebhookRoutesDeps, 'tx' | 'apps'>): Promise<Health> {
  const { lastAt, waiting } = await deliveryQueries.readDeliveryHealth(tx)
  // One whose secrets do not open takes no delivery.
  const app = await apps.read().catch((error: unknown) => {
    if (error instanceof Refusal) return null
    throw error
  })
  const configured = app !== null && app.webhookSecret !== null
  return { configured, lastDeliveryAt: lastAt?.toISOString() ?? null, waiting }
}

/** The chunks of a body; refuses when they take longer than that. */
async function* withinTime(body: ReadableStream<Uint8Array> | null, msMax: number): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const signal = AbortSignal.timeout(msMax)
  try {
    yield* body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Refusal('invalid-request', 'The payload took too long to arrive.', { hint: 'Send it again.' })
  }
}
