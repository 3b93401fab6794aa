/** `/projects/{project}/github/conflicts`: lines and files that changed both here and on GitHub, and the decisions of people about them. */
import { createRoute, z } from '@hono/zod-openapi'
import { conflictQueries } from '@skein/db'
import {
  Conflict,
  listOf,
  PageQuery,
  ProjectReference,
  ResolveConflict,
  ResolvedConflicts,
  UseConflict,
} from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { decideAll, decideConflict } from '../commands/conflicts/decide-conflict.ts'
import type { DecideDeps, Decision } from '../commands/conflicts/decision.ts'
import { type ReadConflictDeps, readConflict, rowToConflict } from '../commands/conflicts/read-conflict.ts'
import type { Permission } from '../policies/permissions.ts'
import { type ApiContext, type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'

const tags = ['github']
const params = z.object({ project: ProjectReference })
const conflictParams = params.extend({ conflict: z.uuid() })
const decided = answers(200, 'The conflict as it is now', Conflict)

const list = createRoute({
  method: 'get',
  path: '/projects/{project}/github/conflicts',
  tags,
  summary: 'What changed both here and on GitHub, oldest first',
  description:
    'The line is the one on which it was found, and texts of more than 16 Ki characters are left out: one conflict alone has its place in the live text and all its texts.',
  request: { params, query: PageQuery.extend({ state: z.enum(['open', 'resolved']).default('open') }) },
  responses: { ...answers(200, 'Conflicts', listOf(Conflict)), default: REFUSAL },
})
const one = createRoute({
  method: 'get',
  path: '/projects/{project}/github/conflicts/{conflict}',
  tags,
  summary: 'One conflict: the three versions, and what stands there now',
  request: { params: conflictParams },
  responses: { ...answers(200, 'The conflict', Conflict), default: REFUSAL },
})
const use = createRoute({
  method: 'post',
  path: '/projects/{project}/github/conflicts/{conflict}/use',
  tags,
  summary: 'Put a version into the live file, and leave the conflict open',
  request: { params: conflictParams, ...jsonBody(UseConflict) },
  responses: { ...decided, default: REFUSAL },
})
const resolve = createRoute({
  method: 'post',
  path: '/projects/{project}/github/conflicts/{conflict}/resolve',
  tags,
  summary: 'Decide: put a version into the live file, or leave it as it is, and close the conflict',
  description: 'With the last open conflict of the project what was held back is pushed.',
  request: { params: conflictParams, ...jsonBody(ResolveConflict) },
  responses: { ...decided, default: REFUSAL },
})
const resolveAll = createRoute({
  method: 'post',
  path: '/projects/{project}/github/conflicts/resolve-all',
  tags,
  summary: 'Decide about all open conflicts in the same way',
  request: { params, ...jsonBody(ResolveConflict) },
  responses: { ...answers(200, 'How many were decided, and how many are open', ResolvedConflicts), default: REFUSAL },
})

/** Routes of conflicts. */
export function conflictRoutes(deps: DecideDeps & ReadConflictDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  const decide = async (
    c: ApiContext,
    reference: string,
    needed: Permission,
    wish: Pick<Decision, 'choice' | 'closes'>,
  ) => {
    const actor = c.get('actor')
    // The answer tells what stands there now, so a token for writing alone is not enough.
    await requireProject(db.instance, actor, reference, 'read-documents')
    const access = await requireProject(db.instance, actor, reference, needed)
    const checkRight = async () => {
      await c.get('checkIdentity')()
      await requireProject(db.instance, actor, access.projectId, 'write-documents')
    }
    return { access, decision: { ...wish, actor, checkRight } }
  }
  routes.openapi(list, async (c) => {
    const { project } = c.req.valid('param')
    const { cursor, limit, state } = c.req.valid('query')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    const after = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null
    const rows = await db.inWorkspace(
      workspaceId,
      (tx) => conflictQueries.listConflicts(tx, projectId, { state, after, limit: limit + 1 }),
      { readOnly: true },
    )
    return c.json(
      toPage(rows, limit, rowToConflict, ({ id }) => [id]),
      200,
    )
  })
  routes.openapi(one, async (c) => {
    const { project, conflict } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    return c.json(await readConflict(deps, access, conflict), 200)
  })
  routes.openapi(resolveAll, async (c) => {
    const { project } = c.req.valid('param')
    const wish = { ...c.req.valid('json'), closes: true }
    const { access, decision } = await decide(c, project, 'link-github', wish)
    return c.json(await decideAll(deps, access, decision), 200)
  })
  routes.openapi(use, async (c) => {
    const { project, conflict } = c.req.valid('param')
    const wish = { ...c.req.valid('json'), closes: false }
    const { access, decision } = await decide(c, project, 'write-documents', wish)
    await decideConflict(deps, access, conflict, decision)
    return c.json(await readConflict(deps, access, conflict), 200)
  })
  routes.openapi(resolve, async (c) => {
    const { project, conflict } = c.req.valid('param')
    const wish = { ...c.req.valid('json'), closes: true }
    const { access, decision } = await decide(c, project, 'write-documents', wish)
    await decideConflict(deps, access, conflict, decision)
    return c.json(await readConflict(deps, access, conflict), 200)
  })
  return routes
}
