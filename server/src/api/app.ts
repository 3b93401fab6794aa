/**
 * The HTTP application below `/api` and `/webhooks`. It owns what is the same for every route: request ids, sizes, who is asking, how often, errors, the
 * description in OpenAPI. Routes come as modules, made by the composition root:
 *
 *   export const projectRoutes = (deps: ProjectRoutesDeps): ApiRoutes => {
 *     const routes = newRoutes()                       // paths in it are relative to /api/v1
 *     routes.openapi(createRoute({ method: 'get', path: '/projects/{project}', … }), async (c) => {
 *       const { projectId, workspaceId, role } = await requireProject(db.instance, c.get('actor'), c.req.valid('param').project, 'read-project')
 *       …
 *     })
 *     return routes
 *   }
 *
 * Handlers refuse by throwing a `Refusal`. A module in `open` is reached without signing in; one in `signedIn` always has an actor.
 */
import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import { ownOrigins } from '../policies/origins.ts'
import { type AuthRoutesDeps, authRoutes } from './auth.ts'
import { type AuthenticateDeps, authenticate } from './authenticate.ts'
import { limitBody } from './body-limits.ts'
import { clientAddress, type TrustedProxies } from './client-address.ts'
import type { ApiEnv, ApiRoutes } from './env.ts'
import { answerError, type LogFault } from './errors.ts'
import { describeApi } from './openapi.ts'
import { ACTOR_LIMIT, ADDRESS_LIMIT, byActor, byAddress, limitRequests, type RequestLimit } from './request-limits.ts'
import { answerUnknown } from './unknown-route.ts'

export interface ApiDeps extends Omit<AuthenticateDeps, 'ownOrigins'>, Omit<AuthRoutesDeps, 'ownOrigins'> {
  version: string
  publicUrl: string
  trustedProxies: TrustedProxies
  logFault: LogFault
  /** Absent: `ACTOR_LIMIT`. */
  actorLimit?: RequestLimit
  /** `root`: reached without signing in too, with addresses that do not stand below `/api/v1`. */
  modules: { root?: readonly ApiRoutes[]; open: readonly ApiRoutes[]; signedIn: readonly ApiRoutes[] }
}

/** Builds the application; `app.fetch(request, {incoming})` answers everything below `/api` and `/webhooks`. */
export function createApi(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const own = ownOrigins(deps.publicUrl)
  const app = new OpenAPIHono<ApiEnv>()
  app.onError(answerError(deps.logFault))
  app.notFound((c) => answerUnknown(app, c))

  app.use('*', async (c, next) => {
    c.set('requestId', randomUUID())
    c.set(
      'address',
      clientAddress(
        (c.env as ApiEnv['Bindings'] | undefined)?.incoming?.socket.remoteAddress,
        c.req.header('x-forwarded-for'),
        deps.trustedProxies,
      ),
    )
    await next()
    // The body of an answer to HEAD is never read: what feeds it must know.
    if (c.req.raw.method === 'HEAD') await c.res.body?.cancel()
    c.header('X-Request-Id', c.get('requestId'))
    c.header('X-Content-Type-Options', 'nosniff')
    if (!c.res.headers.has('cache-control')) c.header('Cache-Control', 'private, no-store')
  })
  app.use('*', limitRequests(ADDRESS_LIMIT, byAddress, deps.now), limitBody)
  app.route('/api/auth', authRoutes({ ...deps, ownOrigins: own }))
  for (const routes of deps.modules.root ?? []) app.route('/', routes)
  for (const routes of deps.modules.open) app.route('/api/v1', routes)
  describeApi(app, deps.version)
  app.use(
    '/api/v1/*',
    authenticate({ ...deps, ownOrigins: own }),
    limitRequests(deps.actorLimit ?? ACTOR_LIMIT, byActor, deps.now),
  )
  for (const routes of deps.modules.signedIn) app.route('/api/v1', routes)
  return app
}
