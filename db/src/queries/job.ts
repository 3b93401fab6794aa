/**
 * Jobs: background work that a person can see, leave, find again and cancel. The table has no row-level security, because the worker's
 * claim crosses workspaces; only this file touches it, and every reader for a person names the workspace.
 */
import type { ErrorCode, JobId, JobProgress, JobState, ProjectId, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Heard whenever a job changes, its progress included (a kept lease is no change); the payload is the job's id. */
export const jobChannel = 'skein_job'

export interface JobError {
  code: ErrorCode
  message: string
  hint?: string
}

export interface JobRow {
  id: JobId
  workspaceId: WorkspaceId
  projectId: ProjectId | null
  kind: 'import'
  state: JobState
  /** What the job needs to know; read with the schema of its kind. */
  input: unknown
  /** Null until the first report. */
  progress: JobProgress | null
  error: JobError | null
  attempts: number
  cancelRequested: boolean
  createdBy: UserId
  createdAt: Date
  finishedAt: Date | null
}

const columns = `id, owner_workspace as "workspaceId", project_id as "projectId", kind, state, input, nullif(progress, '{}') as progress,
  error, attempts, cancel_requested as "cancelRequested", created_by as "createdBy", created_at as "createdAt", finished_at as "finishedAt"`

export async function insertJob(
  tx: Tx,
  job: { workspaceId: WorkspaceId; projectId: ProjectId | null; kind: 'import'; input: unknown; createdBy: UserId },
): Promise<JobRow> {
  const rows = await tx.query<JobRow>(
    `insert into job (owner_workspace, project_id, kind, input, created_by) values ($1, $2, $3, $4, $5) returning ${columns}`,
    [job.workspaceId, job.projectId, job.kind, JSON.stringify(job.input), job.createdBy],
  )
  const row = rows[0] as JobRow
  await notifyJob(tx, row.id)
  return row
}

/** A job of one of these workspaces: whoever asks gives those in which they may see it. */
export async function findJob(sql: Sql, id: JobId, workspaces: readonly WorkspaceId[]): Promise<JobRow | null> {
  const rows = await sql.query<JobRow>(
    `select ${columns} from job where id = $1 and owner_workspace = any($2::uuid[])`,
    [id, [...workspaces]],
  )
  return rows[0] ?? null
}

/** Jobs of a project that are not over, and the last one that is, newest first. */
export const listJobsOfProject = (sql: Sql, project: ProjectId): Promise<JobRow[]> =>
  sql.query(
    `select ${columns} from job where project_id = $1
       and (state in ('queued', 'running') or id = (select id from job where project_id = $1 order by id desc limit 1))
     order by id desc`,
    [project],
  )

/** How many jobs of a workspace wait or run. */
export async function countOpenJobs(sql: Sql, workspace: WorkspaceId): Promise<number> {
  const rows = await sql.query<{ jobs: number }>(
    `select count(*)::int as jobs from job where owner_workspace = $1 and state in ('queued', 'running')`,
    [workspace],
  )
  return rows[0]?.jobs ?? 0
}

/** Takes the oldest job that waits, or whose worker has not been heard of since its lease ended; null when there is none. */
export async function claimJob(tx: Tx, leaseMs: number): Promise<JobRow | null> {
  const rows = await tx.query<JobRow>(
    `update job set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()),
       leased_until = now() + $1 * interval '1 millisecond'
     where id = (
       select id from job where state = 'queued' or (state = 'running' and leased_until < now())
       order by created_at limit 1 for update skip locked)
     returning ${columns}`,
    [leaseMs],
  )
  return rows[0] ?? null
}

/** Keeps the lease of attempt `attempts` and writes how far it is. `lost`: another worker has the job, or it is over. */
export async function reportJob(
  tx: Tx,
  job: { id: JobId; attempts: number },
  leaseMs: number,
  progress: JobProgress | null,
): Promise<'held' | 'cancel-requested' | 'lost'> {
  const rows = await tx.query<{ cancel: boolean }>(
    `with kept as (
       update job set leased_until = now() + $3 * interval '1 millisecond', progress = coalesce($4::jsonb, progress)
       where id = $1 and attempts = $2 and state = 'running'
       returning id, cancel_requested)
     select cancel_requested as cancel, case when $4::jsonb is not null then pg_notify('${jobChannel}', id::text) end from kept`,
    [job.id, job.attempts, leaseMs, progress === null ? null : JSON.stringify(progress)],
  )
  const row = rows[0]
  if (row === undefined) return 'lost'
  return row.cancel ? 'cancel-requested' : 'held'
}

/** Ends a running attempt; null when it was not this attempt's to end. */
export async function finishJob(
  tx: Tx,
  job: { id: JobId; attempts: number },
  state: 'done' | 'failed' | 'cancelled',
  error: JobError | null,
): Promise<JobRow | null> {
  const rows = await tx.query<JobRow>(
    `update job set state = $3, error = $4, finished_at = now(), leased_until = null
     where id = $1 and attempts = $2 and state = 'running' returning ${columns}`,
    [job.id, job.attempts, state, error === null ? null : JSON.stringify(error)],
  )
  if (rows[0] !== undefined) await notifyJob(tx, job.id)
  return rows[0] ?? null
}

/** Gives a running job back to the queue, as when the worker stops for an update; the attempt does not count. */
export async function requeueJob(tx: Tx, job: { id: JobId; attempts: number }): Promise<void> {
  const rows = await tx.query(
    `update job set state = 'queued', leased_until = null, attempts = attempts - 1
     where id = $1 and attempts = $2 and state = 'running' returning id`,
    [job.id, job.attempts],
  )
  if (rows[0] !== undefined) await notifyJob(tx, job.id)
}

/** Asks a job to stop: one that waits is cancelled at once, one that runs is told at its next report. Null when it is over or not there. */
export async function requestCancel(tx: Tx, id: JobId, workspace: WorkspaceId): Promise<JobRow | null> {
  const rows = await tx.query<JobRow>(
    `update job set cancel_requested = true,
       state = case when state = 'queued' then 'cancelled' else state end,
       finished_at = case when state = 'queued' then now() end
     where id = $1 and owner_workspace = $2 and state in ('queued', 'running') returning ${columns}`,
    [id, workspace],
  )
  if (rows[0] !== undefined) await notifyJob(tx, id)
  return rows[0] ?? null
}

/** Asks every job of a project to stop, because nobody waits for it any more. */
export async function cancelJobsOf(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query(
    `with asked as (
       update job set cancel_requested = true,
         state = case when state = 'queued' then 'cancelled' else state end,
         finished_at = case when state = 'queued' then now() end
       where project_id = $1 and state in ('queued', 'running') returning id)
     select pg_notify('${jobChannel}', id::text) from asked`,
    [project],
  )
}

async function notifyJob(tx: Tx, id: JobId): Promise<void> {
  await tx.query(`select pg_notify('${jobChannel}', $1)`, [id])
}
