/** Who is asking, and what anybody may know of the instance. */
import { createRoute } from '@hono/zod-openapi'
import { type Database, instanceQueries } from '@skein/db'
import { Instance, Me, PASSWORD_LENGTH_MIN } from '@skein/protocol'
import { listWorkspaces } from '../commands/access.ts'
import { isSetupTokenRequired, type SetupDeps } from '../commands/accounts/setup-token.ts'
import { type ApiRoutes, answers, newRoutes, REFUSAL } from './env.ts'
import { toWorkspace } from './present.ts'

/** `GET /me`. A token without `workspaces:read` sees an empty list of workspaces. */
export function meRoutes({ db }: { db: Database }): ApiRoutes {
  const routes = newRoutes()
  const me = createRoute({
    method: 'get',
    path: '/me',
    tags: ['account'],
    summary: 'Who is asking, and their workspaces',
    responses: { ...answers(200, 'You', Me), default: REFUSAL },
  })
  routes.openapi(me, async (c) => {
    const actor = c.get('actor')
    const sees = !actor.token || actor.token.scopes.includes('workspaces:read')
    const workspaces = sees ? await listWorkspaces(db.instance, actor) : []
    const admin = await instanceQueries.findInstanceAdmin(db.instance)
    const token = actor.token && { id: actor.token.id, scopes: [...actor.token.scopes] }
    return c.json(
      {
        id: actor.userId,
        name: actor.name,
        email: actor.email,
        isInstanceAdmin: admin === actor.userId,
        workspaces: workspaces.map(toWorkspace),
        ...(token && { token }),
      },
      200,
    )
  })
  return routes
}

export interface InstanceRoutesDeps extends SetupDeps {
  version: string
  /** Whether there is a GitHub App; it may come and go while Skein runs. */
  githubConfigured: () => Promise<boolean>
}

/** `GET /instance`, open to everybody: what the sign-up page needs. */
export function instanceRoutes(deps: InstanceRoutesDeps): ApiRoutes {
  const routes = newRoutes()
  const instance = createRoute({
    method: 'get',
    path: '/instance',
    tags: ['account'],
    summary: 'What anybody may know of this instance',
    security: [],
    responses: { ...answers(200, 'The instance', Instance), default: REFUSAL },
  })
  routes.openapi(instance, async (c) =>
    c.json(
      {
        version: deps.version,
        publicUrl: deps.publicUrl,
        setupTokenRequired: await isSetupTokenRequired(deps),
        passwordLengthMin: PASSWORD_LENGTH_MIN,
        githubConfigured: await deps.githubConfigured(),
      },
      200,
    ),
  )
  return routes
}
