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

/** Operations of a project, newest first; `before` is the id of the last one that was seen. */
export const listSyncOperations = (
  sql: Sql,
  project: ProjectId,
  before: string | null,
  limit: number,
): Promise<SyncOperationRow[]> =>
  sql.query(
    `select ${columns} from sync_operation where project_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [project, before, limit],
  )

/**
 * Begins an operation, or takes up again the last one towards the same commit that has not come to an end, so that a push retried for days
 * is one row with its attempts.
 */
export async function beginSyncOperation(
  tx: Tx,
  operation: {
    projectId: ProjectId
    workspaceId: WorkspaceId
    direction: 'push'
    trigger: string
    oidBefore: Oid | null
    oidAfter: Oid
  },
): Promise<string> {
  const again = await tx.query<{ id: string }>(
    `update sync_operation set state = 'running', attempts = attempts + 1, oid_before = $4, finished_at = null
     where id = (select id from sync_operation where project_id = $1 and direction = $2 order by id desc limit 1)
       and oid_after = $3 and state in ('running', 'failed') returning id`,
    [operation.projectId, operation.direction, operation.oidAfter, operation.oidBefore],
  )
  if (again[0] !== undefined) return again[0].id
  const rows = await tx.query<{ id: string }>(
    `insert into sync_operation (project_id, workspace_id, direction, trigger, state, oid_before, oid_after)
     values ($1, $2, $3, $4, 'running', $5, $6) returning id`,
    [
      operation.projectId,
      operation.workspaceId,
      operation.direction,
      operation.trigger,
      operation.oidBefore,
      operation.oidAfter,
    ],
  )
  return (rows[0] as { id: string }).id
}

export interface SyncOutcome {
  state: 'done' | 'failed' | 'held'
  oidBefore: Oid | null
  commits: number | null
  error: { code: string; message: string } | null
  quotaLeft: number | null
}

export async function endSyncOperation(tx: Tx, id: string, outcome: SyncOutcome): Promise<void> {
  await tx.query(
    `update sync_operation set state = $2, oid_before = coalesce($3, oid_before), commits = $4, error_code = $5, error_message = $6, quota_left = $7,
       finished_at = now()
     where id = $1`,
    [
      id,
      outcome.state,
      outcome.oidBefore,
      outcome.commits,
      outcome.error?.code ?? null,
      outcome.error?.message ?? null,
      outcome.quotaLeft,
    ],
  )
}
