/** `/projects/{project}/events`: the project's own channel, by which open pages learn what others do. */
import { createRoute, z } from '@hono/zod-openapi'
import { type Database, eventQueries } from '@skein/db'
import { ProjectReference } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import type { EventHub, ProjectKey } from '../commands/event-hub.ts'
import { type ApiRoutes, newRoutes, REFUSAL } from './env.ts'
import { openEventStream, STREAM } from './events-stream.ts'

const EventNumber = z.coerce.number().int().min(0)

const events = createRoute({
  method: 'get',
  path: '/projects/{project}/events',
  tags: ['events'],
  summary: 'What happens in the project, as server-sent events',
  description: `Changes of the tree, commits, sync, jobs, and who is here. Each event is named by its type; its data is JSON.
Numbered events can be resumed with Last-Event-ID (or “after”); “presence” and “changes” have no number, and the newest of
each is sent to whoever connects. After “reset” read everything anew. The first block carries only the number of the last
event: what is read after it and this stream leave no gap.`,
  request: {
    params: z.object({ project: ProjectReference }),
    query: z.object({ after: EventNumber.optional() }),
    headers: z.object({ 'last-event-id': z.string().optional() }),
  },
  responses: { 200: STREAM, default: REFUSAL },
})

export interface EventRoutesDeps {
  db: Database
  events: Pick<EventHub, 'subscribe'>
  logFault: (error: unknown) => void
  /** Told of each open page again and again, while its reader may read. */
  noteViewer: (project: ProjectKey) => void
}

/** The route of a project's events. */
export function eventRoutes({ db, events: hub, logFault, noteViewer }: EventRoutesDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(events, async (c) => {
    const [actor, checkIdentity] = [c.get('actor'), c.get('checkIdentity')]
    const { project: reference } = c.req.valid('param')
    const project = await requireProject(db.instance, actor, reference, 'read-project')
    const { projectId, workspaceId } = project
    // A number that no browser sends by itself is as good as none.
    const header = EventNumber.safeParse(c.req.valid('header')['last-event-id'])
    const resumed = header.success ? header.data : c.req.valid('query').after
    return openEventStream({
      checkAccess: async () => {
        await checkIdentity()
        await requireProject(db.instance, actor, projectId, 'read-project')
        noteViewer({ projectId, workspaceId })
      },
      logFault,
      start: async (stream) => {
        noteViewer({ projectId, workspaceId })
        const after = resumed ?? (await findLastEvent(db, project))
        stream.send({ id: after })
        return hub.subscribe({ projectId, workspaceId }, after, (event, id) => {
          stream.send({ event: event.type, data: event, id }, id === null)
          if (event.type === 'members') stream.checkAccess()
          if (event.type === 'project' && event.state === 'deleted') stream.end()
        })
      },
    })
  })
  return routes
}

async function findLastEvent(db: Database, project: ProjectKey): Promise<number> {
  const window = await db.inWorkspace(
    project.workspaceId,
    (tx) => eventQueries.findEventWindow(tx, project.projectId),
    { readOnly: true },
  )
  return window?.last ?? 0
}
