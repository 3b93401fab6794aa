/** `/projects/{project}/find`: where something stands in the live texts of a project. */
import { createRoute, z } from '@hono/zod-openapi'
import { FindAnswer, FindQuery, ProjectReference, Refusal } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { type FindDeps, findInProject } from '../commands/find/find-in-project.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { OwnTurns } from './own-turns.ts'
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
  // There are few threads that search, and a long line before them.
  const turns = new OwnTurns()
  routes.openapi(find, async (c) => {
    const { project } = c.req.valid('param')
    const actor = c.get('actor')
    const access = await requireProject(deps.db.instance, actor, project, 'read-documents')
    const query = c.req.valid('json')
    const [after] = decodeCursor(query.cursor, Place) ?? ['']
    const { signal } = c.req.raw
    const search = () => findInProject(deps, access, query, after, signal)
    const { items, ended, filesSearched, last } = await turns
      .take(actor.userId, signal, search)
      .catch((error: unknown) => {
        // Nobody reads this answer, and nothing went wrong.
        throw signal.aborted ? new Refusal('unavailable', 'Whoever asked has gone.') : error
      })
    return c.json(
      { items, ended, filesSearched, ...(ended !== 'complete' && { nextCursor: encodeCursor([last]) }) },
      200,
    )
  })
  return routes
}
