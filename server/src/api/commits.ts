/** `/projects/{project}/commits`: the history as a list, and what one commit changed. */
import { createRoute, z } from '@hono/zod-openapi'
import { commitQueries, type Database } from '@skein/db'
import { decodeCommit, diffTrees } from '@skein/git-model'
import { Commit, CommitDetail, listOf, Oid, PageQuery, ProjectReference } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import type { ProjectKey } from '../commands/event-hub.ts'
import { toCommit } from '../commands/snapshot/publish.ts'
import type { SnapshotObjects } from '../commands/snapshot/snapshot-objects.ts'
import { notFound } from '../policies/authorise.ts'
import { type ApiRoutes, answers, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'

const tags = ['git']
const params = z.object({ project: ProjectReference })
/** Files of a commit in one answer. */
const filesMax = 1_000

const list = createRoute({
  method: 'get',
  path: '/projects/{project}/commits',
  tags,
  summary: 'Commits, newest first',
  request: { params, query: PageQuery },
  responses: { ...answers(200, 'Commits', listOf(Commit)), default: REFUSAL },
})
const get = createRoute({
  method: 'get',
  path: '/projects/{project}/commits/{oid}',
  tags,
  summary: 'One commit, with the files that differ from its first parent',
  request: { params: params.extend({ oid: Oid }) },
  responses: { ...answers(200, 'The commit', CommitDetail), default: REFUSAL },
})

export interface CommitRoutesDeps {
  db: Database
  objects: Pick<SnapshotObjects, 'readObject'>
}

/** Routes of commits. */
export function commitRoutes({ db, objects }: CommitRoutesDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(list, async (c) => {
    const { project } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-git')
    const before = decodeCursor(cursor, z.tuple([z.int()]))?.[0] ?? null
    const rows = await db.inWorkspace(
      workspaceId,
      (tx) => commitQueries.listCommits(tx, projectId, { before, limit: limit + 1 }),
      { readOnly: true },
    )
    return c.json(
      toPage(rows, limit, toCommit, ({ n }) => [n]),
      200,
    )
  })
  routes.openapi(get, async (c) => {
    const { project, oid } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-git')
    const row = await db.inWorkspace(access.workspaceId, (tx) => commitQueries.findCommit(tx, access.projectId, oid), {
      readOnly: true,
    })
    if (!row) throw notFound('commit')
    // A commit never changes, so neither does what it changed.
    c.header('Cache-Control', 'private, max-age=86400')
    return c.json({ ...toCommit(row), ...(await listChangedFiles(objects, access, row)) }, 200)
  })
  return routes
}

async function listChangedFiles(
  objects: CommitRoutesDeps['objects'],
  { projectId, workspaceId }: ProjectKey,
  { oid, parents }: commitQueries.CommitRow,
): Promise<Pick<CommitDetail, 'files' | 'isComplete'>> {
  const repository = { projectId, workspaceId }
  const treeOf = async (commit: Oid): Promise<string> =>
    decodeCommit(await objects.readObject(repository, 'commit', commit)).tree
  const before = parents[0] ? await treeOf(parents[0]) : null
  const readTree = (tree: string) => objects.readObject(repository, 'tree', tree)
  const { differences, isComplete } = await diffTrees(before, await treeOf(oid), readTree, filesMax)
  return { files: differences.map(({ path, change }) => ({ path: Buffer.from(path).toString(), change })), isComplete }
}
