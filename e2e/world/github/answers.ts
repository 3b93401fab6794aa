/** How the stand-in answers: JSON with GitHub's headers, refusals by their row in the table, and the weather (outages, rate limits). */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Refusal, type RefusalName, refusals } from './refusals.ts'
import { now, type World } from './state.ts'

/** What GitHub itself is sent here is small. */
const bodyBytesMax = 1_048_576

/** What a refusal says beyond its row: words for each `%s` of the message, and headers. */
interface More {
  words?: string[]
  headers?: Record<string, string>
}

/** Thrown by a route to answer with one row of the table of refusals. */
export class Refused extends Error {
  readonly row: RefusalName
  readonly more: More
  constructor(row: RefusalName, more: More = {}) {
    super(refusals[row].message)
    this.row = row
    this.more = more
  }
}

interface Asked {
  world: World
  request: IncomingMessage
  response: ServerResponse
}

/** What every answer of the API says of the hour's calls. */
export function quotaHeaders(world: World): Record<string, string> {
  return {
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(world.quotaLeft),
    'x-ratelimit-used': String(5000 - world.quotaLeft),
    'x-ratelimit-reset': String(Math.floor(now(world) / 1000) + 3600),
    'x-ratelimit-resource': 'core',
    'x-github-request-id': 'C0DE:1:2:3:4',
  }
}

/** Answers with JSON; a GET whose answer the client has already costs it nothing and is answered 304. */
export function answerJson(asked: Asked, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const { world, request, response } = asked
  const text = JSON.stringify(body)
  const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`
  const isKnown = status === 200 && request.method === 'GET' && request.headers['if-none-match'] === etag
  if (isKnown) world.quotaLeft += 1
  response.writeHead(isKnown ? 304 : status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 200 && request.method === 'GET' ? { etag } : {}),
    ...quotaHeaders(world),
    ...headers,
  })
  response.end(isKnown ? undefined : text)
}

/** One page of a list, with GitHub's links to the others. */
export function answerPage<T>(
  asked: Asked & { url: URL; origin: string },
  all: T[],
  show: (page: T[]) => unknown,
): void {
  const { url, origin } = asked
  const size = Math.min(100, Math.max(1, Number(url.searchParams.get('per_page') ?? 30)))
  const page = Math.max(1, Number(url.searchParams.get('page') ?? 1))
  const last = Math.max(1, Math.ceil(all.length / size))
  const linkTo = (number: number, relation: string) => {
    const target = new URL(`${origin}${url.pathname}${url.search}`)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${relation}"`
  }
  const links = [
    ...(page > 1 ? [linkTo(page - 1, 'prev')] : []),
    ...(page < last ? [linkTo(page + 1, 'next'), linkTo(last, 'last')] : []),
    ...(page > 1 ? [linkTo(1, 'first')] : []),
  ]
  const headers: Record<string, string> = links.length === 0 ? {} : { link: links.join(', ') }
  answerJson(asked, 200, show(all.slice((page - 1) * size, page * size)), headers)
}

export function answerRefusal(world: World, response: ServerResponse, row: RefusalName, more: More = {}): void {
  const { door, status, message, error }: Refusal = refusals[row]
  const words = [...(more.words ?? [])]
  const said = message.replaceAll('%s', () => words.shift() ?? '')
  if (door === 'api') {
    const documentation = { documentation_url: 'https://docs.github.com/rest', status: String(status) }
    const body =
      error === undefined
        ? { message: said, ...documentation }
        : { message: 'Validation Failed', errors: [{ ...error, message: said }], ...documentation }
    const headers = { 'content-type': 'application/json; charset=utf-8', ...quotaHeaders(world), ...more.headers }
    response.writeHead(status, headers).end(JSON.stringify(body))
    return
  }
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {}
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...challenge, ...more.headers }).end(said)
}

/** Answers (or drops) the request when an outage or a rate limit is on; true when it did. */
export function answerWeather(
  world: World,
  door: 'api' | 'git',
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { outage, rateLimit } = world
  if (outage !== null && (outage.on === 'all' || outage.on === door)) {
    if (outage.status === null) request.socket.destroy()
    else response.writeHead(outage.status, { 'content-type': 'text/html' }).end('<h1>Unicorn!</h1>')
    return true
  }
  if (rateLimit === null) return false
  if (rateLimit.kind === 'primary') {
    // The primary limit counts API calls; Git is not part of it.
    if (door === 'git') return false
    const reset = String(Math.floor(now(world) / 1000) + rateLimit.resetSeconds)
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    answerRefusal(world, response, 'rate-primary', { headers })
    return true
  }
  const headers: Record<string, string> =
    rateLimit.retryAfterSeconds === null ? {} : { 'retry-after': String(rateLimit.retryAfterSeconds) }
  if (door === 'git') answerRefusal(world, response, 'git-rate', { headers })
  else answerRefusal(world, response, rateLimit.status === 403 ? 'rate-secondary-403' : 'rate-secondary', { headers })
  return true
}

/** The JSON body of a request; an empty one is `{}`. */
export async function readJson(
  request: IncomingMessage,
  bytesMax: number = bodyBytesMax,
): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error('body too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const value: unknown = text === '' ? {} : JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new Error('the body must be an object')
  return { ...value }
}
