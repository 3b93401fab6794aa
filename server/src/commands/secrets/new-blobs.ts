/** Port: the contents that a push would bring to a remote for the first time. */
import type { Oid } from '@skein/protocol'
import type { PushRange } from '../sync/secret-gate.ts'

export interface NewBlob {
  oid: Oid
  /** One of the paths that it stands at. */
  path: string
  bytes: number
}

export interface NewBlobs {
  /** Blobs that `range.to` reaches and nothing known does, in the repository at `directory`. */
  list(directory: string, range: PushRange, signal: AbortSignal): AsyncIterable<NewBlob>
  /** The first commit of the range that holds it; `range.to` when Git cannot say. */
  findCommit(directory: string, range: PushRange, blob: Oid): Promise<Oid>
}
