/** How the stand-in answers: JSON with GitHub's headers, refusals by their row in the table, and the weather (outages, rate limits). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type RefusalName, refusals } from './refusals.ts'
import { now, type World } from './state.ts'

const bodyBytesMax = 1_048_576

/** Thrown by a route to answer with one row of the table of refusals. */
export class Refused extends Error {
  readonly row: RefusalName
  constructor(row: RefusalName) {
    super(refusals[row].message)
    this.row = row
  }
}

export function answerJson(
  world: World,
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(world.quotaLeft),
    'x-ratelimit-reset': String(Math.floor(now(world) / 1000) + 3600),
    'x-ratelimit-resource': 'core',
    ...headers,
  })
  response.end(text)
}

export function answerRefusal(
  world: World,
  response: ServerResponse,
  row: RefusalName,
  headers: Record<string, string> = {},
): void {
  const { door, status, message } = refusals[row]
  if (door === 'api') {
    answerJson(world, response, status, { message, documentation_url: 'https://docs.github.com/rest' }, headers)
    return
  }
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {}
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...challenge, ...headers }).end(message)
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
    answerRefusal(world, response, 'rate-primary', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })
    return true
  }
  const retry: Record<string, string> =
    rateLimit.retryAfterSeconds === null ? {} : { 'retry-after': String(rateLimit.retryAfterSeconds) }
  const row = door === 'git' ? 'git-rate' : 'rate-secondary'
  if (door === 'git') answerRefusal(world, response, row, retry)
  else answerJson(world, response, rateLimit.status, { message: refusals[row].message }, retry)
  return true
}

/** The JSON body of a request; an empty one is `{}`. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new Error('body too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const value: unknown = text === '' ? {} : JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new Error('the body must be an object')
  return { ...value }
}
