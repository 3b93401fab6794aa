/**
 * Port: somebody else's Git server, from which a project starts. What it gives is a repository on disk of which nothing has been believed
 * but that Git's own checks passed; names, sizes and texts are judged by the import.
 */
import type { JobProgress, Oid } from '@skein/protocol'
import type { FetchedCommit, TreeEntry } from '../git-store.ts'

export interface RemoteSource {
  /** Fetches the default branch with its history. Rejects only when `signal` is aborted or on a fault of our own. */
  fetch(
    url: URL,
    options: { signal: AbortSignal; onProgress: (progress: JobProgress) => void },
  ): Promise<FetchedRemote | FetchFailure>
}

export interface FetchedRemote {
  kind: 'fetched'
  bareDirectory: string
  /** The default branch of the remote. */
  branch: string
  /** Null: the remote has no commit yet. */
  tip: Oid | null
  /** Every entry below the tip, in Git's order. */
  listTree(signal: AbortSignal): AsyncIterable<TreeEntry>
  /** Blobs in the order asked for; `onBlob` is awaited, so memory stays bounded by the largest blob. */
  readBlobs(
    oids: readonly Oid[],
    onBlob: (oid: Oid, content: Uint8Array) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void>
  /** Commits reachable from the tip, parents before children. */
  listCommits(signal: AbortSignal): AsyncIterable<FetchedCommit>
  /** Deletes the repository from disk. */
  dispose(): Promise<void>
}

/** Why nothing was fetched; `detail` is a sentence from the server, from Git, or about the limit. */
export interface FetchFailure {
  kind: 'unreachable' | 'private' | 'not-a-repository' | 'refused' | 'too-large' | 'too-slow' | 'damaged' | 'disk-full'
  detail: string
}
