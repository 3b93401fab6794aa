/**
 * The log of live documents: loading, seeding and the group commit, by the role `skein_log`, across workspaces. The only file
 * that touches document_update and document_client, and (with queries/file.ts) document_state.
 *
 * A row of `document` is locked before its log grows, so that `seq` is gapless and in commit order (DL3). Whoever removes a row of
 * dirty_file must hold the same lock and compare the head: an edit that commits beside it leaves the row that it finds.
 */

import type { ActorKey, DocumentId, FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Timelines have 32 bits, and a number of JavaScript 53. */
const REPAIRS_MAX = 1_048_576

/**
 * The timeline of a document's rows: rows that were read on another one need not be there now, and their numbers may be given anew. It is that of
 * the database, which changes when a standby takes over or an older state is restored, and counts the repairs that emptied rows of the
 * document; it only grows. Null on a standby. The database is asked once for each statement.
 */
const timelineOf = (document: string): string =>
  `((select case when not pg_is_in_recovery()
     then ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint end) * ${REPAIRS_MAX} + ${document}.repairs % ${REPAIRS_MAX})`

/** All that is kept of a document, from one statement and so from one picture of the database. */
export interface StoredDocument extends DocumentRow {
  /** What an empty client gets, ready to be sent; it is the whole document then, and the state is not read. */
  opening: Buffer | null
  /** The rows after the state. */
  rows: UpdateRow[]
  clients: ClientRow[]
  /** Whether the epoch has begun: else the document has to be seeded from its text. */
  isSeeded: boolean
  /** Whether state and rows are those that were written, and none is missing between them. */
  isIntact: boolean
}

/** Null when there is no such document. The rows come as one value: as many would cost more than what is in them. */
export async function readDocument(sql: Sql, document: DocumentId): Promise<StoredDocument | null> {
  const [row] = await sql.query<
    Omit<StoredDocument, 'rows' | 'clients'> & {
      bytes: Buffer | null
      sizes: number[] | null
      clients: ClientRow[] | null
    }
  >(
    `select d.id, d.file_id as "fileId", d.project_id as "projectId", d.workspace_id as "workspaceId", d.epoch, d.head,
       ${timelineOf('d')} as timeline,
       case when o.opening is null then s.state end as state, o.opening, s.state is not null as "isSeeded",
       s.upto_seq as "uptoSeq", s.text_seq as "textSeq", tail.bytes, tail.sizes, c.clients,
       (o.opening is not null or s.checksum is null or s.checksum = crc32c(s.state)) and coalesce(tail.is_intact, true)
         and (s.state is null or s.upto_seq + tail.rows = d.head) as "isIntact"
     from document d
     join document_state s on s.document_id = d.id
     left join lateral (
       select s.opening where s.state is not null and s.opening_of = s.checksum and s.upto_seq = d.head
         and s.opening_checksum = crc32c(s.opening)
     ) o on true
     left join lateral (
       select count(*) as rows, string_agg(u.payload, ''::bytea order by u.seq) as bytes,
         array_agg(octet_length(u.payload) order by u.seq) as sizes,
         bool_and(u.checksum is null or u.checksum = crc32c(u.payload)) as is_intact
       from document_update u where u.document_id = d.id and u.seq > s.upto_seq
     ) tail on s.state is not null
     left join lateral (
       select json_agg(json_build_object('clientId', k.client_id, 'actor', k.actor, 'retired', k.retired)) as clients
       from document_client k where k.document_id = d.id
     ) c on true
     where d.id = $1`,
    [document],
  )
  if (!row) return null
  const { bytes, sizes, clients, ...rest } = row
  let at = 0
  const rows = (sizes ?? []).map((size, i) => {
    at += size
    return { seq: row.uptoSeq + 1 + i, payload: (bytes as Buffer).subarray(at - size, at) }
  })
  return { ...rest, rows, clients: clients ?? [] }
}

export interface DocumentRow {
  id: DocumentId
  fileId: FileId
  projectId: ProjectId
  workspaceId: WorkspaceId
  epoch: number
  head: number
  timeline: number | null
  /** V2 state that holds the rows up to `uptoSeq`; null: never opened, to be seeded from the text. */
  state: Buffer | null
  uptoSeq: number
  textSeq: number
}

export interface UpdateRow {
  seq: number
  payload: Buffer
}

/** The rows after `afterSeq`, in order, and whether each is what was written. */
export const listUpdates = (
  sql: Sql,
  document: DocumentId,
  afterSeq: number,
): Promise<(UpdateRow & { isIntact: boolean })[]> =>
  sql.query(
    `select seq, payload, checksum is null or checksum = crc32c(payload) as "isIntact"
     from document_update where document_id = $1 and seq > $2 order by seq`,
    [document, afterSeq],
  )

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
       update document_state set state = $2, checksum = crc32c($2) where document_id = $1 and state is null returning document_id, workspace_id
     )
     insert into document_client (document_id, client_id, workspace_id, actor, epoch)
     select s.document_id, $3, s.workspace_id, $4, d.epoch from seeded s join document d on d.id = s.document_id`,
    [document, Buffer.from(seed.state), seed.clientId, seed.actor],
  )
}

/** Heads of documents, to be compared with what a node has in memory; missing documents are absent. */
export const listHeads = (
  sql: Sql,
  documents: readonly DocumentId[],
): Promise<{ id: DocumentId; epoch: number; head: number; timeline: number | null }[]> =>
  sql.query(
    `select d.id, d.epoch, d.head, ${timelineOf('d')} as timeline from document d where d.id = any($1::uuid[])`,
    [documents],
  )

export interface ChangeRow {
  epoch: number
  head: number
  timeline: number | null
  /** V2 state up to `uptoSeq`, when rows that were asked for stand in it alone; null: all of them are rows. */
  state: Buffer | null
  uptoSeq: number
  /** Whether the state is what was written. */
  isIntact: boolean
}

/** Null when there is no such document. What came after row `afterSeq`: read it in one picture with `listUpdates` and `listClients`. */
export async function findChange(sql: Sql, document: DocumentId, afterSeq: number): Promise<ChangeRow | null> {
  const [row] = await sql.query<ChangeRow>(
    `select d.epoch, d.head, ${timelineOf('d')} as timeline, s.upto_seq as "uptoSeq", case when s.upto_seq > $2 then s.state end as state,
       s.upto_seq <= $2 or s.checksum is null or s.checksum = crc32c(s.state) as "isIntact"
     from document d join document_state s on s.document_id = d.id
     where d.id = $1`,
    [document, afterSeq],
  )
  return row ?? null
}

export interface CommitItem {
  document: DocumentId
  /** The epoch in which the updates were made. */
  epoch: number
  payload: Uint8Array
  /** The row that it builds on, as numbered on that timeline of the database; without it nothing is asked. */
  onto?: { timeline: number; seq: number } | undefined
  /** Client ids that write into the document for the first time; each at most once. */
  clients: readonly { clientId: number; actor: ActorKey }[]
}

export interface AppendedRow {
  id: DocumentId
  /** Of the document now. */
  epoch: number
  /** Whether the row that the new one builds on is there. */
  isWhole: boolean
  /** The number of the new row; null: none was written, since the epoch is another, what it builds on is not there, or a client id belongs to somebody else. */
  seq: number | null
}

/**
 * The group commit: one row for each document, the client ids bound, the files marked dirty, in one statement. A document that does not
 * exist any more is absent from the answer. A client id that was bound to somebody else keeps the whole row out: who bound it
 * first is known only behind the lock of the document, because another node may be binding it in the same moment. So is whether the rows
 * are there that the new one builds on: the database may have gone back below a node that runs (DL16).
 */
export const appendUpdates = (tx: Tx, items: readonly CommitItem[]): Promise<AppendedRow[]> => {
  const clients = items.flatMap((item) => item.clients.map((client) => ({ document: item.document, ...client })))
  const values = [
    items.map((item) => item.document),
    items.map((item) => item.epoch),
    items.map((item) => Buffer.from(item.payload.buffer, item.payload.byteOffset, item.payload.byteLength)),
    items.map((item) => item.onto?.timeline ?? null),
    items.map((item) => item.onto?.seq ?? null),
  ]
  if (clients.length === 0) return tx.query(APPEND, values)
  return tx.query(APPEND_AND_BIND, [
    ...values,
    clients.map((client) => client.document),
    clients.map((client) => client.clientId),
    clients.map((client) => client.actor),
  ])
}

const appendStatement = (binding: string, isBound: string): string =>
  `with item as (
     select * from unnest($1::uuid[], $2::int[], $3::bytea[], $4::bigint[], $5::bigint[])
       as t (id, epoch, payload, onto_timeline, onto_seq)
   ), locked as (
     select d.id, d.workspace_id, d.project_id, d.file_id, d.epoch, d.head, d.repairs
     from document d where d.id = any($1::uuid[]) order by d.id for no key update
   ), judged as (
     select l.*, i.payload, i.epoch = l.epoch as is_of_epoch,
       i.onto_timeline is null or (i.onto_timeline = ${timelineOf('l')} and i.onto_seq <= l.head) as is_whole
     from locked l join item i on i.id = l.id
   ), ready as (
     select * from judged where is_of_epoch and is_whole
   )${binding}, moved as (
     update document d set head = d.head + 1, log_bytes = d.log_bytes + octet_length(r.payload), updated_at = now()
     from ready r where d.id = r.id${isBound} returning d.id, d.head
   ), written as (
     insert into document_update (document_id, seq, workspace_id, payload, checksum)
     select m.id, m.head, r.workspace_id, r.payload, crc32c(r.payload) from moved m join ready r on r.id = m.id
   ), dirty as (
     insert into dirty_file (file_id, project_id, owner_workspace)
     select r.file_id, r.project_id, r.workspace_id from ready r join moved m on m.id = r.id order by r.file_id
     on conflict do nothing
   )
   select j.id, j.epoch, coalesce(j.is_whole, false) as "isWhole", m.head as seq
   from judged j left join moved m on m.id = j.id`

const APPEND = appendStatement('', '')
const APPEND_AND_BIND = appendStatement(
  `, client as (
     select * from unnest($6::uuid[], $7::bigint[], $8::text[]) as t (id, client_id, actor)
   ), bound as (
     insert into document_client as b (document_id, client_id, workspace_id, actor, epoch)
     select r.id, c.client_id, r.workspace_id, c.actor, r.epoch from client c join ready r on r.id = c.id
     on conflict (document_id, client_id) do update set actor = b.actor
     returning b.document_id, b.client_id, b.actor
   ), foreign_client as (
     select c.id from client c join bound b on b.document_id = c.id and b.client_id = c.client_id and b.actor <> c.actor
   )`,
  ' and not exists (select from foreign_client f where f.id = r.id)',
)

/**
 * Keeps the plain text of the document at row `seq` of its epoch beside its state, never an older one in place of a newer, and none of a
 * row that the database does not hold.
 */
export async function saveText(
  tx: Tx,
  document: DocumentId,
  at: { epoch: number; seq: number; timeline?: number },
  text: string,
): Promise<void> {
  await tx.query(
    `update document_state s set text = $4, text_seq = $3 from document d
     where s.document_id = $1 and d.id = $1 and d.epoch = $2 and s.text_seq < $3 and $3 <= d.head
       and ($5::bigint is null or $5 = ${timelineOf('d')})`,
    [document, at.epoch, at.seq, text, at.timeline ?? null],
  )
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
