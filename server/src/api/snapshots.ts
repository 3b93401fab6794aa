/** `/projects/{project}/snapshots`: committing now instead of at the next quiet moment. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Database } from '@skein/db'
import { Commit, CreateSnapshot, ProjectReference, personToActorKey } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import { type SnapshotDeps, takeSnapshot } from '../commands/snapshot/snapshot.ts'
import { type ApiRoutes, answers, json, newRoutes, REFUSAL } from './env.ts'

/** How long a request waits for a snapshot of the same project that is under way. */
const waitMs = 20_000

const create = createRoute({
  method: 'post',
  path: '/projects/{project}/snapshots',
  tags: ['git'],
  summary: 'Commit what the documents hold now; null when nothing differs from the last commit',
  request: {
    params: z.object({ project: ProjectReference }),
    body: { required: false, content: json(CreateSnapshot) },
  },
  responses: { ...answers(200, 'The commit, or null', Commit.nullable()), default: REFUSAL },
})

export interface SnapshotRoutesDeps {
  db: Database
  snapshots: SnapshotDeps
}

/** The route of snapshots on demand. */
export function snapshotRoutes({ db, snapshots }: SnapshotRoutesDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(create, async (c) => {
    const actor = c.get('actor')
    const { project } = c.req.valid('param')
    const { projectId, workspaceId } = await requireProject(db.instance, actor, project, 'commit')
    const message = c.req.valid('json').message || null
    const request = { by: personToActorKey(actor.userId), message, waitMs }
    return c.json(await takeSnapshot(snapshots, { projectId, workspaceId }, request), 200)
  })
  return routes
}
