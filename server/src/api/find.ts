/** `/projects/{project}/find`: where something stands in the live texts of a project. */
import { createRoute, z } from '@hono/zod-openapi'
import { FindAnswer, FindQuery, ProjectReference, Refusal } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { type FindDeps, findInProject } from '../commands/find/find-in-project.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, encodeCursor } from './page-cursor.ts'

const find = createRoute({
  method: 'post',
  path: '/projects/{project}/find',
  tags: ['content'],
  summary: 'Find a literal or an expression (RE2) in the live texts, by path',
  description:
    'Answers after `limit` files with matches, or after `withinMs`; `nextCursor` goes on from there. The search ends when whoever asked goes away.',
  request: { params: z.object({ project: ProjectReference }), ...jsonBody(FindQuery) },
  responses: { ...answers(200, 'The matches, by file', FindAnswer), default: REFUSAL },
})

const Place = z.tuple([z.string()])

/** Routes of finding. */
export function findRoutes(deps: FindDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(find, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(deps.db.instance, c.get('actor'), project, 'read-documents')
    const query = c.req.valid('json')
    const [after] = decodeCursor(query.cursor, Place) ?? ['']
    const { signal } = c.req.raw
    const { items, ended, filesSearched, last } = await findInProject(deps, access, query, after, signal).catch(
      (error: unknown) => {
        // Nobody reads this answer, and nothing went wrong.
        throw signal.aborted ? new Refusal('unavailable', 'Whoever asked has gone.') : error
      },
    )
    return c.json(
      { items, ended, filesSearched, ...(ended !== 'complete' && { nextCursor: encodeCursor([last]) }) },
      200,
    )
  })
  return routes
}
