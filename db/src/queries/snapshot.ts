/**
 * Snapshots: what is due, the cut with everything its bytes depend on, and what is settled when it is published.
 * `dirty_file` has no row-level security, because the worker looks for due projects across workspaces; it holds ids and
 * times only.
 */
import type { ActorKey, DocumentId, FileId, FileKind, Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

interface Project {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

/** Projects in use with files that no commit holds yet, the one that waits longest first; across workspaces. */
export const listDirtyProjects = (sql: Sql, limit: number): Promise<Project[]> =>
  sql.query('select project_id as "projectId", workspace_id as "workspaceId" from dirty_projects($1)', [limit])

export interface Activity {
  /** Since the last change of any of its uncommitted files, in milliseconds. */
  quietMs: number
  /** Since the first change that no commit holds, in milliseconds. */
  waitingMs: number
}

/**
 * How long a project has been quiet; null when nothing is uncommitted or the project is not ready. By the database's
 * clock.
 */
export async function findActivity(sql: Sql, project: ProjectId): Promise<Activity | null> {
  const rows = await sql.query<{ quietMs: number | null; waitingMs: number | null }>(
    `select extract(epoch from now() - max(greatest(d.since, f.changed_at, doc.updated_at))) * 1000 as "quietMs",
       extract(epoch from now() - min(d.since)) * 1000 as "waitingMs"
     from dirty_file d
     join project p on p.id = d.project_id and p.state = 'ready' and p.deleted_at is null
     join file f on f.id = d.file_id
     left join document doc on doc.id = f.document_id
     where d.project_id = $1`,
    [project],
  )
  const row = rows[0]
  if (!row || row.quietMs === null || row.waitingMs === null) return null
  return { quietMs: Number(row.quietMs), waitingMs: Number(row.waitingMs) }
}

/** Where a cut stands; `at` in whole seconds, `base` null before the first commit. */
export interface CutPlace {
  cut: number
  treeVersion: number
  defaultBranch: string
  at: Date
  base: Oid | null
}

/**
 * Takes the next number for a cut; locks the project's row. Null when the project is deleted or not ready; the pull that fills a project
 * (`isFilling`) ends with a commit before it is.
 */
export async function advanceCut(tx: Tx, project: ProjectId, isFilling = false): Promise<CutPlace | null> {
  const rows = await tx.query<CutPlace>(
    `update project set cut = cut + 1
     where id = $1 and (state = 'ready' or $2 and state = 'importing') and deleted_at is null
     returning cut, tree_version as "treeVersion", default_branch as "defaultBranch", date_trunc('second', now()) as at,
       (select oid from ref r where r.project_id = project.id and r.name = 'refs/heads/' || default_branch) as base`,
    [project, isFilling],
  )
  return rows[0] ?? null
}

/**
 * One file of a cut: everything that its entry in the tree is made from, so that the same commit can be made again
 * after a kill whatever has happened to the rows since. Binary values are hexadecimal, because the list is kept as
 * JSON.
 */
export interface CutFile {
  file: FileId
  version: number
  kind: FileKind
  /** Null: the file is in the trash. */
  path: string | null
  /** The path's bytes where they are not UTF-8. */
  pathRaw: string | null
  mode: number
  document: DocumentId | null
  /** Updates of the document up to this one are in the cut; 0 for none, or no document. */
  seq: number
  eol: 'lf' | 'crlf' | 'mixed' | null
  bom: boolean
  blobSha256: string | null
  committedPath: string | null
  committedMode: number | null
  committedOid: Oid | null
  committedSeq: number
  changedBy: ActorKey
}

/** The uncommitted files of a project, ordered by id. */
export const listCutFiles = (sql: Sql, project: ProjectId): Promise<CutFile[]> =>
  sql.query(
    `select f.id as file, f.version, f.kind, case when f.deleted_at is null then f.path end as path,
       encode(f.path_raw, 'hex') as "pathRaw", f.mode, f.document_id as document, coalesce(doc.head, 0) as seq,
       f.eol, f.bom, encode(f.blob_sha256, 'hex') as "blobSha256", f.committed_path as "committedPath",
       f.committed_mode as "committedMode", f.committed_oid as "committedOid", f.committed_seq as "committedSeq", f.changed_by as "changedBy"
     from dirty_file d join file f on f.id = d.file_id left join document doc on doc.id = f.document_id
     where d.project_id = $1 order by f.id`,
    [project],
  )

export interface NewSnapshot {
  cut: number
  treeVersion: number
  base: Oid | null
  at: Date
  author: ActorKey
  authorName: string
  coAuthors: readonly ActorKey[]
  /** As it will stand in the commit, trailers included. */
  message: string
  files: readonly CutFile[]
  /** Parents of a commit that has others than the base. */
  parents: Oid[] | null
  /** The pull that the commit ends. */
  pull: string | null
}

export interface SnapshotRow extends NewSnapshot {
  op: string
  /** Branch that the commit is for. */
  defaultBranch: string
}

export async function insertSnapshot(tx: Tx, project: Project, snapshot: NewSnapshot): Promise<string> {
  const rows = await tx.query<{ op: string }>(
    `insert into snapshot (project_id, workspace_id, cut, tree_version, base_oid, at, author, author_name, co_authors,
       message, files, parents, pull_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning op`,
    [
      project.projectId,
      project.workspaceId,
      snapshot.cut,
      snapshot.treeVersion,
      snapshot.base,
      snapshot.at,
      snapshot.author,
      snapshot.authorName,
      [...snapshot.coAuthors],
      snapshot.message,
      JSON.stringify(snapshot.files),
      snapshot.parents,
      snapshot.pull,
    ],
  )
  const row = rows[0]
  if (!row) throw new Error('an insert returned no row')
  return row.op
}

/** Snapshots that were cut and neither published nor given up, oldest first. */
export const listOpenSnapshots = (sql: Sql, project: ProjectId): Promise<SnapshotRow[]> =>
  sql.query(
    `select s.op, s.cut, s.tree_version as "treeVersion", s.base_oid as base, s.at, s.author,
       s.author_name as "authorName", s.co_authors as "coAuthors", s.message, s.files, s.parents,
       s.pull_id as pull,
       p.default_branch as "defaultBranch"
     from snapshot s join project p on p.id = s.project_id
     where s.project_id = $1 and s.state = 'open' order by s.cut`,
    [project],
  )

/** Ends an open snapshot; false when it had ended already. Locks its row. */
export async function endSnapshot(
  tx: Tx,
  project: ProjectId,
  op: string,
  end: { state: 'done' | 'unchanged' | 'abandoned'; commit: Oid | null },
): Promise<boolean> {
  const rows = await tx.query(
    `update snapshot set state = $3, commit_oid = $4 where project_id = $1 and op = $2 and state = 'open' returning op`,
    [project, op, end.state, end.commit],
  )
  return rows.length === 1
}

export interface DocumentAtCut {
  document: DocumentId
  /** The text at the cut where a row holds it ready; else null. */
  text: string | null
  /**
   * V2 state to apply the updates after `uptoSeq` to; null when the text is there, the document was never opened, or the
   * state is newer than the cut.
   */
  state: Buffer | null
  uptoSeq: number
  /** Whether the bytes of the state are those that were written. */
  isIntact: boolean
}

/** States of documents from which their texts at the cut are made; a document that is gone is absent. */
export const listDocumentsAtCut = (
  sql: Sql,
  documents: readonly { document: DocumentId; seq: number }[],
): Promise<DocumentAtCut[]> =>
  sql.query(
    `select s.document_id as document, case when s.text_seq = c.seq then s.text end as text,
       case when s.text_seq <> c.seq and s.upto_seq <= c.seq then s.state end as state, s.upto_seq as "uptoSeq",
       s.text_seq = c.seq or s.upto_seq > c.seq or s.checksum is null or s.checksum = crc32c(s.state) as "isIntact"
     from unnest($1::uuid[], $2::bigint[]) as c(document, seq) join document_state s on s.document_id = c.document`,
    [documents.map(({ document }) => document), documents.map(({ seq }) => seq)],
  )

export interface UpdateRow {
  document: DocumentId
  payload: Buffer
  isIntact: boolean
}

/** Rows of the log in `(after, upto]`, each document's in order. */
export const listUpdates = (
  sql: Sql,
  ranges: readonly { document: DocumentId; after: number; upto: number }[],
): Promise<UpdateRow[]> =>
  sql.query(
    `select u.document_id as document, u.payload, u.checksum is null or u.checksum = crc32c(u.payload) as "isIntact"
     from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as c(document, after, upto)
     join document_update u on u.document_id = c.document and u.seq > c.after and u.seq <= c.upto
     order by u.document_id, u.seq`,
    [ranges.map(({ document }) => document), ranges.map(({ after }) => after), ranges.map(({ upto }) => upto)],
  )

/** Keeps texts beside the states of documents that were opened; a text that is newer already stays. */
export async function keepTexts(
  tx: Tx,
  texts: readonly { document: DocumentId; seq: number; text: string }[],
): Promise<void> {
  await tx.query(
    `update document_state s set text = t.text, text_seq = t.seq
     from unnest($1::uuid[], $2::bigint[], $3::text[]) as t(document, seq, text)
     where s.document_id = t.document and s.text_seq < t.seq and s.state is not null`,
    [texts.map(({ document }) => document), texts.map(({ seq }) => seq), texts.map(({ text }) => text)],
  )
}

/** What a commit holds of a file; all null when it holds nothing (the file was deleted). */
export interface CommittedFile {
  file: FileId
  path: string | null
  mode: number | null
  oid: Oid | null
  seq: number
  blobSha256: string | null
  /** Size of the text; null leaves the row's as it is. */
  bytes: number | null
}

/**
 * Notes what the commit holds of each file. Content that it holds need not stand in the blob store any more. A deleted
 * file keeps the oid and mode of its last content (only its committed path is null), so that it can come back from the
 * trash.
 */
export async function settleFiles(tx: Tx, files: readonly CommittedFile[]): Promise<void> {
  // By id alone: with the project as a second condition the planner may walk all files of a project for each of these.
  await tx.query(
    `update file f set committed_path = c.path, committed_mode = coalesce(c.mode, f.committed_mode),
       committed_oid = coalesce(c.oid, f.committed_oid), committed_seq = c.seq, bytes = coalesce(c.bytes, f.bytes),
       blob_sha256 = case when f.blob_sha256 = decode(c.blob, 'hex') then null else f.blob_sha256 end
     from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::bigint[], $6::text[], $7::bigint[])
       as c(id, path, mode, oid, seq, blob, bytes)
     where f.id = c.id`,
    [
      files.map((file) => file.file),
      files.map((file) => file.path),
      files.map((file) => file.mode),
      files.map((file) => file.oid),
      files.map((file) => file.seq),
      files.map((file) => file.blobSha256),
      files.map((file) => file.bytes),
    ],
  )
}

/** Locks the tree of a project, so that no file row changes until the transaction ends. */
export async function lockTree(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query('select from project where id = $1 for no key update', [project])
}

/**
 * Waits for commits of the log that are under way on these documents, and holds the next ones off until the transaction
 * ends.
 */
export async function lockDocuments(tx: Tx, documents: readonly DocumentId[]): Promise<void> {
  await tx.query('select from document where id = any($1) order by id for share', [documents])
}

/**
 * Takes files off the list whose document and row are still those of the cut; those that changed since wait from the
 * cut on. The documents must be locked by a statement before: the log moves a head first and then adds to the list, so
 * with the lock no change can slip between.
 */
export async function clearDirtyFiles(
  tx: Tx,
  project: ProjectId,
  files: readonly Pick<CutFile, 'file' | 'version' | 'document' | 'seq'>[],
  cutAt: Date,
): Promise<void> {
  await tx.query(
    `with cut as (
         select * from unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::bigint[]) as c(file, version, document, seq)),
       same as (
         delete from dirty_file d
         using cut c join file f on f.id = c.file left join document doc on doc.id = c.document
         where d.file_id = c.file and d.project_id = $1 and f.version = c.version and coalesce(doc.head, 0) = c.seq
         returning d.file_id)
     update dirty_file d set since = greatest(d.since, $6)
     from cut c where d.file_id = c.file and not exists (select from same where same.file_id = d.file_id)`,
    [
      project,
      files.map(({ file }) => file),
      files.map(({ version }) => version),
      files.map(({ document }) => document),
      files.map(({ seq }) => seq),
      cutAt,
    ],
  )
}

/** Display names of people; those who are gone are absent. */
export const listNames = (sql: Sql, users: readonly string[]): Promise<{ id: string; name: string }[]> =>
  sql.query('select id, name from auth."user" where id = any($1)', [users])
