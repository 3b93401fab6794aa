/**
 * Compaction of live documents, by the role `skein_log`: what is due, the lease, and the one transaction in which rows become a state and
 * history.
 *
 * Whoever changes what a document is made from (compaction, repair) changes its row of document_state first; appends never touch that row, so
 * they go on beside it.
 */
import type { DocumentId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'
import type { SegmentRow } from './document-history.ts'

/** When a document is due: any of the three. */
export interface CompactionLimits {
  /** Rows of the tail. */
  rows: number
  /** Bytes of the tail. */
  bytes: number
  /** Nobody has appended for so long, and there is a tail. */
  quietMs: number
}

/**
 * Documents whose tail is due and which nobody compacts, the longest tail first. It steps from one document with a tail to the next, however
 * long the tails are; appends keep no list for it.
 */
export const listDueCompactions = (
  sql: Sql,
  { rows, bytes, quietMs }: CompactionLimits,
  limit: number,
): Promise<{ document: DocumentId; rows: number }[]> =>
  sql.query(
    `with recursive tail as (
       (select document_id as id from document_update order by document_id limit 1)
       union all
       select (select u.document_id from document_update u where u.document_id > t.id order by u.document_id limit 1)
       from tail t where t.id is not null
     )
     select d.id as document, d.head - s.upto_seq as rows
     from tail t join document d on d.id = t.id join document_state s on s.document_id = d.id
     where s.state is not null and d.head > s.upto_seq and (s.compact_from is null or s.compact_from < now())
       and (d.head - s.upto_seq >= $1 or d.log_bytes - s.upto_bytes >= $2
            or d.updated_at < now() - $3 * interval '1 millisecond')
     order by rows desc limit $4`,
    [rows, bytes, quietMs, limit],
  )

/** Takes the right to compact a document for `leaseMs`; false while somebody else has it, or the document is gone. */
export async function claimCompaction(tx: Tx, document: DocumentId, leaseMs: number): Promise<boolean> {
  const rows = await tx.query(
    `update document_state set compact_from = now() + $2 * interval '1 millisecond'
     where document_id = $1 and (compact_from is null or compact_from < now()) returning document_id`,
    [document, leaseMs],
  )
  return rows.length === 1
}

/** Lets nobody compact the document for `delayMs`; 0: whoever comes. */
export async function postponeCompaction(tx: Tx, document: DocumentId, delayMs: number): Promise<void> {
  await tx.query(
    `update document_state set compact_from = case when $2 > 0 then now() + $2 * interval '1 millisecond' end
     where document_id = $1`,
    [document, delayMs],
  )
}

/** The newest segment of the epoch, when it holds fewer updates than that. */
export async function findOpenSegment(
  sql: Sql,
  document: DocumentId,
  epoch: number,
  updatesMax: number,
): Promise<SegmentRow | null> {
  const [row] = await sql.query<SegmentRow>(
    `select * from (
       select document_id as document, first_seq as "firstSeq", last_seq as "lastSeq", epoch, updates, data
       from document_segment where document_id = $1 order by first_seq desc limit 1
     ) newest where epoch = $2 and updates < $3`,
    [document, epoch, updatesMax],
  )
  return row ?? null
}

/** What is in the history of an epoch after its newest state there; null when it has none yet. */
export async function countSinceKeyframe(
  sql: Sql,
  document: DocumentId,
  epoch: number,
): Promise<{ updates: number; segments: number } | null> {
  const [row] = await sql.query<{ updates: number; segments: number }>(
    `with newest as (select max(seq) as seq from document_keyframe where document_id = $1 and epoch = $2)
     select coalesce(sum(h.updates), 0)::bigint as updates, count(h.document_id)::int as segments
     from newest n left join document_segment h on h.document_id = $1 and h.epoch = $2 and h.first_seq > n.seq
     where n.seq is not null having count(*) > 0`,
    [document, epoch],
  )
  return row ?? null
}

export interface NewState {
  epoch: number
  /** The row up to which the old state held everything. */
  from: number
  /** V2, holds everything up to row `upto`. */
  state: Uint8Array
  upto: number
  /** Null: it cannot be kept as a text. */
  text: string | null
  /** What an empty client gets; null: it is not kept. */
  opening: Uint8Array | null
}

/** Puts a new state in place of the old one, unless that is another one by now; then nothing is changed, and the answer is null. */
export async function replaceState(tx: Tx, document: DocumentId, next: NewState): Promise<WorkspaceId | null> {
  const [row] = await tx.query<{ workspaceId: WorkspaceId }>(
    `update document_state s set state = $4, checksum = crc32c($4), upto_seq = $5, compact_from = null,
       opening = $7, opening_checksum = crc32c($7), opening_of = crc32c($4),
       upto_bytes = d.log_bytes - (
         select coalesce(sum(octet_length(u.payload)), 0) from document_update u where u.document_id = $1 and u.seq > $5),
       text = case when s.text_seq < $5 and $6::text is not null then $6 else s.text end,
       text_seq = case when s.text_seq < $5 and $6::text is not null then $5 else s.text_seq end
     from document d
     where s.document_id = $1 and d.id = $1 and d.epoch = $2 and s.upto_seq = $3 and s.state is not null
     returning s.workspace_id as "workspaceId"`,
    [
      document,
      next.epoch,
      next.from,
      Buffer.from(next.state),
      next.upto,
      next.text,
      next.opening && Buffer.from(next.opening),
    ],
  )
  return row?.workspaceId ?? null
}

/** Takes rows in `(after, upto]` out of the log; returns how many there were. */
export async function deleteLogRows(tx: Tx, document: DocumentId, after: number, upto: number): Promise<number> {
  const [row] = await tx.query<{ rows: number }>(
    `with gone as (delete from document_update where document_id = $1 and seq > $2 and seq <= $3 returning seq)
     select count(*)::int as rows from gone`,
    [document, after, upto],
  )
  return row?.rows ?? 0
}

export interface NewSegment extends Omit<SegmentRow, 'data'> {
  workspaceId: WorkspaceId
  firstAt: Date
  lastAt: Date
  data: Uint8Array
}

/** Keeps a segment, in place of one that begins with the same row. */
export async function saveSegment(tx: Tx, segment: NewSegment): Promise<void> {
  await tx.query(
    `insert into document_segment (document_id, first_seq, last_seq, workspace_id, epoch, updates, first_at, last_at, data)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (document_id, first_seq) do update set last_seq = excluded.last_seq, updates = excluded.updates,
       last_at = excluded.last_at, data = excluded.data`,
    [
      segment.document,
      segment.firstSeq,
      segment.lastSeq,
      segment.workspaceId,
      segment.epoch,
      segment.updates,
      segment.firstAt,
      segment.lastAt,
      Buffer.from(segment.data),
    ],
  )
}

export interface NewKeyframe {
  document: DocumentId
  workspaceId: WorkspaceId
  epoch: number
  seq: number
  at: Date
  /** V2, compressed or not: the caller knows. */
  state: Uint8Array
}

/** Keeps a state of the history; one that is there already stays. */
export async function saveKeyframe(tx: Tx, keyframe: NewKeyframe): Promise<void> {
  await tx.query(
    `insert into document_keyframe (document_id, seq, workspace_id, epoch, at, state, checksum)
     values ($1, $2, $3, $4, $5, $6, crc32c($6)) on conflict do nothing`,
    [keyframe.document, keyframe.seq, keyframe.workspaceId, keyframe.epoch, keyframe.at, Buffer.from(keyframe.state)],
  )
}
