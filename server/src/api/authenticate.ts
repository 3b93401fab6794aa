/**
 * Who is asking: the first thing that happens to a request below `/api/v1`, except for open modules. An `Authorization` header counts
 * alone; only without one is the session cookie looked at, and then the request must come from our own pages.
 */
import type { Tx } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { MiddlewareHandler } from 'hono'
import type { Accounts } from '../commands/accounts/accounts.ts'
import { authenticateToken } from '../commands/tokens/authenticate-token.ts'
import type { Actor } from '../policies/actor.ts'
import { isSameOrigin } from '../policies/origins.ts'
import type { ApiContext, ApiEnv } from './env.ts'

export interface AuthenticateDeps {
  accounts: Accounts
  /** `db.instance`: no workspace is known yet. */
  tx: Tx
  now: () => Date
  ownOrigins: readonly string[]
}

/** Middleware that sets `actor`, `sessionId` and `checkIdentity`, or refuses with 401. */
export const authenticate =
  (deps: AuthenticateDeps): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const authorization = c.req.header('authorization')
    if (authorization === undefined) await bySession(deps, c)
    else {
      c.set('actor', await byToken(deps, authorization))
      c.set('sessionId', null)
    }
    const { headers } = c.req.raw
    c.set('checkIdentity', async () => {
      if (authorization !== undefined) await byToken(deps, authorization)
      else if (!(await deps.accounts.hasSession(headers))) throw refuseStranger()
    })
    await next()
  }

async function byToken({ tx, now }: AuthenticateDeps, authorization: string): Promise<Actor> {
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (!token) {
    throw new Refusal('unauthenticated', 'The Authorization header is not a bearer token.', {
      hint: 'Send it as “Authorization: Bearer skein_…”.',
    })
  }
  return authenticateToken(tx, token, now())
}

async function bySession({ accounts, ownOrigins }: AuthenticateDeps, c: ApiContext): Promise<void> {
  const session = c.req.header('cookie') ? await accounts.findSession(c.req.raw.headers) : null
  if (!session) throw refuseStranger()
  refuseCrossOrigin(c, ownOrigins)
  for (const cookie of session.setCookies) c.header('Set-Cookie', cookie, { append: true })
  const { sessionId, userId, name, email } = session
  c.set('actor', { userId, name, email, token: null })
  c.set('sessionId', sessionId)
}

const refuseStranger = (): Refusal =>
  new Refusal('unauthenticated', 'Nobody is signed in here.', {
    hint: 'Sign in, or send an API token as “Authorization: Bearer skein_…”.',
  })

const FORM_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i

/** Refuses a request that another site's page could have sent with somebody's cookie: by its origin, or as a plain form. */
export function refuseCrossOrigin(c: ApiContext, ownOrigins: readonly string[]): void {
  const { method, headers } = c.req.raw
  if (!isSameOrigin({ method, headers }, ownOrigins)) {
    throw new Refusal('cross-origin', 'This request did not come from Skein’s own pages, so nothing was changed.', {
      hint: `Open Skein at ${ownOrigins[0]}; programs send an API token instead of a cookie.`,
    })
  }
  if (method === 'POST' && FORM_TYPES.test(headers.get('content-type') ?? '')) {
    throw new Refusal('unsupported-media-type', 'Forms are not taken here.', {
      hint: 'Send the content type application/json.',
    })
  }
}
