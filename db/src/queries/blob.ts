/** Content by its SHA-256, kept per workspace, for binary files that no commit holds yet. */
import type { WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Keeps the content; a second time it is left as it is. */
export async function insertBlob(
  tx: Tx,
  workspace: WorkspaceId,
  sha256: Uint8Array,
  content: Uint8Array,
): Promise<void> {
  await tx.query(
    'insert into blob (workspace_id, sha256, bytes, content) values ($1, $2, $3, $4) on conflict do nothing',
    [workspace, Buffer.from(sha256), content.length, asBuffer(content)],
  )
}

/** Whether the blob is there; it is then as young as one that was just kept, so that no sweep takes it. */
export async function renewBlob(tx: Tx, workspace: WorkspaceId, sha256: Uint8Array): Promise<boolean> {
  const rows = await tx.query(
    'update blob set created_at = now() where workspace_id = $1 and sha256 = $2 returning true as kept',
    [workspace, Buffer.from(sha256)],
  )
  return rows.length === 1
}

/**
 * Deletes blobs that were kept days ago and that no file names any more, trash included; at most `limit`. One that is
 * being renewed, or swept by somebody else, is passed over: whoever renews it may count on it, and two sweeps never wait
 * for each other. To be called in a transaction that has locked no blob itself.
 */
export async function sweepBlobs(tx: Tx, workspace: WorkspaceId, days: number, limit: number): Promise<number> {
  const rows = await tx.query(
    `with unneeded as materialized (
       select b.workspace_id, b.sha256 from blob b
       where b.workspace_id = $1 and b.created_at < now() - make_interval(days => $2)
         and not exists (select from file f where f.workspace_id = b.workspace_id and f.blob_sha256 = b.sha256)
       order by b.created_at limit $3 for update of b skip locked)
     delete from blob using unneeded
     where blob.workspace_id = unneeded.workspace_id and blob.sha256 = unneeded.sha256
     returning true as gone`,
    [workspace, days, limit],
  )
  return rows.length
}

export async function findBlobSize(sql: Sql, workspace: WorkspaceId, sha256: Uint8Array): Promise<number | null> {
  const rows = await sql.query<{ bytes: number }>('select bytes from blob where workspace_id = $1 and sha256 = $2', [
    workspace,
    Buffer.from(sha256),
  ])
  return rows[0]?.bytes ?? null
}

/** A part of a blob: the driver receives bytes as text of twice their length, so that a large one is read in parts. */
export async function findBlobPart(
  sql: Sql,
  workspace: WorkspaceId,
  sha256: Uint8Array,
  part: { at: number; bytes: number },
): Promise<Uint8Array | null> {
  const rows = await sql.query<{ part: Buffer }>(
    'select substring(content from $3::int + 1 for $4::int) as part from blob where workspace_id = $1 and sha256 = $2',
    [workspace, Buffer.from(sha256), part.at, part.bytes],
  )
  return rows[0]?.part ?? null
}

/** The same bytes as a Buffer, which the driver sends in binary, without a copy. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
