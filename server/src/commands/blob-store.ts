/** Port: content by its SHA-256, for binary files that no commit holds yet. At most 100 MiB a blob; writing the same content twice is one write. */
import type { WorkspaceId } from '@skein/protocol'

export interface BlobStore {
  put(workspace: WorkspaceId, content: Uint8Array): Promise<Uint8Array>
  /** Null when there is no such blob in this workspace. */
  get(workspace: WorkspaceId, sha256: Uint8Array): Promise<Uint8Array | null>
}
