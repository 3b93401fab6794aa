/**
 * Sends webhooks as GitHub does: signed over the raw body, with an id that stays the same when it is sent again, with nothing above 25 MB,
 * and without a second try of its own. The weather decides what becomes of them on the way.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Delivery } from './hook-state.ts'
import { nextId, now, type World } from './state.ts'

/** A larger payload is not delivered at all. */
const bodyBytesMax = 25 * 1_048_576
/** GitHub gives up on a receiver after this. */
const timeoutMs = 10_000
const responseCharactersMax = 10_000

/** Queues one event for the App's address; nothing when it has none. */
export function deliver(world: World, event: string, payload: Record<string, unknown>): void {
  const { hook } = world.app
  if (!hook.active || hook.url === null) return
  const json = JSON.stringify(world.hooks.weather.thin ? thinned(payload) : payload)
  const body = hook.contentType === 'json' ? json : new URLSearchParams({ payload: json }).toString()
  if (Buffer.byteLength(json) > bodyBytesMax) return
  const ids = payload as { installation?: { id: number }; repository?: { id: number }; action?: string }
  const guid = randomUUID()
  const delivery: Delivery = {
    id: nextId(world),
    guid,
    deliveredAt: now(world),
    redelivery: false,
    durationSeconds: 0,
    status: 'pending',
    statusCode: 0,
    event,
    action: ids.action ?? null,
    installationId: ids.installation?.id ?? null,
    repositoryId: ids.repository?.id ?? null,
    request: { url: hook.url, headers: headersOf(world, event, guid, body), body },
    response: { headers: {}, body: '' },
  }
  queue(world, delivery)
}

/** Sends a delivery once more, with the same id; GitHub lists it as another one. */
export function redeliver(world: World, delivery: Delivery): void {
  const { hook } = world.app
  const { event, guid, request } = delivery
  const headers = headersOf(world, event, guid, request.body)
  const again: Delivery = {
    ...delivery,
    id: nextId(world),
    deliveredAt: now(world),
    redelivery: true,
    request: { url: hook.url ?? request.url, headers, body: request.body },
  }
  queue(world, again)
}

function headersOf(world: World, event: string, guid: string, body: string): Record<string, string> {
  const { hook, id } = world.app
  const sign = (kind: 'sha1' | 'sha256') => `${kind}=${createHmac(kind, hook.secret).update(body).digest('hex')}`
  const type = hook.contentType === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
  return {
    accept: '*/*',
    'content-type': type,
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': '314',
    'x-github-hook-installation-target-id': String(id),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': sign('sha1'),
    'x-hub-signature-256': sign('sha256'),
  }
}

/** What still says which repository and installation it is about. */
function thinned(payload: Record<string, unknown>): Record<string, unknown> {
  const { action, ref, repository, installation } = payload as Record<string, { id: number; full_name?: string }>
  return {
    ...(action === undefined ? {} : { action }),
    ...(ref === undefined ? {} : { ref }),
    ...(repository === undefined ? {} : { repository: { id: repository.id, full_name: repository.full_name } }),
    ...(installation === undefined ? {} : { installation: { id: installation.id } }),
  }
}

function queue(world: World, delivery: Delivery): void {
  const { hooks } = world
  const { lose, copies, reorder, hold } = hooks.weather
  if (lose !== 'no') {
    const isTold = lose === 'failed'
    hooks.deliveries.push({
      ...delivery,
      status: isTold ? 'timed out' : 'OK',
      statusCode: isTold ? 504 : 200,
    })
    return
  }
  hooks.held.push(...Array.from({ length: copies }, () => delivery))
  if (hold) return
  if (reorder === 0) release(world)
  else if (hooks.held.length >= reorder) release(world, 'reverse')
}

/** Sends everything that is held back, in the order in which it came or in reverse. */
export function release(world: World, order: 'same' | 'reverse' = 'same'): void {
  const { hooks } = world
  const held = hooks.held.splice(0)
  if (order === 'reverse') held.reverse()
  hooks.underWay += held.length
  const dueAt = Date.now() + hooks.weather.delayMs
  // One receiver is told one thing after the other, so that the order is the one that was chosen.
  const send = async () => {
    await before
    await wait(Math.max(0, dueAt - Date.now()))
    for (const delivery of held) {
      await sendOne(world, delivery)
      hooks.underWay -= 1
    }
  }
  const before = hooks.lane
  hooks.lane = send()
}

async function sendOne(world: World, delivery: Delivery): Promise<void> {
  const startedAt = Date.now()
  const record = { ...delivery }
  try {
    const { url, headers, body } = delivery.request
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    record.statusCode = answer.status
    record.status = answer.ok ? 'OK' : answer.statusText
    record.response = {
      headers: Object.fromEntries(answer.headers),
      body: (await answer.text()).slice(0, responseCharactersMax),
    }
  } catch (error) {
    record.statusCode = 502
    record.status = (error as Error).name === 'TimeoutError' ? 'timed out' : 'failed to connect to host'
  }
  record.durationSeconds = (Date.now() - startedAt) / 1000
  world.hooks.deliveries.push(record)
}

/** A delivery as the list of them shows it. */
export function presentDelivery(delivery: Delivery) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: new Date(delivery.deliveredAt).toISOString(),
    redelivery: delivery.redelivery,
    duration: delivery.durationSeconds,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  }
}
