/**
 * The outbox: at most one row per project, naming the commit that GitHub should get. It has no row-level security, because the push worker's
 * claim crosses workspaces; only this file touches it.
 */
import type { Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Heard by push workers; the payload is the project. */
export const outboxChannel = 'skein_outbox'

/** What asks for a push: a new commit, a new link, or a person who wants another try. */
export type PushTrigger = string

export interface OutboxRow {
  projectId: ProjectId
  workspaceId: WorkspaceId
  ref: string
  target: Oid
  trigger: PushTrigger
  attempts: number
  nextAt: Date
  errorCode: string | null
  errorMessage: string | null
}

const columns = `project_id as "projectId", owner_workspace as "workspaceId", ref, target, trigger, attempts, next_at as "nextAt",
  error_code as "errorCode", error_message as "errorMessage"`

/**
 * Asks for `target` to be pushed, in the transaction that made the commit. Does nothing for a project without an active link. A row that
 * waits keeps its place and its back-off, and carries the newer commit.
 */
export async function enqueuePush(
  tx: Tx,
  push: { projectId: ProjectId; ref: string; target: Oid; trigger?: PushTrigger },
): Promise<void> {
  await tx.query(
    `with asked as (
       insert into outbox (project_id, owner_workspace, ref, target, trigger)
       select project_id, workspace_id, $2, $3, $4 from github_link where project_id = $1 and state = 'active'
       on conflict (project_id) do update set ref = excluded.ref, target = excluded.target
       returning project_id)
     select pg_notify('${outboxChannel}', project_id::text) from asked`,
    [push.projectId, push.ref, push.target, push.trigger ?? 'snapshot'],
  )
}

/** Takes the row that has been due longest, for `leaseMs`; null when none is due. */
export async function claimPush(tx: Tx, leaseMs: number): Promise<OutboxRow | null> {
  const rows = await tx.query<OutboxRow>(
    `update outbox set leased_until = now() + $1 * interval '1 millisecond'
     where project_id = (
       select project_id from outbox
       where next_at <= now() and (leased_until is null or leased_until < now())
       order by next_at limit 1 for update skip locked)
     returning ${columns}`,
    [leaseMs],
  )
  return rows[0] ?? null
}

/** Keeps a claimed row for another `leaseMs`. */
export async function keepPush(tx: Tx, project: ProjectId, leaseMs: number): Promise<void> {
  await tx.query(
    `update outbox set leased_until = now() + $2 * interval '1 millisecond' where project_id = $1 and leased_until is not null`,
    [project, leaseMs],
  )
}

/** When the next row is due, for a worker that wants to sleep until then; null when nothing waits. */
export async function nextPushAt(sql: Sql): Promise<Date | null> {
  const rows = await sql.query<{ at: Date | null }>(
    'select min(greatest(next_at, coalesce(leased_until, next_at))) as at from outbox',
  )
  return rows[0]?.at ?? null
}

/** What waits for this project, if anything. */
export async function findPush(sql: Sql, project: ProjectId): Promise<OutboxRow | null> {
  const rows = await sql.query<OutboxRow>(`select ${columns} from outbox where project_id = $1`, [project])
  return rows[0] ?? null
}

/** Gives a claimed row back without counting an attempt, not to be tried before `nextAt`. */
export async function postponePush(tx: Tx, project: ProjectId, nextAt: Date): Promise<void> {
  await tx.query('update outbox set leased_until = null, next_at = $2 where project_id = $1', [project, nextAt])
}

/** Makes a row that waits for its next try due now, and forgets its failures. A row that is being pushed is left alone. */
export async function hurryPush(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query(
    `update outbox set next_at = now(), attempts = 0
     where project_id = $1 and (leased_until is null or leased_until < now())`,
    [project],
  )
}

/** Counts a failed attempt, with its reason, to be tried again at `nextAt`. */
export async function retryPush(
  tx: Tx,
  project: ProjectId,
  failure: { code: string; message: string; nextAt: Date },
): Promise<void> {
  await tx.query(
    `update outbox set leased_until = null, attempts = attempts + 1, next_at = $2, error_code = $3, error_message = $4
     where project_id = $1`,
    [project, failure.nextAt, failure.code, failure.message],
  )
}

/** `pushed` has arrived: the row goes, or stays for a newer commit that came meanwhile, not to be tried before `nextAt`. */
export async function finishPush(tx: Tx, project: ProjectId, pushed: Oid, nextAt: Date): Promise<void> {
  await tx.query(
    `with gone as (delete from outbox where project_id = $1 and target = $2)
     update outbox set leased_until = null, attempts = 0, next_at = $3, error_code = null, error_message = null
     where project_id = $1 and target <> $2`,
    [project, pushed, nextAt],
  )
}

/** Pushing has stopped for this project (held, or not linked any more). */
export async function dropPush(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query('delete from outbox where project_id = $1', [project])
}
