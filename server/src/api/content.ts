/** `/projects/{project}/content/{path}` and `/batch-read`: what files hold now, as text with its revision. */
import { createRoute, z } from '@hono/zod-openapi'
import { BatchRead, BatchReadAnswer, Content, ProjectReference, PutContent, type Revision } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { type PutDeps, putContent } from '../commands/content/put-content.ts'
import { readContent, readMany } from '../commands/content/read-content.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'

const tags = ['content']
const params = z.object({ project: ProjectReference })
/** The rest of the address, decoded: a path has slashes. */
export const pathParams = params.extend({ path: z.string().min(1).max(4096) })

const get = createRoute({
  method: 'get',
  path: '/projects/{project}/content/{path}{.+}',
  tags,
  summary: 'The live text of a file; the ETag is its revision',
  request: { params: pathParams },
  responses: { ...answers(200, 'The text', Content), 304: { description: 'Nothing changed' }, default: REFUSAL },
})
const put = createRoute({
  method: 'put',
  path: '/projects/{project}/content/{path}{.+}',
  tags,
  summary: 'Write a whole text; needs If-Match with the revision that was read, except for a new file',
  request: { params: pathParams, ...jsonBody(PutContent) },
  responses: {
    ...answers(200, 'The text as it is now, committed', Content),
    ...answers(201, 'The new file', Content),
    default: REFUSAL,
  },
})
const batchRead = createRoute({
  method: 'post',
  path: '/projects/{project}/batch-read',
  tags,
  summary: 'Live texts of up to 500 files, in the order asked for',
  request: { params, ...jsonBody(BatchRead) },
  responses: { ...answers(200, 'A text or an error for each path', BatchReadAnswer), default: REFUSAL },
})

/** Routes of texts. */
export function contentRoutes(deps: PutDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(get, async (c) => {
    const { project, path } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    const content = await readContent(deps, access, path)
    c.header('ETag', `"${content.revision}"`)
    if (tagToRevision(c.req.header('if-none-match')) === content.revision) return c.body(null, 304)
    return c.json(content, 200)
  })
  routes.openapi(put, async (c) => {
    const { project, path } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    const read = tagToRevision(c.req.header('if-match'))
    const { isNew, ...content } = await putContent(deps, access, c.get('actor'), path, c.req.valid('json').text, read)
    c.header('ETag', `"${content.revision}"`)
    return isNew ? c.json(content, 201) : c.json(content, 200)
  })
  routes.openapi(batchRead, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    return c.json({ files: await readMany(deps, access, c.req.valid('json').paths) }, 200)
  })
  return routes
}

/** The revision in an entity tag, quoted or not; null when there is none. */
export function tagToRevision(tag: string | undefined): Revision | null {
  if (tag === undefined) return null
  return tag.trim().replace(/^(W\/)?"(.*)"$/, '$2') as Revision
}
