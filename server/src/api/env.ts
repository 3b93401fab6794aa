/** What every handler of the API finds in its context, and how a module of routes begins. */
import type { IncomingMessage } from 'node:http'
import { OpenAPIHono } from '@hono/zod-openapi'
import { ErrorBody, Refusal } from '@skein/protocol'
import type { Context } from 'hono'
import { z } from 'zod'
import type { Actor } from '../policies/actor.ts'
import { inputToWords } from './input-words.ts'

export type ApiEnv = {
  /** What the Node server hands over; absent when a request is made without a socket. */
  Bindings: { incoming?: IncomingMessage }
  Variables: {
    /** Who is asking. Set before any route of a `signedIn` module runs; open modules must not read it. */
    actor: Actor
    /** The browser session of the request; null when it came with an API token. */
    sessionId: string | null
    /** Refuses when the session or token of the request does not count any more: for answers that go on for long. */
    checkIdentity: () => Promise<void>
    requestId: string
    /** The client's address, behind trusted proxies; IPv6 as its /64. */
    address: string
  }
}
export type ApiContext = Context<ApiEnv>
export type ApiRoutes = OpenAPIHono<ApiEnv>

// For all schemas of the process at once: routes parse deep inside the library, which takes no words along.
z.config({ customError: inputToWords })

/**
 * An empty module of routes. Paths in it are relative to `/api/v1`; a request that does not fit its schemas is refused before the
 * handler. Handlers refuse by throwing a `Refusal`.
 */
export const newRoutes = (): ApiRoutes =>
  new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw refuseInput(result.error)
    },
  })

/** The refusal of input that does not fit its schema: the first fault as a sentence, all of them in the details. */
export function refuseInput(error: z.ZodError): Refusal {
  const issues = error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  const first = issues[0]
  const message = first?.path ? `${first.path}: ${first.message}` : (first?.message ?? 'The request is not valid.')
  return new Refusal('invalid-request', message, {
    hint: 'See /api/openapi.json for what is expected.',
    details: { issues },
  })
}

/** `content` of a JSON body or answer in a route's description. */
export const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } })

/** A required JSON body in a route's description. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) =>
  ({ body: { required: true, content: json(schema) } }) as const

/** The answer of a route in its description; refusals are described once, by `default`. */
export const answers = <Status extends number, Schema extends z.ZodType>(
  status: Status,
  description: string,
  schema: Schema,
) =>
  ({ [status]: { description, content: json(schema) } }) as {
    [S in Status]: { description: string; content: { 'application/json': { schema: Schema } } }
  }

/** The description of refusals, the same for every route. */
export const REFUSAL = { description: 'Refused: a code, what happened, and what to do', content: json(ErrorBody) }
