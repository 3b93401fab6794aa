/**
 * Files: the rows of a project's tree and of its trash. Writers expect that the transaction holds the lock of the
 * tree (`advanceTree`), and count `version` up, by which the snapshotter knows that a row changed after its cut.
 */
import type { ActorKey, DocumentId, FileId, FileKind, Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface FileRow {
  id: FileId
  path: string
  kind: FileKind
  mode: number
  bytes: number
  documentId: DocumentId | null
  eol: 'lf' | 'crlf' | 'mixed' | null
  bom: boolean
  /** Where content that is not committed yet stands in the blob store. */
  blobSha256: Uint8Array | null
  committedOid: Oid | null
}

export interface TrashedFileRow extends FileRow {
  deletedAt: Date
  deletedBy: { id: string; name: string } | null
}

const columns = `f.id, f.path, f.kind, f.mode, f.bytes, f.document_id as "documentId", f.eol, f.bom,
  f.blob_sha256 as "blobSha256", f.committed_oid as "committedOid"`

/** The whole tree, ordered by path. */
export const listFiles = (sql: Sql, project: ProjectId): Promise<FileRow[]> =>
  sql.query(
    `select ${columns} from file f where f.project_id = $1 and f.deleted_at is null order by f.path collate "C"`,
    [project],
  )

/**
 * The whole tree as JSON: files in the shape that the API shows, joined by commas; null when there are none. PostgreSQL
 * writes it, because a list of 10,000 files would otherwise hold the process, and everybody's typing in it, up for 25 ms
 * instead of 3.
 */
export async function listFilesAsJson(sql: Sql, project: ProjectId): Promise<string | null> {
  const rows = await sql.query<{ items: string | null }>(
    `select string_agg(
       '{"id":"' || id || '","path":' || to_json(path) || ',"kind":"' || kind
         || '","mode":"' || lpad(to_oct(mode), 6, '0') || '","bytes":' || bytes
         || ',"documentId":' || coalesce('"' || document_id || '"', 'null')
         || ',"eol":' || coalesce('"' || eol || '"', 'null') || ',"bom":' || case when bom then 'true' else 'false' end || '}',
       ',' order by path collate "C") as items
     from file where project_id = $1 and deleted_at is null`,
    [project],
  )
  return rows[0]?.items ?? null
}

/** A file that is not in the trash. */
export async function findFile(sql: Sql, project: ProjectId, file: FileId): Promise<FileRow | null> {
  const rows = await sql.query<FileRow>(
    `select ${columns} from file f where f.project_id = $1 and f.id = $2 and f.deleted_at is null`,
    [project, file],
  )
  return rows[0] ?? null
}

/** The files with these paths, in no order; what is not there is absent. */
export const findFilesByPath = (sql: Sql, project: ProjectId, paths: readonly string[]): Promise<FileRow[]> =>
  sql.query(
    `select ${columns} from file f
     where f.project_id = $1 and f.path = any($2) and f.deleted_at is null and f.kind <> 'opaque'`,
    [project, paths],
  )

/**
 * Files below a folder, whose key ends in a slash; folders are compared by twin key, so callers look at the paths
 * too.
 */
export const listFolder = (sql: Sql, project: ProjectId, key: string): Promise<FileRow[]> =>
  sql.query(
    `select ${columns} from file f
     where f.project_id = $1 and f.deleted_at is null and f.path_key ~>=~ $2 and f.path_key ~<~ $3`,
    [project, key, folderEnd(key)],
  )

/** What is about to leave its place, and so stands in nobody's way: a file, or everything in a folder of this spelling. */
export interface Leaving {
  file: FileId | null
  /** The folder's path with a slash at its end. */
  folder: string | null
}

/** Files with these twin keys, whatever their kind and spelling. */
export const findFilesByKey = (
  sql: Sql,
  project: ProjectId,
  keys: readonly string[],
  leaving: Leaving,
): Promise<{ path: string; key: string }[]> =>
  sql.query(
    `select path, path_key as key from file
     where project_id = $1 and deleted_at is null and path_key = any($2)
       and id is distinct from $3 and ($4::text is null or not starts_with(path, $4))`,
    [project, keys, leaving.file, leaving.folder],
  )

/** A path below the folder (its key ends in a slash): the folder exists. */
export async function findFileInFolder(
  sql: Sql,
  project: ProjectId,
  key: string,
  leaving: Leaving,
): Promise<string | null> {
  const rows = await sql.query<{ path: string }>(
    `select path from file
     where project_id = $1 and deleted_at is null and path_key ~>=~ $2 and path_key ~<~ $3
       and id is distinct from $4 and ($5::text is null or not starts_with(path, $5))
     limit 1`,
    [project, key, folderEnd(key), leaving.file, leaving.folder],
  )
  return rows[0]?.path ?? null
}

/**
 * For each folder (path and key, both ending in a slash): a path that lies in a folder of another spelling with the same
 * key, when no file lies in the folder itself.
 */
export const findFolderTwins = (
  sql: Sql,
  project: ProjectId,
  folders: readonly { path: string; key: string }[],
  leaving: Leaving,
): Promise<{ folder: string; twin: string }[]> =>
  sql.query(
    `with folder as (select * from unnest($2::text[], $3::text[], $4::text[]) as f(path, key, key_end)),
       fresh as (
         select * from folder where not exists (
           select from file f
           where f.project_id = $1 and f.deleted_at is null and f.path_key ~>=~ folder.key and f.path_key ~<~ folder.key_end
             and starts_with(f.path, folder.path) and f.id is distinct from $5
             and ($6::text is null or not starts_with(f.path, $6))
         )
       )
     select fresh.path as folder, twin.path as twin
     from fresh cross join lateral (
       select f.path from file f
       where f.project_id = $1 and f.deleted_at is null and f.path_key ~>=~ fresh.key and f.path_key ~<~ fresh.key_end
         and f.id is distinct from $5 and ($6::text is null or not starts_with(f.path, $6))
       limit 1
     ) twin`,
    [
      project,
      folders.map(({ path }) => path),
      folders.map(({ key }) => key),
      folders.map(({ key }) => folderEnd(key)),
      leaving.file,
      leaving.folder,
    ],
  )

/** The first key after everything below the folder: `0` follows `/`. */
const folderEnd = (key: string): string => `${key.slice(0, -1)}0`

export interface NewFile {
  id: FileId
  path: string
  key: string
  kind: FileKind
  mode: number
  bytes: number
  documentId: DocumentId | null
  eol: 'lf' | 'crlf' | 'mixed' | null
  bom: boolean
  blobSha256: Uint8Array | null
}

interface Project {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

/** Adds files that no commit holds yet. */
export async function insertFiles(tx: Tx, project: Project, by: ActorKey, files: readonly NewFile[]): Promise<void> {
  await tx.query(
    `with added as (
       insert into file (workspace_id, project_id, created_by, changed_by,
         id, path, path_key, kind, mode, bytes, document_id, eol, bom, blob_sha256)
       select $1, $2, $3, $3, *
       from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bigint[], $10::uuid[], $11::text[],
         $12::bool[], $13::bytea[])
       returning id
     )
     update project set file_count = file_count + (select count(*) from added) where id = $2`,
    [
      project.workspaceId,
      project.projectId,
      by,
      files.map((file) => file.id),
      files.map((file) => file.path),
      files.map((file) => file.key),
      files.map((file) => file.kind),
      files.map((file) => file.mode),
      files.map((file) => file.bytes),
      files.map((file) => file.documentId),
      files.map((file) => file.eol),
      files.map((file) => file.bom),
      files.map((file) => file.blobSha256 && Buffer.from(file.blobSha256)),
    ],
  )
}

/** Adds the documents of text files, each with its first text; they are seeded when somebody opens them (DL7). */
export async function insertDocuments(
  tx: Tx,
  project: Project,
  documents: readonly { id: DocumentId; fileId: FileId; text: string }[],
): Promise<void> {
  await tx.query(
    `with added as (
       insert into document (id, workspace_id, project_id, file_id)
       select id, $1, $2, file_id from unnest($3::uuid[], $4::uuid[]) as d(id, file_id)
     )
     insert into document_state (document_id, workspace_id, text)
     select id, $1, text from unnest($3::uuid[], $5::text[]) as d(id, text)`,
    [
      project.workspaceId,
      project.projectId,
      documents.map(({ id }) => id),
      documents.map(({ fileId }) => fileId),
      documents.map(({ text }) => text),
    ],
  )
}

/** Gives files new paths; ids and documents stay. */
export async function moveFiles(
  tx: Tx,
  project: ProjectId,
  by: ActorKey,
  moves: readonly { id: FileId; path: string; key: string }[],
): Promise<FileRow[]> {
  return tx.query(
    `update file f set path = m.path, path_key = m.key, version = f.version + 1, changed_by = $2, changed_at = now()
     from unnest($3::uuid[], $4::text[], $5::text[]) as m(id, path, key)
     where f.project_id = $1 and f.id = m.id and f.deleted_at is null
     returning ${columns}`,
    [project, by, moves.map(({ id }) => id), moves.map(({ path }) => path), moves.map(({ key }) => key)],
  )
}

export async function setFileMode(
  tx: Tx,
  project: ProjectId,
  file: FileId,
  by: ActorKey,
  mode: number,
): Promise<FileRow | null> {
  const rows = await tx.query<FileRow>(
    `update file f set mode = $4, version = f.version + 1, changed_by = $3, changed_at = now()
     where f.project_id = $1 and f.id = $2 and f.deleted_at is null returning ${columns}`,
    [project, file, by, mode],
  )
  return rows[0] ?? null
}

export interface FileContent {
  kind: FileKind
  bytes: number
  documentId: DocumentId | null
  eol: FileRow['eol']
  bom: boolean
  blobSha256: Uint8Array | null
}

/**
 * Replaces what a file holds, where that is not an edit of its document: another blob, another kind, other line ends.
 */
export async function setFileContent(
  tx: Tx,
  project: ProjectId,
  file: FileId,
  by: ActorKey,
  content: FileContent,
): Promise<FileRow | null> {
  const rows = await tx.query<FileRow>(
    `update file f set kind = $4, bytes = $5, document_id = $6, eol = $7, bom = $8, blob_sha256 = $9,
       version = f.version + 1, changed_by = $3, changed_at = now()
     where f.project_id = $1 and f.id = $2 and f.deleted_at is null returning ${columns}`,
    [
      project,
      file,
      by,
      content.kind,
      content.bytes,
      content.documentId,
      content.eol,
      content.bom,
      content.blobSha256 && Buffer.from(content.blobSha256),
    ],
  )
  return rows[0] ?? null
}

/** Tells the snapshotter to look at these files. */
export async function markDirty(tx: Tx, project: Project, files: readonly FileId[]): Promise<void> {
  await tx.query(
    `insert into dirty_file (file_id, project_id, owner_workspace) select id, $1, $2 from unnest($3::uuid[]) as f(id)
     on conflict do nothing`,
    [project.projectId, project.workspaceId, files],
  )
}

/** Moves files to the trash. Their documents stay and go on taking edits. */
export async function trashFiles(
  tx: Tx,
  project: ProjectId,
  by: ActorKey,
  files: readonly FileId[],
): Promise<{ id: FileId; path: string }[]> {
  return tx.query(
    `with trashed as (
       update file set deleted_at = now(), deleted_by = $2, version = version + 1, changed_by = $2, changed_at = now()
       where project_id = $1 and id = any($3) and deleted_at is null
       returning id, path
     ), counted as (
       update project set file_count = file_count - (select count(*) from trashed) where id = $1
     )
     select id, path from trashed`,
    [project, by, files],
  )
}

/**
 * What lies in the trash and can still be restored, newest first. `before` is the place of the last one of the page
 * before.
 */
export const listTrash = (
  sql: Sql,
  project: ProjectId,
  page: { before: { at: Date; id: FileId } | null; limit: number; days: number },
): Promise<TrashedFileRow[]> =>
  sql.query(
    `select ${columns}, date_trunc('milliseconds', f.deleted_at) as "deletedAt",
       case when u.id is null then null else jsonb_build_object('id', u.id, 'name', u.name) end as "deletedBy"
     from file f left join auth."user" u on 'person:' || u.id = f.deleted_by
     where f.project_id = $1 and f.deleted_at > now() - make_interval(days => $2)
       and ($3::timestamptz is null or (date_trunc('milliseconds', f.deleted_at), f.id) < ($3, $4::uuid))
     order by date_trunc('milliseconds', f.deleted_at) desc, f.id desc limit $5`,
    [project, page.days, page.before?.at ?? null, page.before?.id ?? null, page.limit],
  )

/** A file in the trash that can still be restored. */
export async function findTrashedFile(
  sql: Sql,
  project: ProjectId,
  file: FileId,
  days: number,
): Promise<{ id: FileId; path: string; kind: FileKind } | null> {
  const rows = await sql.query<{ id: FileId; path: string; kind: FileKind }>(
    `select id, path, kind from file
     where project_id = $1 and id = $2 and deleted_at > now() - make_interval(days => $3)`,
    [project, file, days],
  )
  return rows[0] ?? null
}

/** Takes a file out of the trash, under this path. */
export async function restoreFile(
  tx: Tx,
  project: ProjectId,
  by: ActorKey,
  file: { id: FileId; path: string; key: string },
): Promise<FileRow | null> {
  const rows = await tx.query<FileRow>(
    `with restored as (
       update file f set deleted_at = null, deleted_by = null, path = $4, path_key = $5, version = f.version + 1,
         changed_by = $3, changed_at = now()
       where f.project_id = $1 and f.id = $2 and f.deleted_at is not null returning ${columns}
     ), counted as (
       update project set file_count = file_count + (select count(*) from restored) where id = $1
     )
     select * from restored`,
    [project, file.id, by, file.path, file.key],
  )
  return rows[0] ?? null
}

/** Deletes for good what has been in the trash for too long and in no commit any more; at most `limit` files. */
export async function purgeTrash(tx: Tx, project: ProjectId, days: number, limit: number): Promise<void> {
  await tx.query(
    `delete from file where id in (
       select f.id from file f
       where f.project_id = $1 and f.deleted_at <= now() - make_interval(days => $2) and f.committed_path is null
         and not exists (select from dirty_file d where d.file_id = f.id)
       limit $3)`,
    [project, days, limit],
  )
}
