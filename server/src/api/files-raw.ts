/** `/projects/{project}/raw/{path}`: the bytes of one file, up and down. */
import { createRoute, z } from '@hono/zod-openapi'
import { File } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { type DownloadDeps, downloadFile } from '../commands/content/read-content.ts'
import { type UploadDeps, uploadFile } from '../commands/content/upload-file.ts'
import { fileBytesMax } from '../commands/files/new-content.ts'
import { ByteBudget, bytesToStream } from './byte-budget.ts'
import { pathParams } from './content.ts'
import { type ApiRoutes, answers, newRoutes, REFUSAL } from './env.ts'
import { downloadHeaders } from './files-download.ts'

const tags = ['files']
/** Of files that are coming in or going out; the answer to one more is to come again. */
const bytesInMemoryMax = 3 * fileBytesMax
const bytes = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } }

const download = createRoute({
  method: 'get',
  path: '/projects/{project}/raw/{path}{.+}',
  tags,
  summary: 'The bytes of a file as a commit would hold them now',
  request: { params: pathParams },
  responses: {
    200: { description: 'The bytes', content: bytes },
    304: { description: 'Nothing changed' },
    default: REFUSAL,
  },
})
const upload = createRoute({
  method: 'put',
  path: '/projects/{project}/raw/{path}{.+}',
  tags,
  summary: 'Upload a file, or replace what it holds (with “If-None-Match: *”: only a new one)',
  description: 'UTF-8 up to 4 MiB becomes a live text; replacing a text edits it where it differs.',
  request: { params: pathParams, body: { required: true, content: bytes } },
  responses: {
    ...answers(200, 'The file, replaced', File),
    ...answers(201, 'The new file', File),
    default: REFUSAL,
  },
})

/** Routes of single files' bytes. */
export function rawFileRoutes(deps: UploadDeps & DownloadDeps): ApiRoutes {
  const { db } = deps
  const budget = new ByteBudget(bytesInMemoryMax)
  const routes = newRoutes()
  routes.openapi(download, async (c) => {
    const { project, path } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    const found = await downloadFile(deps, access, path)
    const tag = `"${found.tag}"`
    const headers = { ...downloadHeaders(found.file.path), ETag: tag }
    if (c.req.header('if-none-match') === tag) return c.body(null, 304, headers)
    const giveBack = budget.take(found.file.bytes)
    try {
      const bytes = await found.read()
      return c.body(bytesToStream(bytes, giveBack), 200, { ...headers, 'Content-Length': String(bytes.length) })
    } catch (error) {
      giveBack()
      throw error
    }
  })
  routes.openapi(upload, async (c) => {
    const { project, path } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    const mustBeNew = c.req.header('if-none-match')?.trim() === '*'
    const giveBack = budget.take(Number(c.req.header('content-length') ?? fileBytesMax))
    try {
      const body = new Uint8Array(await c.req.arrayBuffer())
      const { file, isNew } = await uploadFile(deps, access, c.get('actor'), path, body, mustBeNew)
      return isNew ? c.json(file, 201) : c.json(file, 200)
    } finally {
      giveBack()
    }
  })
  return routes
}
