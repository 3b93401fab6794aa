/**
 * The log of live documents: loading, seeding and the group commit, by the role `skein_log`, across workspaces. The only file
 * that touches document_update and document_client, and (with queries/file.ts) document_state.
 *
 * A row of `document` is locked before its log grows, so that `seq` is gapless and in commit order (DL3). Whoever removes a row of
 * dirty_file must hold the same lock and compare the head: an edit that commits beside it leaves the row that it finds.
 */

import type { ActorKey, DocumentId, FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface DocumentRow {
  id: DocumentId
  fileId: FileId
  projectId: ProjectId
  workspaceId: WorkspaceId
  epoch: number
  head: number
  /** V2 state that holds the rows up to `uptoSeq`; null: never opened, to be seeded from the text. */
  state: Buffer | null
  uptoSeq: number
  textSeq: number
}

/** Null when there is no such document. Read it in one picture with `listUpdates` and `listClients`. */
export async function findDocument(sql: Sql, document: DocumentId): Promise<DocumentRow | null> {
  const [row] = await sql.query<DocumentRow>(
    `select d.id, d.file_id as "fileId", d.project_id as "projectId", d.workspace_id as "workspaceId", d.epoch, d.head,
            s.state, s.upto_seq as "uptoSeq", s.text_seq as "textSeq"
     from document d join document_state s on s.document_id = d.id
     where d.id = $1`,
    [document],
  )
  return row ?? null
}

export interface UpdateRow {
  seq: number
  payload: Buffer
}

/** The rows after `afterSeq`, in order. */
export const listUpdates = (sql: Sql, document: DocumentId, afterSeq: number): Promise<UpdateRow[]> =>
  sql.query('select seq, payload from document_update where document_id = $1 and seq > $2 order by seq', [
    document,
    afterSeq,
  ])

export interface ClientRow {
  clientId: number
  actor: ActorKey
  /** It belongs to the seed of an epoch that has ended. */
  retired: boolean
}

/** Every client id that ever wrote into the document. */
export const listClients = (sql: Sql, document: DocumentId): Promise<ClientRow[]> =>
  sql.query('select client_id as "clientId", actor, retired from document_client where document_id = $1', [document])

/** Locks a document that was never opened; null when it was opened meanwhile, or does not exist. */
export async function lockUnseeded(tx: Tx, document: DocumentId): Promise<{ epoch: number; text: string } | null> {
  const [row] = await tx.query<{ epoch: number; text: string }>(
    `select d.epoch, s.text from document d join document_state s on s.document_id = d.id
     where d.id = $1 and s.state is null for update of d`,
    [document],
  )
  return row ?? null
}

/** Keeps the first state of an epoch, and whose client id made it. Call it in the transaction of `lockUnseeded`. */
export async function insertSeed(
  tx: Tx,
  document: DocumentId,
  seed: { state: Uint8Array; clientId: number; actor: ActorKey },
): Promise<void> {
  await tx.query(
    `with seeded as (
       update document_state set state = $2 where document_id = $1 and state is null returning document_id, workspace_id
     )
     insert into document_client (document_id, client_id, workspace_id, actor, epoch)
     select s.document_id, $3, s.workspace_id, $4, d.epoch from seeded s join document d on d.id = s.document_id`,
    [document, Buffer.from(seed.state), seed.clientId, seed.actor],
  )
}

export interface CommitItem {
  document: DocumentId
  payload: Uint8Array
  /** Client ids that write into the document for the first time. */
  clients: readonly { clientId: number; actor: ActorKey }[]
}

/**
 * The group commit: one row for each document, the client ids bound, the files marked dirty, in one statement. Returns the number of each
 * new row; a document that does not exist any more is absent from the answer.
 */
export async function appendUpdates(tx: Tx, items: readonly CommitItem[]): Promise<Map<DocumentId, number>> {
  const clients = items.flatMap((item) => item.clients.map((client) => ({ document: item.document, ...client })))
  const rows = await tx.query<{ id: DocumentId; seq: number }>(
    `with item as (
       select * from unnest($1::uuid[], $2::bytea[]) as t (id, payload)
     ), locked as (
       select d.id, d.workspace_id, d.project_id, d.file_id, d.epoch
       from document d where d.id = any($1::uuid[]) order by d.id for update
     ), moved as (
       update document d set head = d.head + 1, updated_at = now() from locked l where d.id = l.id returning d.id, d.head
     ), written as (
       insert into document_update (document_id, seq, workspace_id, payload)
       select m.id, m.head, l.workspace_id, i.payload
       from moved m join locked l on l.id = m.id join item i on i.id = m.id
       returning document_id, seq
     ), bound as (
       insert into document_client (document_id, client_id, workspace_id, actor, epoch)
       select l.id, c.client_id, l.workspace_id, c.actor, l.epoch
       from unnest($3::uuid[], $4::bigint[], $5::text[]) as c (id, client_id, actor) join locked l on l.id = c.id
       on conflict do nothing
     ), dirty as (
       insert into dirty_file (file_id, project_id, owner_workspace)
       select file_id, project_id, workspace_id from locked order by file_id
       on conflict do nothing
     )
     select document_id as id, seq from written`,
    [
      items.map((item) => item.document),
      items.map((item) => Buffer.from(item.payload.buffer, item.payload.byteOffset, item.payload.byteLength)),
      clients.map((client) => client.document),
      clients.map((client) => client.clientId),
      clients.map((client) => client.actor),
    ],
  )
  return new Map(rows.map(({ id, seq }) => [id, seq]))
}

/** Keeps the plain text of the document at row `seq` beside its state, never an older one in place of a newer. */
export async function saveText(tx: Tx, document: DocumentId, seq: number, text: string): Promise<void> {
  await tx.query('update document_state set text = $3, text_seq = $2 where document_id = $1 and text_seq < $2', [
    document,
    seq,
    text,
  ])
}

export interface TextRow {
  id: DocumentId
  epoch: number
  head: number
  /** Null when the text beside the state is older than the head: the document has to be loaded. */
  text: string | null
}

/** The texts that stand beside the states, without touching the states; missing documents are absent. */
export const listTexts = (sql: Sql, documents: readonly DocumentId[]): Promise<TextRow[]> =>
  sql.query(
    `select d.id, d.epoch, d.head, case when s.text_seq = d.head then s.text end as text
     from document d join document_state s on s.document_id = d.id
     where d.id = any($1::uuid[])`,
    [documents],
  )
