/** `/projects/{project}/files`, folders and trash: the tree of a project, which all its pages share. */
import { createRoute, z } from '@hono/zod-openapi'
import { fileQueries, projectQueries } from '@skein/db'
import {
  CreateFile,
  DeleteFolder,
  File,
  FileBatch,
  FileId,
  FileList,
  listOf,
  MoveFolder,
  PageQuery,
  ProjectReference,
  RestoreFile,
  TrashedFile,
  UpdateFile,
} from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import type { BlobStore } from '../commands/blob-store.ts'
import type { TreeDeps } from '../commands/files/change-tree.ts'
import { createFile } from '../commands/files/create-file.ts'
import { fileToView } from '../commands/files/file-view.ts'
import { moveFolder, updateFile } from '../commands/files/move-files.ts'
import { deleteFile, deleteFolder, restoreFile, trashDays } from '../commands/files/trash.ts'
import { notFound } from '../policies/authorise.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'

const tags = ['files']
const params = z.object({ project: ProjectReference })
const fileParams = params.extend({ file: FileId })

const list = createRoute({
  method: 'get',
  path: '/projects/{project}/files',
  tags,
  summary: 'The whole tree in one answer, ordered by path; the ETag changes with the tree',
  request: { params },
  responses: { ...answers(200, 'All files', FileList), 304: { description: 'Nothing changed' }, default: REFUSAL },
})
const create = createRoute({
  method: 'post',
  path: '/projects/{project}/files',
  tags,
  summary: 'Make a text file or a symbolic link',
  request: { params, ...jsonBody(CreateFile) },
  responses: { ...answers(201, 'The new file', File), default: REFUSAL },
})
const update = createRoute({
  method: 'patch',
  path: '/projects/{project}/files/{file}',
  tags,
  summary: 'Rename or move a file, or set its executable bit; its document stays',
  request: { params: fileParams, ...jsonBody(UpdateFile) },
  responses: { ...answers(200, 'The file', File), default: REFUSAL },
})
const remove = createRoute({
  method: 'delete',
  path: '/projects/{project}/files/{file}',
  tags,
  summary: `Move a file to the trash, where it stays for ${trashDays} days`,
  request: { params: fileParams },
  responses: { 204: { description: 'In the trash' }, default: REFUSAL },
})
const moveFolderRoute = createRoute({
  method: 'post',
  path: '/projects/{project}/folders/move',
  tags,
  summary: 'Rename or move a folder with everything in it',
  request: { params, ...jsonBody(MoveFolder) },
  responses: { ...answers(200, 'The files that were in it', FileBatch), default: REFUSAL },
})
const deleteFolderRoute = createRoute({
  method: 'post',
  path: '/projects/{project}/folders/delete',
  tags,
  summary: 'Move a folder with everything in it to the trash',
  request: { params, ...jsonBody(DeleteFolder) },
  responses: { 204: { description: 'In the trash' }, default: REFUSAL },
})
const trash = createRoute({
  method: 'get',
  path: '/projects/{project}/trash',
  tags,
  summary: 'Deleted files, newest first',
  request: { params, query: PageQuery },
  responses: { ...answers(200, 'Files in the trash', listOf(TrashedFile)), default: REFUSAL },
})
const restore = createRoute({
  method: 'post',
  path: '/projects/{project}/trash/{file}/restore',
  tags,
  summary: 'Take a file out of the trash',
  request: { params: fileParams, body: { content: { 'application/json': { schema: RestoreFile } } } },
  responses: { ...answers(200, 'The file', File), default: REFUSAL },
})

export type FileRoutesDeps = TreeDeps & { blobs: BlobStore }

/** Routes of files as entries of the tree; what they hold is the content module's. */
export function fileRoutes(deps: FileRoutesDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(list, async (c) => {
    const { project } = c.req.valid('param')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    const seen = c.req.header('if-none-match')
    const found = await db.inWorkspace(
      workspaceId,
      async (tx) => {
        const tree = await projectQueries.findTreeVersion(tx, projectId)
        if (!tree) throw notFound('project')
        const tag = `"tree-${tree.treeVersion}-${tree.cut}"`
        return { ...tree, tag, items: seen === tag ? '' : await fileQueries.listFilesAsJson(tx, projectId) }
      },
      { isolation: 'repeatable read', readOnly: true },
    )
    c.header('ETag', found.tag)
    c.header('Cache-Control', 'private, no-cache')
    if (seen === found.tag) return c.body(null, 304)
    c.header('Content-Type', 'application/json')
    return c.body(`{"items":[${found.items ?? ''}],"treeVersion":${found.treeVersion}}`, 200)
  })
  routes.openapi(create, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    return c.json(await createFile(deps, access, c.get('actor'), c.req.valid('json')), 201)
  })
  routes.openapi(update, async (c) => {
    const { project, file } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    return c.json(await updateFile(deps, access, c.get('actor'), file, c.req.valid('json')), 200)
  })
  routes.openapi(remove, async (c) => {
    const { project, file } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    await deleteFile(deps, access, c.get('actor'), file)
    return c.body(null, 204)
  })
  addFolderRoutes(routes, deps)
  addTrashRoutes(routes, deps)
  return routes
}

function addFolderRoutes(routes: ApiRoutes, deps: FileRoutesDeps): void {
  const { db } = deps
  routes.openapi(moveFolderRoute, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    return c.json({ items: await moveFolder(deps, access, c.get('actor'), c.req.valid('json')) }, 200)
  })
  routes.openapi(deleteFolderRoute, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    await deleteFolder(deps, access, c.get('actor'), c.req.valid('json').path)
    return c.body(null, 204)
  })
}

const TrashPlace = z.tuple([z.iso.datetime(), FileId])

function addTrashRoutes(routes: ApiRoutes, deps: FileRoutesDeps): void {
  const { db } = deps
  routes.openapi(trash, async (c) => {
    const { project } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    const place = decodeCursor(cursor, TrashPlace)
    const before = place && { at: new Date(place[0]), id: place[1] }
    const rows = await db.inWorkspace(
      workspaceId,
      (tx) => fileQueries.listTrash(tx, projectId, { before, limit: limit + 1, days: trashDays }),
      { readOnly: true },
    )
    return c.json(
      toPage(rows, limit, toTrashedFile, (row) => [row.deletedAt.toISOString(), row.id]),
      200,
    )
  })
  routes.openapi(restore, async (c) => {
    const { project, file } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'write-documents')
    return c.json(await restoreFile(deps, access, c.get('actor'), file, c.req.valid('json').path), 200)
  })
}

const toTrashedFile = (row: fileQueries.TrashedFileRow): TrashedFile => ({
  ...fileToView(row),
  deletedAt: row.deletedAt.toISOString(),
  deletedBy: row.deletedBy,
})
