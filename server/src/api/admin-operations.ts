/** `/admin/github`: what sync does in all workspaces, for the admin of the instance: which projects, how it went; never what is in them. */
import { createRoute, z } from '@hono/zod-openapi'
import { type Database, deliveryQueries } from '@skein/db'
import {
  AdminOperation,
  GithubDelivery,
  listOf,
  PageQuery,
  Refusal,
  SyncedMany,
  SyncMany,
  SyncOperation,
} from '@skein/protocol'
import { syncMany } from '../commands/deliveries/sync-many.ts'
import type { ProjectKey } from '../commands/event-hub.ts'
import { requireInstanceAdmin } from '../commands/github-app/instance-admin.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'

export interface AdminOperationRoutesDeps {
  db: Database
  /** A person's try: looks at GitHub now, also when the link is held. Refuses a project that is not linked. */
  requestSync: (project: ProjectKey) => Promise<unknown>
  logFault: (error: unknown, about?: object) => void
}

const tags = ['admin']
const operations = createRoute({
  method: 'get',
  path: '/admin/github/operations',
  tags,
  summary: 'Pushes and pulls of all workspaces, newest first',
  request: { query: PageQuery.extend({ state: SyncOperation.shape.state.optional() }) },
  responses: { ...answers(200, 'Operations', listOf(AdminOperation)), default: REFUSAL },
})
const retry = createRoute({
  method: 'post',
  path: '/admin/github/operations/{operation}/retry',
  tags,
  summary: 'Try the project of an operation again, now',
  request: { params: z.object({ operation: z.uuid() }) },
  responses: { ...answers(200, 'How many projects are tried again: one', SyncedMany), default: REFUSAL },
})
const deliveries = createRoute({
  method: 'get',
  path: '/admin/github/deliveries',
  tags,
  summary: 'Deliveries of GitHub’s webhook, newest first',
  request: { query: PageQuery.extend({ state: GithubDelivery.shape.state.optional() }) },
  responses: { ...answers(200, 'Deliveries', listOf(GithubDelivery)), default: REFUSAL },
})
const sync = createRoute({
  method: 'post',
  path: '/admin/github/sync',
  tags,
  summary: 'Try all projects again whose last try failed, or that are held, or all that are linked',
  request: jsonBody(SyncMany),
  responses: { ...answers(200, 'How many projects are tried again', SyncedMany), default: REFUSAL },
})

/** Routes of the admin over all workspaces. */
export function adminOperationRoutes(deps: AdminOperationRoutesDeps): ApiRoutes {
  const { db, requestSync } = deps
  const routes = newRoutes()
  routes.openapi(operations, async (c) => {
    await requireInstanceAdmin(db.instance, c.get('actor'))
    const { cursor, limit, state = null } = c.req.valid('query')
    const before = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null
    const rows = await deliveryQueries.listOperationsOfInstance(db.instance, state, before, limit + 1)
    return c.json(
      toPage(rows, limit, toAdminOperation, ({ id }) => [id]),
      200,
    )
  })
  routes.openapi(retry, async (c) => {
    await requireInstanceAdmin(db.instance, c.get('actor'))
    const project = await deliveryQueries.findProjectOfOperation(db.instance, c.req.valid('param').operation)
    if (project === null) throw new Refusal('not-found', 'There is no such operation.', { hint: 'List them anew.' })
    await requestSync(project)
    return c.json({ projects: 1 }, 200)
  })
  routes.openapi(deliveries, async (c) => {
    await requireInstanceAdmin(db.instance, c.get('actor'))
    const { cursor, limit, state = null } = c.req.valid('query')
    const place = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.string().max(100)]))
    const before = place && { at: place[0], id: place[1] }
    const rows = await deliveryQueries.listDeliveries(db.instance, state, before, limit + 1)
    return c.json(
      toPage(rows, limit, toDelivery, ({ receivedAt, id }) => [receivedAt.toISOString(), id]),
      200,
    )
  })
  routes.openapi(sync, async (c) => {
    await requireInstanceAdmin(db.instance, c.get('actor'))
    return c.json({ projects: await syncMany(deps, c.req.valid('json').state) }, 200)
  })
  return routes
}

function toAdminOperation(row: deliveryQueries.InstanceOperationRow): AdminOperation {
  const { projectId, projectSlug, projectName, workspaceSlug, workspaceName, ...operation } = row
  const { errorCode, errorMessage, startedAt, finishedAt, ...rest } = operation
  return {
    ...rest,
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    project: { id: projectId, slug: projectSlug, name: projectName },
    workspace: { slug: workspaceSlug, name: workspaceName },
  }
}

const toDelivery = ({ receivedAt, doneAt, ...row }: deliveryQueries.DeliveryRow): GithubDelivery => ({
  ...row,
  receivedAt: receivedAt.toISOString(),
  doneAt: doneAt?.toISOString() ?? null,
})
