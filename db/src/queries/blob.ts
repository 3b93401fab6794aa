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

export async function hasBlob(sql: Sql, workspace: WorkspaceId, sha256: Uint8Array): Promise<boolean> {
  const rows = await sql.query('select from blob where workspace_id = $1 and sha256 = $2', [
    workspace,
    Buffer.from(sha256),
  ])
  return rows.length === 1
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
