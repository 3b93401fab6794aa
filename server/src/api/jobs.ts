/**
 * `/jobs/{job}`: background work that a person can watch, leave, find again and cancel. A job belongs to its
 * project's workspace.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { type Database, jobQueries } from '@skein/db'
import { Job, JobId, Refusal, type WorkspaceId } from '@skein/protocol'
import { listWorkspaces } from '../commands/access.ts'
import type { RecordEvent } from '../commands/event-hub.ts'
import { cancelJob } from '../commands/jobs/end-job.ts'
import { jobToView } from '../commands/jobs/job-view.ts'
import type { Actor } from '../policies/actor.ts'
import { authorise } from '../policies/authorise.ts'
import type { Permission } from '../policies/permissions.ts'
import { type ApiRoutes, answers, newRoutes, REFUSAL } from './env.ts'
import { openEventStream, STREAM } from './events-stream.ts'

const tags = ['jobs']
const params = z.object({ job: JobId })

const get = createRoute({
  method: 'get',
  path: '/jobs/{job}',
  tags,
  summary: 'One job, with how far it is',
  request: { params },
  responses: { ...answers(200, 'The job', Job), default: REFUSAL },
})
const events = createRoute({
  method: 'get',
  path: '/jobs/{job}/events',
  tags,
  summary: 'The job now and after each change (server-sent events named “job”), until it ends',
  request: { params },
  responses: { 200: STREAM, default: REFUSAL },
})
const cancel = createRoute({
  method: 'delete',
  path: '/jobs/{job}',
  tags,
  summary: 'Cancel a job; what it had made is taken back',
  request: { params },
  responses: { ...answers(200, 'The job: cancelled, or about to be', Job), default: REFUSAL },
})

export interface JobRoutesDeps {
  db: Database
  record: RecordEvent
  logFault: (error: unknown) => void
}

/** Routes of jobs. */
export function jobRoutes({ db, record, logFault }: JobRoutesDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(get, async (c) => {
    const job = await requireJob(db, c.get('actor'), c.req.valid('param').job, 'read-project')
    return c.json(jobToView(job), 200)
  })
  routes.openapi(cancel, async (c) => {
    const job = await requireJob(db, c.get('actor'), c.req.valid('param').job, 'create-project')
    const asked = await cancelJob({ db, record }, job)
    if (!asked) {
      throw new Refusal('job-ended', 'This job has ended already, so there is nothing to cancel.', {
        details: { state: job.state },
      })
    }
    return c.json(jobToView(asked), 200)
  })
  routes.openapi(events, async (c) => {
    const [actor, checkIdentity] = [c.get('actor'), c.get('checkIdentity')]
    const { job: id } = c.req.valid('param')
    await requireJob(db, actor, id, 'read-project')
    return openEventStream({
      checkAccess: async () => {
        await checkIdentity()
        await requireJob(db, actor, id, 'read-project')
      },
      logFault,
      start: async (stream) => {
        // Every event tells the whole job, so a client that comes back is told how it stands now.
        const tell = async (): Promise<void> => {
          const job = jobToView(await requireJob(db, actor, id, 'read-project'))
          stream.send({ event: 'job', data: job })
          if (isEnded(job)) stream.end()
        }
        const unlisten = await db.listen(jobQueries.jobChannel, (payload) => {
          if (payload === id || payload === null) tell().catch(() => stream.end())
        })
        await tell()
        return unlisten
      },
    })
  })
  return routes
}

/** The job, when the actor may do that in its workspace. */
async function requireJob(db: Database, actor: Actor, id: JobId, permission: Permission): Promise<jobQueries.JobRow> {
  const workspaces = await listWorkspaces(db.instance, { ...actor, token: null })
  const job = await jobQueries.findJob(
    db.instance,
    id,
    workspaces.map((workspace) => workspace.id),
  )
  const role = workspaces.find((workspace) => workspace.id === job?.workspaceId)?.role
  const access = job && role ? { ...job, workspaceId: job.workspaceId as WorkspaceId, role } : null
  return authorise(actor, permission, access, 'job')
}

const isEnded = ({ state }: Job): boolean => state === 'done' || state === 'failed' || state === 'cancelled'
