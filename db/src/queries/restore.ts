/**
 * The documents of a restored instance, by the role `skein_log`, before anybody is served. Devices may hold what came after the backup, so every
 * document begins a new epoch with its text (DL13).
 */
import type { DocumentId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Documents whose text beside the state is not that of their head, or whose log still has rows, in the order of their ids. */
export const listUnfolded = (sql: Sql, after: DocumentId | null, limit: number): Promise<{ id: DocumentId }[]> =>
  sql.query(
    `select d.id from document d join document_state s on s.document_id = d.id
     where ($1::uuid is null or d.id > $1) and (s.text_seq <> d.head or (s.state is not null and s.upto_seq <> d.head))
     order by d.id limit $2`,
    [after, limit],
  )

export interface FoldRow {
  head: number
  /** Beside the state. */
  text: string
  /** Whether that is the text of the head. */
  isTextOfHead: boolean
  /** Whether no row stands in the log alone. */
  isFolded: boolean
}

/** How far the folding of a document is; null when there is no such document. */
export async function findFold(sql: Sql, document: DocumentId): Promise<FoldRow | null> {
  const [row] = await sql.query<FoldRow>(
    `select d.head, s.text, s.text_seq = d.head as "isTextOfHead", s.state is null or s.upto_seq = d.head as "isFolded"
     from document d join document_state s on s.document_id = d.id where d.id = $1`,
    [document],
  )
  return row ?? null
}

/** Moves what the document would be opened from, its state and the rows after it, into quarantine: its text is all that it goes on with. */
export async function setRestAside(tx: Tx, document: DocumentId, reason: string): Promise<void> {
  await tx.query(
    `with tail as (
       delete from document_update where document_id = $1 returning document_id, workspace_id, seq, payload
     ), emptied as (
       update document_state set state = null, checksum = null, opening = null where document_id = $1
     )
     insert into document_quarantine (document_id, workspace_id, kind, seq, bytes, reason)
     select document_id, workspace_id, 'update', seq, payload, $2 from tail
     union all
     select document_id, workspace_id, 'state', upto_seq, state, $2 from document_state
     where document_id = $1 and state is not null`,
    [document, reason],
  )
}

/** Moves all documents `epochs` on, each with the text beside its state; every client id that ever wrote is retired. Returns their number. */
export async function beginEpochs(tx: Tx, epochs: number): Promise<number> {
  await tx.query('update document_client set retired = true where not retired')
  const rows = await tx.query(
    `with moved as (
       update document set epoch = epoch + $1 returning id, head, log_bytes
     )
     update document_state s set state = null, checksum = null, upto_seq = m.head, upto_bytes = m.log_bytes
     from moved m where s.document_id = m.id and s.text_seq = m.head returning s.document_id`,
    [epochs],
  )
  return rows.length
}

export interface SampleRow {
  id: DocumentId
  head: number
  state: Buffer | null
  /** Whether the state is what was written, as far as that is known. */
  isIntact: boolean
  text: string
  isFolded: boolean
}

/** Documents by chance, with what they are opened from. */
export const sampleDocuments = (sql: Sql, limit: number): Promise<SampleRow[]> =>
  sql.query(
    `select d.id, d.head, s.state, s.checksum is null or s.checksum = crc32c(s.state) as "isIntact", s.text,
       s.upto_seq = d.head and s.text_seq = d.head as "isFolded"
     from document d join document_state s on s.document_id = d.id order by random() limit $1`,
    [limit],
  )

/** How many documents there are. */
export async function countDocuments(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>('select count(*) as count from document')
  return row?.count ?? 0
}
