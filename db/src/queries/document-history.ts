/**
 * The history of live documents, and compaction, which makes it: rows of the log move into segments, and states to begin from stand beside
 * them. The only file that touches document_segment, document_keyframe and document_quarantine. Read several of these in one picture.
 *
 * Whoever changes what a document is made from (compaction, repair) locks its row of document_state first; appends do not look at it.
 */
import type { DocumentId } from '@skein/protocol'
import type { Sql } from '../transaction.ts'

/** Where the parts of a document's log stand. */
export interface LogPlace {
  epoch: number
  head: number
  /** Rows up to this one are in the state and in the history, those after it in the log. */
  uptoSeq: number
}

/** Null when there is no such document, or nobody has ever opened it. */
export async function findLogPlace(sql: Sql, document: DocumentId): Promise<LogPlace | null> {
  const [row] = await sql.query<LogPlace>(
    `select d.epoch, d.head, s.upto_seq as "uptoSeq"
     from document d join document_state s on s.document_id = d.id where d.id = $1 and s.state is not null`,
    [document],
  )
  return row ?? null
}

/** A V2 state that holds all rows up to `seq`. */
export interface StoredState {
  seq: number
  epoch: number
  state: Buffer
  /** Whether the bytes are those that were written, as far as that is known. */
  isIntact: boolean
}

/** The state that the document is opened from. */
export async function findState(sql: Sql, document: DocumentId): Promise<StoredState | null> {
  const [row] = await sql.query<StoredState>(
    `select s.upto_seq as seq, d.epoch, s.state, s.checksum is null or s.checksum = crc32c(s.state) as "isIntact"
     from document_state s join document d on d.id = s.document_id where s.document_id = $1 and s.state is not null`,
    [document],
  )
  return row ?? null
}

/** The newest state of the history at or before row `seq`. */
export async function findKeyframe(sql: Sql, document: DocumentId, seq: number): Promise<StoredState | null> {
  const [row] = await sql.query<StoredState>(
    `select seq, epoch, state, checksum = crc32c(state) as "isIntact"
     from document_keyframe where document_id = $1 and seq <= $2 order by seq desc limit 1`,
    [document, seq],
  )
  return row ?? null
}

export interface SegmentRow {
  document: DocumentId
  firstSeq: number
  lastSeq: number
  epoch: number
  updates: number
  data: Buffer
}

/** Rows of a log, of several documents. */
export interface LogRange {
  document: DocumentId
  after: number
  upto: number
}

/** Segments that hold rows of the ranges; each document's in order. */
export const listSegments = (sql: Sql, ranges: readonly LogRange[]): Promise<SegmentRow[]> =>
  sql.query(
    `select h.document_id as document, h.first_seq as "firstSeq", h.last_seq as "lastSeq", h.epoch, h.updates, h.data
     from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as c (document, after, upto)
     join document_segment h on h.document_id = c.document and h.last_seq > c.after and h.first_seq <= c.upto
     order by h.document_id, h.first_seq`,
    [ranges.map(({ document }) => document), ranges.map(({ after }) => after), ranges.map(({ upto }) => upto)],
  )

export interface LogRow {
  seq: number
  at: Date
  payload: Buffer
  isIntact: boolean
}

/** Rows that are still in the log, in `(after, upto]`, in order: `limit` of them, and no more when they have `bytesMax` together. */
export const listLogRows = (
  sql: Sql,
  { document, after, upto }: LogRange,
  limit = 1_000_000,
  bytesMax = Number.MAX_SAFE_INTEGER,
): Promise<LogRow[]> =>
  sql.query(
    `select seq, at, payload, checksum is null or checksum = crc32c(payload) as "isIntact"
     from (
       select *, sum(octet_length(payload)) over (order by seq) - octet_length(payload) as bytes_before from (
         select * from document_update where document_id = $1 and seq > $2 and seq <= $3 order by seq limit $4
       ) first
     ) weighed where bytes_before < $5 order by seq`,
    [document, after, upto, limit, bytesMax],
  )

/** The row before which the current epoch has none, as far as the history knows: the first state of the epoch. */
export async function findEpochStart(sql: Sql, document: DocumentId): Promise<number | null> {
  const [row] = await sql.query<{ seq: number }>(
    `select coalesce(
       (select min(k.seq) from document_keyframe k where k.document_id = d.id and k.epoch = d.epoch), s.upto_seq) as seq
     from document d join document_state s on s.document_id = d.id where d.id = $1`,
    [document],
  )
  return row?.seq ?? null
}

/** Rows that the states of the history hold, and whether their bytes are those that were written. */
export const listKeyframes = (sql: Sql, document: DocumentId): Promise<{ seq: number; isIntact: boolean }[]> =>
  sql.query(
    'select seq, checksum = crc32c(state) as "isIntact" from document_keyframe where document_id = $1 order by seq',
    [document],
  )
