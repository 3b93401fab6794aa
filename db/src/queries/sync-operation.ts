/** Sync operations: one row for each push (and later pull) that was tried, so that people can see what happened and when. */
import type { Oid, ProjectId, SyncMode, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface SyncOperationRow {
  id: string
  direction: 'push' | 'pull' | 'event'
  mode: SyncMode
  trigger: string
  state: 'running' | 'done' | 'failed' | 'held'
  oidBefore: Oid | null
  oidAfter: Oid | null
  commits: number | null
  files: number | null
  insertions: number | null
  deletions: number | null
  conflicts: number | null
  pullRequest: number | null
  branch: string | null
  delivery: string | null
  note: string | null
  quotaLeft: number | null
  errorCode: string | null
  errorMessage: string | null
  attempts: number
  startedAt: Date
  finishedAt: Date | null
}

const columns = `id, direction, mode, trigger, state, oid_before as "oidBefore", oid_after as "oidAfter", commits, files, insertions, deletions,
  conflicts, pull_request as "pullRequest", branch, delivery, note, quota_left as "quotaLeft", error_code as "errorCode", error_message as "errorMessage", attempts, started_at as "startedAt", finished_at as "finishedAt"`

export interface OperationFilter {
  state?: SyncOperationRow['state'] | undefined
  direction?: SyncOperationRow['direction'] | undefined
}

/** Operations of a project, newest first; `before` is the id of the last one that was seen. */
export const listSyncOperations = (
  sql: Sql,
  project: ProjectId,
  before: string | null,
  limit: number,
  { state, direction }: OperationFilter = {},
): Promise<SyncOperationRow[]> =>
  sql.query(
    `select ${columns} from sync_operation
     where project_id = $1 and ($2::uuid is null or id < $2) and ($4::text is null or state = $4) and ($5::text is null or direction = $5)
     order by id desc limit $3`,
    [project, before, limit, state ?? null, direction ?? null],
  )

export async function findSyncOperation(sql: Sql, project: ProjectId, id: string): Promise<SyncOperationRow | null> {
  const rows = await sql.query<SyncOperationRow>(
    `select ${columns} from sync_operation where project_id = $1 and id = $2`,
    [project, id],
  )
  return rows[0] ?? null
}

interface Project {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

export interface NewSyncOperation {
  direction: 'push' | 'pull'
  mode: SyncMode
  trigger: string
  branch: string
  delivery: string | null
  pullRequest: number | null
  oidBefore: Oid | null
  oidAfter: Oid
}

/**
 * Begins an operation, or takes up again the last one of its direction when that was towards the same commit of the same branch and has
 * not succeeded, so that a push retried for days is one row with its attempts.
 */
export async function beginSyncOperation(tx: Tx, project: Project, operation: NewSyncOperation): Promise<string> {
  const again = await tx.query<{ id: string }>(
    `update sync_operation set state = 'running', attempts = attempts + 1, oid_before = $4, finished_at = null, mode = $5,
       pull_request = coalesce($7, pull_request), delivery = coalesce(delivery, $8)
     where id = (select id from sync_operation where project_id = $1 and direction = $2 order by id desc limit 1)
       and oid_after = $3 and branch = $6 and state in ('running', 'failed', 'held') returning id`,
    [
      project.projectId,
      operation.direction,
      operation.oidAfter,
      operation.oidBefore,
      operation.mode,
      operation.branch,
      operation.pullRequest,
      operation.delivery,
    ],
  )
  if (again[0] !== undefined) return again[0].id
  const rows = await tx.query<{ id: string }>(
    `insert into sync_operation (project_id, workspace_id, direction, mode, trigger, state, branch, delivery, pull_request, oid_before, oid_after)
     values ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9, $10) returning id`,
    [
      project.projectId,
      project.workspaceId,
      operation.direction,
      operation.mode,
      operation.trigger,
      operation.branch,
      operation.delivery,
      operation.pullRequest,
      operation.oidBefore,
      operation.oidAfter,
    ],
  )
  return (rows[0] as { id: string }).id
}

export interface SyncOutcome {
  state: 'done' | 'failed' | 'held'
  /** What is left out stays as it was. */
  oidBefore?: Oid | null
  oidAfter?: Oid | null
  commits?: number | null
  files?: number | null
  insertions?: number | null
  deletions?: number | null
  conflicts?: number | null
  pullRequest?: number | null
  note?: string | null
  error: { code: string; message: string } | null
  quotaLeft?: number | null
}

export async function endSyncOperation(tx: Tx, id: string, outcome: SyncOutcome): Promise<void> {
  await tx.query(
    `update sync_operation set state = $2, error_code = $3, error_message = $4, oid_before = coalesce($5, oid_before),
       oid_after = coalesce($6, oid_after), commits = coalesce($7, commits), files = coalesce($8, files), insertions = coalesce($9, insertions),
       deletions = coalesce($10, deletions), conflicts = coalesce($11, conflicts), pull_request = coalesce($12, pull_request),
       note = coalesce($13, note), quota_left = coalesce($14, quota_left), finished_at = now()
     where id = $1`,
    [
      id,
      outcome.state,
      outcome.error?.code ?? null,
      outcome.error?.message ?? null,
      outcome.oidBefore ?? null,
      outcome.oidAfter ?? null,
      outcome.commits ?? null,
      outcome.files ?? null,
      outcome.insertions ?? null,
      outcome.deletions ?? null,
      outcome.conflicts ?? null,
      outcome.pullRequest ?? null,
      outcome.note ?? null,
      outcome.quotaLeft ?? null,
    ],
  )
}

/** GitHub has what an operation was to push there, whose worker did not hear of it; false when there is no such operation. */
export async function endArrivedPush(tx: Tx, project: ProjectId, branch: string, oid: Oid): Promise<boolean> {
  const rows = await tx.query(
    `update sync_operation set state = 'done', error_code = null, error_message = null, finished_at = now()
     where id = (select id from sync_operation where project_id = $1 and direction = 'push' order by id desc limit 1)
       and branch = $2 and oid_after = $3 and state in ('running', 'failed') returning id`,
    [project, branch, oid],
  )
  return rows.length === 1
}

export interface SyncEvent {
  mode: SyncMode
  trigger: string
  state: 'done' | 'held'
  branch: string
  delivery: string | null
  pullRequest: number | null
  /** One sentence for people. */
  note: string
  code: string | null
}

/** Something happened to the link; told once, however often it is found again: null when the last event says the same. */
export async function insertSyncEvent(tx: Tx, project: Project, event: SyncEvent): Promise<string | null> {
  const rows = await tx.query<{ id: string }>(
    `insert into sync_operation (project_id, workspace_id, direction, mode, trigger, state, branch, delivery, pull_request, note, error_code,
       error_message, finished_at)
     select $1, $2, 'event', $3, $4, $5, $6, $7, $8, $9, $10, case when $10::text is null then null else $9 end, now()
     where not exists (
       select from sync_operation where id = (
         select id from sync_operation where project_id = $1 and direction = 'event' order by id desc limit 1)
       and note = $9 and state = $5 and state = 'held')
     returning id`,
    [
      project.projectId,
      project.workspaceId,
      event.mode,
      event.trigger,
      event.state,
      event.branch,
      event.delivery,
      event.pullRequest,
      event.note,
      event.code,
    ],
  )
  return rows[0]?.id ?? null
}
