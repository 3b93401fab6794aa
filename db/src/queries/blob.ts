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

export async function findBlob(sql: Sql, workspace: WorkspaceId, sha256: Uint8Array): Promise<Uint8Array | null> {
  const rows = await sql.query<{ content: Buffer }>(
    'select content from blob where workspace_id = $1 and sha256 = $2',
    [workspace, Buffer.from(sha256)],
  )
  return rows[0]?.content ?? null
}

/** The same bytes as a Buffer, which the driver sends in binary, without a copy. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
