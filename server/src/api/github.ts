/** `/projects/{project}/github`: the link to a GitHub repository, where it stands, and what was pushed when. */
import { createRoute, z } from '@hono/zod-openapi'
import { syncOperationQueries } from '@skein/db'
import { GithubStatus, LinkGithub, listOf, PageQuery, ProjectReference, SyncOperation } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { type LinkDeps, linkProject, requestSync, unlinkProject } from '../commands/github/link-project.ts'
import { readGithubStatus } from '../commands/github/read-status.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'

const tags = ['github']
const params = z.object({ project: ProjectReference })
const standing = answers(200, 'Where the project stands with GitHub', GithubStatus)

const link = createRoute({
  method: 'post',
  path: '/projects/{project}/github/link',
  tags,
  summary: 'Link the project to a repository, and push what is committed',
  request: { params, ...jsonBody(LinkGithub) },
  responses: { ...standing, default: REFUSAL },
})
const unlink = createRoute({
  method: 'delete',
  path: '/projects/{project}/github/link',
  tags,
  summary: 'Take the link away; nothing changes on GitHub',
  request: { params },
  responses: { ...standing, default: REFUSAL },
})
const status = createRoute({
  method: 'get',
  path: '/projects/{project}/github/status',
  tags,
  summary: 'Whether GitHub has the last commit, and if not, why',
  request: { params },
  responses: { ...standing, default: REFUSAL },
})
const sync = createRoute({
  method: 'post',
  path: '/projects/{project}/github/sync',
  tags,
  summary: 'Push now, also when pushing was held',
  request: { params },
  responses: { ...standing, default: REFUSAL },
})
const operations = createRoute({
  method: 'get',
  path: '/projects/{project}/github/operations',
  tags,
  summary: 'Pushes, newest first',
  request: { params, query: PageQuery },
  responses: { ...answers(200, 'Operations', listOf(SyncOperation)), default: REFUSAL },
})

/** Routes of the link to GitHub. */
export function githubRoutes(deps: LinkDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(link, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'link-github')
    return c.json(await linkProject(deps, access, c.get('actor'), c.req.valid('json')), 200)
  })
  routes.openapi(unlink, async (c) => {
    const { project } = c.req.valid('param')
    return c.json(
      await unlinkProject(deps, await requireProject(db.instance, c.get('actor'), project, 'link-github')),
      200,
    )
  })
  routes.openapi(status, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-project')
    const found = await db.inWorkspace(access.workspaceId, (tx) => readGithubStatus(tx, access.projectId), {
      readOnly: true,
    })
    return c.json(found, 200)
  })
  routes.openapi(sync, async (c) => {
    const { project } = c.req.valid('param')
    return c.json(await requestSync(deps, await requireProject(db.instance, c.get('actor'), project, 'commit')), 200)
  })
  routes.openapi(operations, async (c) => {
    const { project } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-project')
    const before = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null
    const rows = await db.inWorkspace(
      workspaceId,
      (tx) => syncOperationQueries.listSyncOperations(tx, projectId, before, limit + 1),
      { readOnly: true },
    )
    return c.json(
      toPage(rows, limit, toSyncOperation, ({ id }) => [id]),
      200,
    )
  })
  return routes
}

const toSyncOperation = ({
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
