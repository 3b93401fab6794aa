/** The answer to a request that no route takes: 405 where the address exists for other methods, 404 elsewhere. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { Refusal } from '@skein/protocol'
import type { ApiContext, ApiEnv } from './env.ts'
import { answerRefusal } from './errors.ts'

/** Answers with what may be done instead. */
export function answerUnknown(app: OpenAPIHono<ApiEnv>, c: ApiContext): Response {
  const { method, path } = c.req
  const allowed = [...new Set(app.routes.filter((route) => matches(route, path)).map((route) => route.method))]
  if (allowed.length === 0) {
    return answerRefusal(
      c,
      new Refusal('not-found', `There is no ${method} ${path} here.`, { hint: 'See /api/openapi.json.' }),
    )
  }
  c.header('Allow', allowed.join(', '))
  return answerRefusal(
    c,
    new Refusal('method-not-allowed', `${path} does not take ${method}.`, {
      hint: `It takes ${allowed.join(', ')}.`,
      details: { allowed },
    }),
  )
}

/** Parameters are `:name`, or `:name{pattern}` for the rest of an address. */
function matches({ method, path: pattern }: { method: string; path: string }, path: string): boolean {
  if (method === 'ALL') return false
  const parts = pattern.split(/:\w+(?:\{([^}]*)\})?/)
  const source = parts
    .map((part, i) => (i % 2 === 0 ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : (part ?? '[^/]+')))
    .join('')
  return new RegExp(`^${source}$`).test(path)
}
