/** `/workspaces`: the tenants of whoever asks. A workspace is named by id or slug. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  CreateWorkspace,
  DeleteWorkspace,
  listOf,
  UpdateWorkspace,
  Workspace,
  WorkspaceReference,
} from '@skein/protocol'
import { listWorkspaces, requireWorkspace } from '../commands/access.ts'
import { type DeleteWorkspaceDeps, deleteWorkspace, renameWorkspace } from '../commands/workspaces/change-workspace.ts'
import { createWorkspace } from '../commands/workspaces/create-workspace.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { toWorkspace } from './present.ts'

const tags = ['workspaces']
const params = z.object({ workspace: WorkspaceReference })

const list = createRoute({
  method: 'get',
  path: '/workspaces',
  tags,
  summary: 'Your workspaces, oldest first',
  responses: { ...answers(200, 'Workspaces', listOf(Workspace)), default: REFUSAL },
})
const create = createRoute({
  method: 'post',
  path: '/workspaces',
  tags,
  summary: 'Make a workspace; you become its owner',
  request: jsonBody(CreateWorkspace),
  responses: { ...answers(201, 'The new workspace', Workspace), default: REFUSAL },
})
const get = createRoute({
  method: 'get',
  path: '/workspaces/{workspace}',
  tags,
  summary: 'One workspace',
  request: { params },
  responses: { ...answers(200, 'The workspace', Workspace), default: REFUSAL },
})
const update = createRoute({
  method: 'patch',
  path: '/workspaces/{workspace}',
  tags,
  summary: 'Rename a workspace; its slug stays',
  request: { params, ...jsonBody(UpdateWorkspace) },
  responses: { ...answers(200, 'The workspace', Workspace), default: REFUSAL },
})
const remove = createRoute({
  method: 'delete',
  path: '/workspaces/{workspace}',
  tags,
  summary: 'Delete a workspace with all its projects; asks for its name in the body',
  request: { params, ...jsonBody(DeleteWorkspace) },
  responses: { 204: { description: 'Deleted' }, default: REFUSAL },
})

/** Routes of workspaces themselves; members and invitations are modules of their own. */
export function workspaceRoutes(deps: DeleteWorkspaceDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(list, async (c) =>
    c.json({ items: (await listWorkspaces(db.instance, c.get('actor'))).map(toWorkspace) }, 200),
  )
  routes.openapi(create, async (c) =>
    c.json(toWorkspace(await createWorkspace(db, c.get('actor'), c.req.valid('json').name)), 201),
  )
  routes.openapi(get, async (c) => {
    const workspace = await requireWorkspace(
      db.instance,
      c.get('actor'),
      c.req.valid('param').workspace,
      'read-workspace',
    )
    return c.json(toWorkspace(workspace), 200)
  })
  routes.openapi(update, async (c) => {
    const workspace = await renameWorkspace(
      db,
      c.get('actor'),
      c.req.valid('param').workspace,
      c.req.valid('json').name,
    )
    return c.json(toWorkspace(workspace), 200)
  })
  routes.openapi(remove, async (c) => {
    await deleteWorkspace(deps, c.get('actor'), c.req.valid('param').workspace, c.req.valid('json').name)
    return c.body(null, 204)
  })
  return routes
}
