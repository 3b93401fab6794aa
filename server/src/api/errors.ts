/**
 * How a refusal or a fault becomes an answer. Refusals are told as they are; a fault is logged with its request id and told without
 * its insides.
 */
import { type ErrorBody, Refusal, STATUS_BY_CODE } from '@skein/protocol'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { answerBrowser, isComingBack } from './coming-back.ts'
import type { ApiContext } from './env.ts'

export type LogFault = (error: unknown, about: { requestId: string; method: string; path: string }) => void

/** Codes of Node and PostgreSQL that mean: the database is away or going away. */
const DATABASE_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
  '53300',
])

/** The answer to a refusal. */
export function answerRefusal(c: ApiContext, refusal: Refusal): Response {
  const { code, message, hint, details } = refusal
  const body: ErrorBody = { error: { code, message, ...(details && { details }), ...(hint && { hint }) } }
  const seconds = code === 'rate-limited' ? details?.retryAfterSeconds : undefined
  if (typeof seconds === 'number') c.header('Retry-After', String(seconds))
  if (isComingBack(c)) return answerBrowser(c, refusal)
  if (STATUS_BY_CODE[code] === 401) c.header('WWW-Authenticate', 'Bearer')
  // Below /api/auth, better-auth's browser client looks for both at the top level.
  const answer = c.req.path.startsWith('/api/auth/') ? { ...body, code, message } : body
  return c.json(answer, STATUS_BY_CODE[code] as ContentfulStatusCode)
}

/** Makes the application's error handler. */
export const answerError =
  (logFault: LogFault) =>
  (error: Error, c: ApiContext): Response => {
    const refusal = errorToRefusal(error, c.get('requestId'))
    if (STATUS_BY_CODE[refusal.code] >= 500 && !(error instanceof Refusal)) {
      logFault(error, { requestId: c.get('requestId'), method: c.req.method, path: c.req.path })
    }
    return answerRefusal(c, refusal)
  }

function errorToRefusal(error: Error & { code?: unknown }, requestId: string): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof HTTPException && error.status === 400) {
    return new Refusal('invalid-request', 'The body is not valid JSON.', {
      hint: 'Send a JSON object, with the content type application/json.',
    })
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new Refusal('unsupported-media-type', 'The body is not said to be JSON.', {
      hint: 'Send a JSON object, with the content type application/json.',
    })
  }
  if (typeof error.code === 'string' && DATABASE_AWAY.has(error.code)) {
    return new Refusal(
      'unavailable',
      'The database does not answer. What was saved is safe; this request changed nothing.',
      {
        hint: 'Try again in a few seconds.',
        details: { requestId },
      },
    )
  }
  return new Refusal('internal-error', `This request failed inside Skein. It is noted in the log as ${requestId}.`, {
    hint: 'Try again; if it stays, give this number to whoever runs the instance.',
    details: { requestId },
  })
}
