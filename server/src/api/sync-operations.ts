/** `/projects/{project}/github/operations`: every push, pull and event of the link, newest first, and another try of one that failed. */
import { createRoute, z } from '@hono/zod-openapi'
import { syncOperationQueries } from '@skein/db'
import { GithubStatus, listOf, PageQuery, ProjectReference, SyncOperation } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { retryOperation } from '../commands/github/change-link.ts'
import type { LinkDeps } from '../commands/github/link-project.ts'
import { notFound } from '../policies/authorise.ts'
import { type ApiRoutes, answers, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'

const tags = ['github']
const params = z.object({ project: ProjectReference })
const oneParams = params.extend({ operation: z.uuid() })

const list = createRoute({
  method: 'get',
  path: '/projects/{project}/github/operations',
  tags,
  summary: 'Pushes, pulls and events, newest first',
  request: {
    params,
    query: PageQuery.extend({
      state: SyncOperation.shape.state.optional(),
      direction: SyncOperation.shape.direction.optional(),
    }),
  },
  responses: { ...answers(200, 'Operations', listOf(SyncOperation)), default: REFUSAL },
})
const get = createRoute({
  method: 'get',
  path: '/projects/{project}/github/operations/{operation}',
  tags,
  summary: 'One operation',
  request: { params: oneParams },
  responses: { ...answers(200, 'The operation', SyncOperation), default: REFUSAL },
})
const retry = createRoute({
  method: 'post',
  path: '/projects/{project}/github/operations/{operation}/retry',
  tags,
  summary: 'Try again what failed or was held, with all that waits',
  request: { params: oneParams },
  responses: { ...answers(200, 'Where the project stands with GitHub', GithubStatus), default: REFUSAL },
})

/** Routes of what sync did. */
export function syncOperationRoutes(deps: Pick<LinkDeps, 'db' | 'record'>): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(list, async (c) => {
    const { project } = c.req.valid('param')
    const { cursor, limit, state, direction } = c.req.valid('query')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-project')
    const before = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null
    const rows = await db.inWorkspace(
      workspaceId,
      (tx) => syncOperationQueries.listSyncOperations(tx, projectId, before, limit + 1, { state, direction }),
      { readOnly: true },
    )
    return c.json(
      toPage(rows, limit, toSyncOperation, ({ id }) => [id]),
      200,
    )
  })
  routes.openapi(get, async (c) => {
    const { project, operation } = c.req.valid('param')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-project')
    const row = await db.inWorkspace(
      workspaceId,
      (tx) => syncOperationQueries.findSyncOperation(tx, projectId, operation),
      { readOnly: true },
    )
    if (row === null) throw notFound('operation')
    return c.json(toSyncOperation(row), 200)
  })
  routes.openapi(retry, async (c) => {
    const { project, operation } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'commit')
    return c.json(await retryOperation(deps, access, operation), 200)
  })
  return routes
}

/** A sync operation as the API shows it. */
export const toSyncOperation = ({
  errorCode,
  errorMessage,
  startedAt,
  finishedAt,
  ...row
}: syncOperationQueries.SyncOperationRow): SyncOperation => ({
  ...row,
  error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
})
