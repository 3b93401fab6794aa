/** What an import writes: files that the fetched commit already holds, and the project's way out of the state `importing`. */
import type { ActorKey, FileKind, Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'
import type { NewFile } from './file.ts'

export interface ImportedFile extends Omit<NewFile, 'blobSha256'> {
  kind: FileKind
  /** The path's bytes where they are not UTF-8. */
  pathRaw: Uint8Array | null
  oid: Oid
}

/** Adds files that stand in a commit as they are, so that nothing of them is waiting to be committed. */
export async function insertImportedFiles(
  tx: Tx,
  project: { projectId: ProjectId; workspaceId: WorkspaceId },
  by: ActorKey,
  files: readonly ImportedFile[],
): Promise<void> {
  await tx.query(
    `insert into file (workspace_id, project_id, created_by, changed_by,
       id, path, path_raw, path_key, kind, mode, bytes, document_id, eol, bom, committed_path, committed_mode, committed_oid)
     select $1, $2, $3, $3, id, path, raw, key, kind, mode, bytes, document, eol, bom, path, mode, oid
     from unnest($4::uuid[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::int[], $10::bigint[], $11::uuid[], $12::text[],
       $13::bool[], $14::text[]) as f(id, path, raw, key, kind, mode, bytes, document, eol, bom, oid)`,
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

/** Whether the project still waits for its import: its name, or null when it is deleted, ready or failed. */
export async function findImporting(sql: Sql, project: ProjectId): Promise<string | null> {
  const rows = await sql.query<{ name: string }>(
    `select name from project where id = $1 and state = 'importing' and deleted_at is null`,
    [project],
  )
  return rows[0]?.name ?? null
}

/** Opens the imported project; returns its name, or null when it does not wait for an import any more. */
export async function finishImport(tx: Tx, project: ProjectId, branch: string): Promise<string | null> {
  const rows = await tx.query<{ name: string }>(
    `update project set state = 'ready', default_branch = $2, tree_version = tree_version + 1,
       file_count = (select count(*) from file where project_id = $1 and deleted_at is null)
     where id = $1 and state = 'importing' and deleted_at is null returning name`,
    [project, branch],
  )
  return rows[0]?.name ?? null
}

/** The import did not come to a good end; returns the project's name, or null when it does not wait for an import any more. */
export async function failImport(tx: Tx, project: ProjectId): Promise<string | null> {
  const rows = await tx.query<{ name: string }>(
    `update project set state = 'failed' where id = $1 and state = 'importing' and deleted_at is null returning name`,
    [project],
  )
  return rows[0]?.name ?? null
}
