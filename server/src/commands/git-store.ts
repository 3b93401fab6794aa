/**
 * Port: the Git repositories that Skein keeps. Refs and packs in PostgreSQL are the truth; a bare repository on disk is a cache that may
 * vanish at any time.
 */
import type { Tx } from '@skein/db'
import type { Oid, ProjectId, WorkspaceId } from '@skein/protocol'

export interface RepositoryKey {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

export interface TreeEntry {
  /** The path as raw bytes: Git names need not be UTF-8. */
  path: Uint8Array
  mode: number
  oid: Oid
  /** Bytes of the blob; 0 for submodules. */
  bytes: number
}

export interface FetchedCommit {
  oid: Oid
  parents: Oid[]
  authorName: string
  authorEmail: string
  authoredAt: Date
  committedAt: Date
  message: string
}

export interface GitStore {
  head(repository: RepositoryKey, branch: string): Promise<Oid | null>
  /** Blobs in the order asked for; `onBlob` is awaited, so memory stays bounded. Throws on an oid that is not there. */
  readBlobs(
    repository: RepositoryKey,
    oids: readonly Oid[],
    onBlob: (oid: Oid, content: Uint8Array) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void>
  /** Every entry below the commit's tree, in Git's order. */
  listTree(repository: RepositoryKey, commit: Oid): AsyncIterable<TreeEntry>
  /** Commits reachable from `tip` and not from `exclude`, parents before children. */
  listCommits(repository: RepositoryKey, tip: Oid, exclude?: readonly Oid[]): AsyncIterable<FetchedCommit>
  isAncestor(repository: RepositoryKey, ancestor: Oid, descendant: Oid): Promise<boolean>
  /**
   * SN10: takes what Git fetched into `bareDirectory` (already checked by its index-pack), writes it as packs, and then moves `branch` to `tip` in one
   * transaction together with `inTransaction`. On any error nothing is visible.
   */
  storeFetched(
    repository: RepositoryKey,
    fetched: { bareDirectory: string; branch: string; tip: Oid; actor: string; reason: string; signal?: AbortSignal },
    inTransaction: (tx: Tx) => Promise<void>,
  ): Promise<void>
  /** Runs `work` with a bare repository on disk that holds at least the present refs; it is not deleted under it. */
  withDirectory<T>(repository: RepositoryKey, work: (directory: string) => Promise<T>): Promise<T>
}
