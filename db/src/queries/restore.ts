/**
 * The documents of a restored instance, by the role `skein_log`, before anybody is served. Devices may hold what came after the backup, so every
 * document begins a new epoch with its text (DL13).
 */
import type { DocumentId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Documents whose text beside the state is not that of their head, or whose log still has rows, in the order of their ids. */
export const listUnfolded = (
  sql: Sql,
  after: DocumentId | null,
  limit: number,
): Promise<{ id: DocumentId; head: number }[]> =>
  sql.query(
    `select d.id, d.head from document d join document_state s on s.document_id = d.id
     where ($1::uuid is null or d.id > $1) and (s.text_seq <> d.head or (s.state is not null and s.upto_seq <> d.head))
     order by d.id limit $2`,
    [after, limit],
  )

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

/** Documents by chance, with what they are opened from. */
export const sampleDocuments = (
  sql: Sql,
  limit: number,
): Promise<{ id: DocumentId; state: Buffer | null; text: string; isFolded: boolean }[]> =>
  sql.query(
    `select d.id, s.state, s.text, s.upto_seq = d.head and s.text_seq = d.head as "isFolded"
     from document d join document_state s on s.document_id = d.id order by random() limit $1`,
    [limit],
  )

/** How many documents there are. */
export async function countDocuments(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>('select count(*) as count from document')
  return row?.count ?? 0
}
