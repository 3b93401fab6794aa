/**
 * Setting aside what cannot be read any more of a document, by the role `skein_log`. The bytes move into document_quarantine as they were
 * found; what stands in their place is written in the same transaction. Callers hold the lock of `lockForRepair`.
 */
import type { ActorKey, DocumentId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface RepairPlace {
  workspaceId: WorkspaceId
  epoch: number
  uptoSeq: number
  /** False: nobody has opened it yet, so there is its text and nothing else. */
  isSeeded: boolean
  text: string
  textSeq: number
  /** Of the state, when one was kept. */
  checksum: number | null
}

/** Keeps compaction, other repairs and kept texts away until the transaction ends; appends go on. Null when there is no such document. */
export async function lockForRepair(tx: Tx, document: DocumentId): Promise<RepairPlace | null> {
  const [row] = await tx.query<RepairPlace>(
    `select s.workspace_id as "workspaceId", d.epoch, s.upto_seq as "uptoSeq", s.state is not null as "isSeeded", s.text,
       s.text_seq as "textSeq", s.checksum
     from document_state s join document d on d.id = s.document_id where s.document_id = $1 for update of s`,
    [document],
  )
  return row ?? null
}

export type DamagedKind = 'update' | 'state' | 'segment' | 'keyframe' | 'text'

export interface Damaged {
  kind: DamagedKind
  /** Its row, or the last one that it holds. */
  seq: number
  bytes: Uint8Array
  /** For people. */
  reason: string
}

/** Keeps bytes that could not be read. */
export async function insertQuarantine(
  tx: Tx,
  owner: { document: DocumentId; workspaceId: WorkspaceId },
  { kind, seq, bytes, reason }: Damaged,
): Promise<void> {
  await tx.query(
    'insert into document_quarantine (document_id, workspace_id, kind, seq, bytes, reason) values ($1, $2, $3, $4, $5, $6)',
    [owner.document, owner.workspaceId, kind, seq, Buffer.from(bytes), reason],
  )
}

export interface QuarantineRow {
  document: DocumentId
  kind: DamagedKind
  seq: number
  bytes: number
  reason: string
  at: Date
}

/** What was set aside of a document, or of all, newest first. */
export const listQuarantine = (sql: Sql, document: DocumentId | null, limit: number): Promise<QuarantineRow[]> =>
  sql.query(
    `select document_id as document, kind, seq, octet_length(bytes) as bytes, reason, at
     from document_quarantine where $1::uuid is null or document_id = $1 order by id desc limit $2`,
    [document, limit],
  )

/** Puts another payload into a row of the log. */
export async function replaceLogRow(tx: Tx, document: DocumentId, seq: number, payload: Uint8Array): Promise<void> {
  await tx.query('update document_update set payload = $3, checksum = crc32c($3) where document_id = $1 and seq = $2', [
    document,
    seq,
    Buffer.from(payload),
  ])
}

/** Rows were emptied: nobody goes on from what was read before. Call it in the transaction that empties them. */
export async function countRepair(tx: Tx, document: DocumentId): Promise<void> {
  await tx.query('update document set repairs = repairs + 1 where id = $1', [document])
}

/** Puts empty rows where rows of the tail are missing; returns their numbers. */
export async function fillLogRows(tx: Tx, document: DocumentId): Promise<number[]> {
  const rows = await tx.query<{ seq: number }>(
    `insert into document_update (document_id, seq, workspace_id, payload, checksum)
     select d.id, n.seq, d.workspace_id, '', crc32c('')
     from document d join document_state s on s.document_id = d.id, generate_series(s.upto_seq + 1, d.head) as n (seq)
     where d.id = $1 and s.state is not null
       and not exists (select from document_update u where u.document_id = d.id and u.seq = n.seq)
     returning seq`,
    [document],
  )
  return rows.map(({ seq }) => seq)
}

export async function deleteSegment(tx: Tx, document: DocumentId, firstSeq: number): Promise<void> {
  await tx.query('delete from document_segment where document_id = $1 and first_seq = $2', [document, firstSeq])
}

export async function deleteKeyframe(tx: Tx, document: DocumentId, seq: number): Promise<void> {
  await tx.query('delete from document_keyframe where document_id = $1 and seq = $2', [document, seq])
}

/** Puts other bytes in place of a state that stays one of the same rows. */
export async function rewriteState(tx: Tx, document: DocumentId, state: Uint8Array): Promise<void> {
  await tx.query('update document_state set state = $2, checksum = crc32c($2) where document_id = $1', [
    document,
    Buffer.from(state),
  ])
}

/** Forgets what empty clients would get; the next compaction makes it anew. */
export async function dropOpening(tx: Tx, document: DocumentId): Promise<void> {
  await tx.query('update document_state set opening = null where document_id = $1 and opening is not null', [document])
}

/** Puts another text beside the state, newer or not. */
export async function rewriteText(tx: Tx, document: DocumentId, seq: number, text: string): Promise<void> {
  await tx.query('update document_state set text = $3, text_seq = $2 where document_id = $1', [document, seq, text])
}

/**
 * Begins a new epoch with the text beside the state: whoever opens the document next seeds it. Rows of the log must be gone or packed by
 * then; every client id of the old epoch is retired. Returns the row after which the new epoch begins.
 */
export async function beginEpoch(tx: Tx, document: DocumentId): Promise<number> {
  const [row] = await tx.query<{ head: number }>(
    `with moved as (
       update document set epoch = epoch + 1 where id = $1 returning id, head, log_bytes
     ), retired as (
       update document_client set retired = true where document_id = $1
     )
     update document_state s set state = null, checksum = null, opening = null, upto_seq = m.head, upto_bytes = m.log_bytes, text_seq = m.head
     from moved m where s.document_id = m.id returning m.head`,
    [document],
  )
  if (!row) throw new Error(`Document ${document} has gone while it was locked`)
  return row.head
}

/** Client ids under which an actor wrote in an epoch. */
export const listClientsOf = (
  sql: Sql,
  document: DocumentId,
  epoch: number,
  actor: ActorKey,
): Promise<{ clientId: number }[]> =>
  sql.query(
    'select client_id as "clientId" from document_client where document_id = $1 and epoch = $2 and actor = $3 order by 1',
    [document, epoch, actor],
  )

/** CRC-32C, as the checksums of stored values are. */
export async function checksumOf(sql: Sql, bytes: Uint8Array): Promise<number> {
  const [row] = await sql.query<{ checksum: number }>('select crc32c($1::bytea) as checksum', [Buffer.from(bytes)])
  return row?.checksum ?? -1
}

/** Documents in the order of their ids, `limit` of them after one; null: from the first. */
export const listDocuments = (sql: Sql, after: DocumentId | null, limit: number): Promise<{ id: DocumentId }[]> =>
  sql.query('select id from document where $1::uuid is null or id > $1 order by id limit $2', [after, limit])
