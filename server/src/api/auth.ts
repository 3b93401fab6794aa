/**
 * The account routes, `/api/auth/*`: a closed list of better-auth's own, each with what Skein puts before it (limits, input, the setup
 * token) and after it (the first workspace, messages in our words). Whatever is not in the list does not exist.
 */
import type { Tx } from '@skein/db'
import { ChangePassword, Refusal, SignedIn, SignedUp, SignIn, SignUp, UpdateAccount } from '@skein/protocol'
import type { z } from 'zod'
import { type Accounts, ADDRESS_HEADER } from '../commands/accounts/accounts.ts'
import { countPasswordChange, countSignIn, countSignUp, forgiveSignIn } from '../commands/accounts/attempts.ts'
import { checkSetupToken } from '../commands/accounts/setup-token.ts'
import type { welcomeAccount } from '../commands/accounts/welcome.ts'
import { tooMany } from '../policies/too-many.ts'
import { Turnstile } from '../policies/turnstile.ts'
import { refuseCrossOrigin } from './authenticate.ts'
import { type ApiContext, type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL, refuseInput } from './env.ts'
import { toWorkspace } from './present.ts'

export interface AuthRoutesDeps {
  accounts: Accounts
  /** `db.instance`. */
  tx: Tx
  publicUrl: string
  /** See `commands/accounts/setup-token.ts`. */
  setupToken: string
  ownOrigins: readonly string[]
  /** `welcomeAccount` with its dependencies. */
  welcome: (account: Parameters<typeof welcomeAccount>[1]) => ReturnType<typeof welcomeAccount>
}

/**
 * The library holds a connection of its small pool while a password is hashed: those who come at once wait here, where waiting costs nothing
 * and does not end in a time-out.
 */
const entering = new Turnstile(3, 256)

/** Builds the account routes; paths in it are relative to `/api/auth`. */
export function authRoutes(deps: AuthRoutesDeps): ApiRoutes {
  const routes = newRoutes()
  describe(routes)
  routes.use('*', async (c, next) => {
    refuseCrossOrigin(c, deps.ownOrigins)
    await next()
  })
  routes.post('/sign-up/email', (c) => signUp(deps, c))
  routes.post('/sign-in/email', (c) => signIn(deps, c))
  routes.post('/sign-out', (c) => pass(deps, c, {}))
  routes.get('/get-session', (c) => pass(deps, c))
  routes.get('/list-sessions', (c) => pass(deps, c))
  routes.post('/revoke-session', async (c) => pass(deps, c, await readJson(c)))
  routes.post('/revoke-sessions', (c) => pass(deps, c, {}))
  routes.post('/revoke-other-sessions', (c) => pass(deps, c, {}))
  routes.post('/update-user', async (c) => pass(deps, c, await readBody(c, UpdateAccount)))
  routes.post('/change-password', async (c) => {
    const body = await readBody(c, ChangePassword)
    const session = await deps.accounts.findSession(c.req.raw.headers)
    if (!session) throw refuseStranger()
    await countPasswordChange(deps.tx, session.userId)
    return pass(deps, c, { ...body, revokeOtherSessions: true })
  })
  return routes
}

/** The three that programs need; the others serve the pages and are better-auth's own. */
function describe(routes: ApiRoutes): void {
  const about = { method: 'post' as const, tags: ['account'], security: [] }
  const cookie = 'the session comes as a cookie'
  routes.openAPIRegistry.registerPath({
    ...about,
    path: '/sign-up/email',
    summary: `Make an account with a personal workspace and a demo project; ${cookie}`,
    request: jsonBody(SignUp),
    responses: { ...answers(200, 'Where the account lands', SignedUp), default: REFUSAL },
  })
  routes.openAPIRegistry.registerPath({
    ...about,
    path: '/sign-in/email',
    summary: `Sign in; ${cookie}`,
    request: jsonBody(SignIn),
    responses: { ...answers(200, 'Who signed in', SignedIn), default: REFUSAL },
  })
  routes.openAPIRegistry.registerPath({
    ...about,
    path: '/sign-out',
    summary: 'End the session of the cookie',
    responses: { 200: { description: 'Signed out' }, default: REFUSAL },
  })
}

async function signUp(deps: AuthRoutesDeps, c: ApiContext): Promise<Response> {
  const { setupToken, ...account } = await readBody(c, SignUp)
  await countSignUp(deps.tx, c.get('address'))
  await checkSetupToken({ sql: deps.tx, publicUrl: deps.publicUrl, setupToken: deps.setupToken }, setupToken)
  const answer = await entering.pass(() => pass(deps, c, account))
  const { user } = (await answer.json()) as SignedIn
  const { workspace, projectId } = await deps.welcome({ userId: user.id, name: user.name, email: user.email })
  const body: SignedUp = { user: toAccount(user), workspace: toWorkspace(workspace), projectId }
  return withCookies(c, answer).json(body)
}

async function signIn(deps: AuthRoutesDeps, c: ApiContext): Promise<Response> {
  const credentials = await readBody(c, SignIn)
  await countSignIn(deps.tx, credentials.email, c.get('address'))
  const answer = await entering.pass(() => pass(deps, c, credentials))
  await forgiveSignIn(deps.tx, credentials.email, c.get('address'))
  const { user } = (await answer.json()) as SignedIn
  await deps.welcome({ userId: user.id, name: user.name, email: user.email })
  const body: SignedIn = { user: toAccount(user) }
  return withCookies(c, answer).json(body)
}

const toAccount = ({ id, name, email }: SignedIn['user']): SignedIn['user'] => ({ id, name, email })

function withCookies(c: ApiContext, answer: Response): ApiContext {
  for (const cookie of answer.headers.getSetCookie()) c.header('Set-Cookie', cookie, { append: true })
  return c
}

/** Hands a request on with a body that was checked; a refusal of the library is thrown in our words. */
async function pass({ accounts, publicUrl }: AuthRoutesDeps, c: ApiContext, body?: unknown): Promise<Response> {
  const headers = new Headers(c.req.raw.headers)
  headers.set(ADDRESS_HEADER, c.get('address').split('/')[0] ?? '')
  headers.delete('content-length')
  if (body !== undefined) headers.set('content-type', 'application/json')
  const answer = await accounts.handle(
    new Request(new URL(c.req.path, publicUrl), {
      method: c.req.method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  )
  if (answer.ok) return answer
  throw libraryToRefusal(answer.status, (await answer.json().catch(() => ({}))) as { code?: string; message?: string })
}

function libraryToRefusal(status: number, { code, message }: { code?: string; message?: string }): Error {
  if (code === 'INVALID_EMAIL_OR_PASSWORD') {
    return new Refusal('wrong-credentials', 'The e-mail or the password is wrong.', {
      hint: 'Check both. Whoever runs this instance can give you a new password.',
    })
  }
  if (code === 'INVALID_PASSWORD')
    return new Refusal('wrong-credentials', 'The current password is wrong; it was not changed.', {
      hint: 'Try again.',
    })
  if (code?.startsWith('USER_ALREADY_EXISTS')) {
    return new Refusal('email-taken', 'There is an account with this e-mail already.', {
      hint: 'Sign in, or use another e-mail.',
    })
  }
  if (status === 401) return refuseStranger()
  if (status === 429) return tooMany('requests', 60)
  if (status < 500) return new Refusal('invalid-request', message ?? 'The request is not valid.')
  return new Error(`The account library failed: ${code ?? status} ${message ?? ''}`)
}

const refuseStranger = (): Refusal => new Refusal('unauthenticated', 'Nobody is signed in here.', { hint: 'Sign in.' })

async function readJson(c: ApiContext): Promise<unknown> {
  try {
    return await c.req.json()
  } catch {
    throw new Refusal('invalid-request', 'The body is not valid JSON.', { hint: 'Send a JSON object.' })
  }
}

async function readBody<Schema extends z.ZodType>(c: ApiContext, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await readJson(c))
  if (!parsed.success) throw refuseInput(parsed.error)
  return parsed.data
}
