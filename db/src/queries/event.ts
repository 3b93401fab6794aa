/**
 * The project's own channel as rows: numbered without gaps in commit order (the project's row is locked for the
 * number), announced to every process on the channel `skein_event` when the transaction commits. Old ones are
 * dropped; a client that needs one reads everything anew.
 */
import type { PersistedEvent, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** The NOTIFY channel of events; its payloads are the hub's own. */
export const eventChannel = 'skein_event'

export interface EventRow {
  seq: number
  event: PersistedEvent
}

/** Adds an event, and announces `notice` when the transaction commits. Returns its number. */
export async function insertEvent(
  tx: Tx,
  project: { projectId: ProjectId; workspaceId: WorkspaceId },
  event: PersistedEvent,
  notice: string,
): Promise<number> {
  const { type, ...data } = event
  const rows = await tx.query<{ seq: number }>(
    `with numbered as (update project set event_seq = event_seq + 1 where id = $1 returning event_seq),
       added as (
         insert into event (project_id, seq, workspace_id, type, data)
         select $1, event_seq, $2, $3, $4 from numbered returning seq
       )
     select seq, pg_notify('${eventChannel}', $5) from added`,
    [project.projectId, project.workspaceId, type, JSON.stringify(data), notice],
  )
  if (!rows[0]) throw new Error(`an event for a project that is not in this workspace: ${project.projectId}`)
  return rows[0].seq
}

/** Events after a number, in order, at most `limit`. */
export const listEvents = (sql: Sql, project: ProjectId, after: number, limit: number): Promise<EventRow[]> =>
  sql.query(
    `select seq, data || jsonb_build_object('type', type) as event from event
     where project_id = $1 and seq > $2 order by seq limit $3`,
    [project, after, limit],
  )

/** Numbers of the first event that is still kept (null: none) and of the last one ever made (0: none). */
export async function findEventWindow(
  sql: Sql,
  project: ProjectId,
): Promise<{ first: number | null; last: number } | null> {
  const rows = await sql.query<{ first: number | null; last: number }>(
    `select event_seq as last, (select min(seq) from event where project_id = $1) as first from project where id = $1`,
    [project],
  )
  return rows[0] ?? null
}

/** Drops events up to a number. */
export async function deleteEventsUpTo(tx: Tx, project: ProjectId, seq: number): Promise<void> {
  await tx.query('delete from event where project_id = $1 and seq <= $2', [project, seq])
}
