/** The App's webhook over REST: its address, and the deliveries of the last days, which may be asked for again. */
import { type Call, type Route, requireApp } from './access.ts'
import { answerJson, Refused } from './answers.ts'
import { presentDelivery, redeliver } from './deliveries.ts'
import type { Delivery } from './hook-state.ts'
import { now } from './state.ts'

/** GitHub forgets deliveries after this. */
const keptMs = 3 * 24 * 3_600_000

export const hookRoutes: Route[] = [
  { method: 'GET', pattern: /^\/app\/hook\/config$/, answer: getConfig },
  { method: 'PATCH', pattern: /^\/app\/hook\/config$/, answer: changeConfig },
  { method: 'GET', pattern: /^\/app\/hook\/deliveries$/, answer: listDeliveries },
  { method: 'GET', pattern: /^\/app\/hook\/deliveries\/(\d+)$/, answer: getDelivery },
  { method: 'POST', pattern: /^\/app\/hook\/deliveries\/(\d+)\/attempts$/, answer: attemptDelivery },
]

function getConfig(call: Call): void {
  requireApp(call)
  const { hook } = call.world.app
  answerJson(call, 200, { url: hook.url, content_type: hook.contentType, insecure_ssl: '0', secret: '********' })
}

function changeConfig(call: Call): void {
  requireApp(call)
  const { hook } = call.world.app
  const { url, content_type: type, secret } = call.body
  if (url !== undefined && (typeof url !== 'string' || !/^https?:/.test(url) || !URL.canParse(url)))
    throw new Refused('hook-url')
  if (typeof url === 'string') hook.url = url
  if (type === 'json' || type === 'form') hook.contentType = type
  if (typeof secret === 'string') hook.secret = secret
  getConfig(call)
}

function kept(call: Call): Delivery[] {
  const since = now(call.world) - keptMs
  return call.world.hooks.deliveries.filter(({ deliveredAt }) => deliveredAt >= since).reverse()
}

/** Newest first; the cursor is the number of the last delivery that was listed. */
function listDeliveries(call: Call): void {
  requireApp(call)
  const size = Math.min(100, Number(call.url.searchParams.get('per_page') ?? 30))
  const cursor = call.url.searchParams.get('cursor')
  const all = kept(call)
  const from = cursor === null ? 0 : all.findIndex(({ id }) => id === Number(cursor)) + 1
  const page = all.slice(from, from + size)
  const more = from + size < all.length
  const next = new URL(`${call.origin}${call.url.pathname}${call.url.search}`)
  next.searchParams.set('cursor', String(page.at(-1)?.id))
  answerJson(call, 200, page.map(presentDelivery), more ? { link: `<${next.href}>; rel="next"` } : {})
}

function deliveryOf(call: Call): Delivery {
  const delivery = kept(call).find(({ id }) => id === Number(call.parts[0]))
  if (delivery === undefined) throw new Refused('delivery-unknown')
  return delivery
}

function getDelivery(call: Call): void {
  requireApp(call)
  const delivery = deliveryOf(call)
  const { request, response } = delivery
  const isJson = call.world.app.hook.contentType === 'json'
  answerJson(call, 200, {
    ...presentDelivery(delivery),
    url: request.url,
    request: { headers: request.headers, payload: isJson ? JSON.parse(request.body) : request.body },
    response: { headers: response.headers, payload: response.body },
  })
}

function attemptDelivery(call: Call): void {
  requireApp(call)
  redeliver(call.world, deliveryOf(call))
  answerJson(call, 202, {})
}
