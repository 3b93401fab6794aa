/**
 * Pulls: a remote head on its way into the live documents. At most one of a project is `applying`; while it is, nobody else claims the project's
 * snapshots, and whoever finds it without a worker goes on with it.
 */
import type { ActorKey, DocumentId, FileId, FileKind, Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'
import type { FileRow } from './file.ts'

interface Project {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

/** What a link is to; with another one a head that was merged means nothing. */
export interface PulledLink {
  repositoryId: number
  branch: string
  directory: string
}

export interface PullDetail {
  /** Of the remote. */
  branch: string
  fullName: string
  /** What was merged before, where the remote has left it; its contents stand for the base of files that nobody here has touched. */
  left: Oid | null
  /** Where the histories crossed: all best common ancestors, which together are the base; `base` is the first of them. */
  bases?: Oid[]
  /** The link whose merged head this is when the pull has ended; absent: of none, as a push, or a commit on our branch of a pull request. */
  link?: PulledLink
  /** Who pushed it to Skein itself; absent: it is GitHub's. */
  pushedBy?: ActorKey
}

export interface PullRow {
  id: string
  kind: string
  /** Null: nothing in common. */
  base: Oid | null
  ours: Oid | null
  theirs: Oid
  operation: string | null
  /** Faults of our own that it met. */
  attempts: number
  detail: PullDetail
  createdAt: Date
}

const columns = `id, kind, base_oid as base, ours_oid as ours, theirs_oid as theirs, operation, attempts, detail, created_at as "createdAt"`

/** The pull that is being applied; null when there is none. */
export async function findApplyingPull(sql: Sql, project: ProjectId): Promise<PullRow | null> {
  const rows = await sql.query<PullRow>(`select ${columns} from pull where project_id = $1 and state = 'applying'`, [
    project,
  ])
  return rows[0] ?? null
}

/** How a pull stands; null: there is none of this id. */
export async function findPullState(sql: Sql, pull: string): Promise<'applying' | 'done' | 'abandoned' | null> {
  const rows = await sql.query<{ state: 'applying' | 'done' | 'abandoned' }>('select state from pull where id = $1', [
    pull,
  ])
  return rows[0]?.state ?? null
}

/** Projects whose pull was begun and that nobody works on now, the oldest first; across workspaces. */
export const listLeftPulls = (sql: Sql, limit: number): Promise<Project[]> =>
  sql.query('select project_id as "projectId", workspace_id as "workspaceId" from left_pulls($1)', [limit])

/** Begins a pull; null when another one is being applied. */
export async function insertPull(
  tx: Tx,
  project: Project,
  pull: Omit<PullRow, 'id' | 'attempts' | 'createdAt'>,
): Promise<PullRow | null> {
  const rows = await tx.query<PullRow>(
    `insert into pull (project_id, workspace_id, kind, base_oid, ours_oid, theirs_oid, operation, detail)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (project_id) where state = 'applying' do nothing returning ${columns}`,
    [
      project.projectId,
      project.workspaceId,
      pull.kind,
      pull.base,
      pull.ours,
      pull.theirs,
      pull.operation,
      JSON.stringify(pull.detail),
    ],
  )
  return rows[0] ?? null
}

/** Counts a fault of a pull that is being applied; the count, or null when it has ended. */
export async function countPullAttempt(tx: Tx, project: ProjectId, pull: string): Promise<number | null> {
  const rows = await tx.query<{ attempts: number }>(
    `update pull set attempts = attempts + 1 where project_id = $1 and id = $2 and state = 'applying' returning attempts`,
    [project, pull],
  )
  return rows[0]?.attempts ?? null
}

/** Ends a pull; false when it had ended already. What was noted of its files goes. */
export async function endPull(tx: Tx, project: ProjectId, pull: string, state: 'done' | 'abandoned'): Promise<boolean> {
  const rows = await tx.query(
    `with ended as (
       update pull set state = $3, finished_at = now() where project_id = $1 and id = $2 and state = 'applying' returning id
     ), swept as (delete from pull_file f using ended where f.pull_id = ended.id)
     select id from ended`,
    [project, pull, state],
  )
  return rows.length === 1
}

/** Gives up the cuts that a pull left open, in the transaction that ends it. */
export async function abandonPullSnapshots(tx: Tx, project: ProjectId, pull: string): Promise<void> {
  await tx.query(`update snapshot set state = 'abandoned' where project_id = $1 and pull_id = $2 and state = 'open'`, [
    project,
    pull,
  ])
}

/** Notes that files of theirs are done; each once. */
export async function insertPullFiles(
  tx: Tx,
  workspace: WorkspaceId,
  pull: string,
  paths: readonly Buffer[],
): Promise<void> {
  await tx.query(
    `insert into pull_file (pull_id, workspace_id, path) select $1, $2, path from unnest($3::bytea[]) as p(path)
     on conflict do nothing`,
    [pull, workspace, paths],
  )
}

/** Notes texts of theirs as done whose files are still here; the others are to be looked at again. */
export async function insertPullTexts(
  tx: Tx,
  workspace: WorkspaceId,
  pull: string,
  texts: readonly { path: Buffer; file: FileId }[],
): Promise<void> {
  await tx.query(
    `insert into pull_file (pull_id, workspace_id, path)
     select $1, $2, t.path from unnest($3::bytea[], $4::uuid[]) as t(path, file)
     join file f on f.id = t.file and f.deleted_at is null
     on conflict do nothing`,
    [pull, workspace, texts.map(({ path }) => path), texts.map(({ file }) => file)],
  )
}

/** Files of theirs that are done. */
export async function listPullFiles(sql: Sql, pull: string): Promise<Buffer[]> {
  const rows = await sql.query<{ path: Buffer }>('select path from pull_file where pull_id = $1', [pull])
  return rows.map(({ path }) => path)
}

/** A live file as a pull looks at it. */
export interface LiveFileRow extends FileRow {
  /** The name's bytes, when they are not UTF-8. */
  pathRaw: Buffer | null
  committedPath: string | null
  version: number
  /** Whether something of it is not committed. */
  isDirty: boolean
  /** Updates of its document; 0 without one. */
  head: number
}

/** The whole tree, in no order. */
export const listLiveFiles = (sql: Sql, project: ProjectId): Promise<LiveFileRow[]> =>
  sql.query(
    `select f.id, f.path, f.path_raw as "pathRaw", f.kind, f.mode, f.bytes, f.document_id as "documentId", f.eol, f.bom,
       f.blob_sha256 as "blobSha256", f.committed_oid as "committedOid", f.committed_path as "committedPath", f.version,
       d.file_id is not null as "isDirty", coalesce(doc.head, 0) as head
     from file f left join dirty_file d on d.file_id = f.id left join document doc on doc.id = f.document_id
     where f.project_id = $1 and f.deleted_at is null`,
    [project],
  )

/** How many updates documents have. */
export const listHeads = (
  sql: Sql,
  project: ProjectId,
  documents: readonly DocumentId[],
): Promise<{ id: DocumentId; head: number }[]> =>
  sql.query('select id, head from document where project_id = $1 and id = any($2)', [project, documents])

export interface PulledFile {
  id: FileId
  path: string
  pathRaw: Uint8Array | null
  key: string
  kind: FileKind
  mode: number
  bytes: number
  documentId: DocumentId | null
  eol: FileRow['eol']
  bom: boolean
  /** A commit of the remote holds this content, so that it need not stand elsewhere. */
  oid: Oid
}

/** Adds files of theirs that no commit of ours holds yet. */
export async function insertPulledFiles(
  tx: Tx,
  project: Project,
  by: ActorKey,
  files: readonly PulledFile[],
): Promise<void> {
  await tx.query(
    `with added as (
       insert into file (workspace_id, project_id, created_by, changed_by,
         id, path, path_raw, path_key, kind, mode, bytes, document_id, eol, bom, committed_oid)
       select $1, $2, $3, $3, *
       from unnest($4::uuid[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::int[], $10::bigint[], $11::uuid[], $12::text[],
         $13::bool[], $14::text[])
       returning id
     )
     update project set file_count = file_count + (select count(*) from added) where id = $2`,
    [
      project.workspaceId,
      project.projectId,
      by,
      files.map((file) => file.id),
      files.map((file) => file.path),
      files.map((file) => file.pathRaw && Buffer.from(file.pathRaw)),
      files.map((file) => file.key),
      files.map((file) => file.kind),
      files.map((file) => file.mode),
      files.map((file) => file.bytes),
      files.map((file) => file.documentId),
      files.map((file) => file.eol),
      files.map((file) => file.bom),
      files.map((file) => file.oid),
    ],
  )
}

export interface FilePatch {
  id: FileId
  path: string
  pathRaw: Uint8Array | null
  key: string
  kind: FileKind
  mode: number
  bytes: number
  documentId: DocumentId | null
  eol: FileRow['eol']
  bom: boolean
  /** Content that a commit of the remote holds; null: what the file holds stays. */
  oid: Oid | null
}

/** Takes files out of each other's way until `patchFiles` gives them their places, in the same transaction. */
export async function parkFiles(tx: Tx, project: ProjectId, files: readonly FileId[]): Promise<void> {
  await tx.query(
    `update file set path = 'parked ' || id, path_key = 'parked ' || id where project_id = $1 and id = any($2)`,
    [project, files],
  )
}

/** Makes files what they are given to be; ids stay, and documents where they are named again. */
export const patchFiles = (tx: Tx, project: ProjectId, by: ActorKey, files: readonly FilePatch[]): Promise<FileRow[]> =>
  tx.query(
    `update file f set path = p.path, path_raw = p.raw, path_key = p.key, kind = p.kind, mode = p.mode, bytes = p.bytes,
       document_id = p.document, eol = p.eol, bom = p.bom, committed_oid = coalesce(p.oid, f.committed_oid),
       blob_sha256 = case when p.oid is null then f.blob_sha256 end,
       version = f.version + 1, changed_by = $2, changed_at = now()
     from unnest($3::uuid[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::int[], $9::bigint[], $10::uuid[], $11::text[],
       $12::bool[], $13::text[]) as p(id, path, raw, key, kind, mode, bytes, document, eol, bom, oid)
     where f.project_id = $1 and f.id = p.id and f.deleted_at is null
     returning f.id, f.path, f.kind, f.mode, f.bytes, f.document_id as "documentId", f.eol, f.bom, f.blob_sha256 as "blobSha256",
       f.committed_oid as "committedOid"`,
    [
      project,
      by,
      files.map((file) => file.id),
      files.map((file) => file.path),
      files.map((file) => file.pathRaw && Buffer.from(file.pathRaw)),
      files.map((file) => file.key),
      files.map((file) => file.kind),
      files.map((file) => file.mode),
      files.map((file) => file.bytes),
      files.map((file) => file.documentId),
      files.map((file) => file.eol),
      files.map((file) => file.bom),
      files.map((file) => file.oid),
    ],
  )

/** Line ends and byte order marks of files whose texts were merged, where they still have that document. */
export const setLineEnds = (
  tx: Tx,
  project: ProjectId,
  by: ActorKey,
  files: readonly { id: FileId; document: DocumentId; eol: FileRow['eol']; bom: boolean }[],
): Promise<FileRow[]> =>
  tx.query(
    `update file f set eol = p.eol, bom = p.bom, version = f.version + 1, changed_by = $2, changed_at = now()
     from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bool[]) as p(id, document, eol, bom)
     where f.project_id = $1 and f.id = p.id and f.document_id = p.document and f.deleted_at is null
     returning f.id, f.path, f.kind, f.mode, f.bytes, f.document_id as "documentId", f.eol, f.bom, f.blob_sha256 as "blobSha256",
       f.committed_oid as "committedOid"`,
    [
      project,
      by,
      files.map(({ id }) => id),
      files.map(({ document }) => document),
      files.map(({ eol }) => eol),
      files.map(({ bom }) => bom),
    ],
  )

/** The project's branch is named as the remote's is, before its first commit. */
export async function setDefaultBranch(tx: Tx, project: ProjectId, branch: string): Promise<void> {
  await tx.query('update project set default_branch = $2 where id = $1', [project, branch])
}

/** What was brought in: the link knows the remote head that was merged last. */
export async function recordPull(tx: Tx, project: ProjectId, theirs: Oid): Promise<void> {
  await tx.query('update github_link set merged_oid = $2, remote_oid = $2 where project_id = $1', [project, theirs])
}

/** Overlaps that wait for people since this pull. */
export async function countPullConflicts(sql: Sql, pull: string): Promise<number> {
  const rows = await sql.query<{ conflicts: number }>(
    `select count(*)::int as conflicts from conflict where pull_id = $1 and state = 'open'`,
    [pull],
  )
  return rows[0]?.conflicts ?? 0
}
