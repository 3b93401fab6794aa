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

/** A file as one of two trees holds it. */
export interface TreeSide {
  path: Uint8Array
  mode: number
  oid: Oid
}

/** A file that differs between two trees, under another path when it was renamed; null where a tree does not have it. */
export interface TreeDifference {
  from: TreeSide | null
  to: TreeSide | null
}

/** A content that is larger than GitHub likes, and a path where it came in. */
export interface LargeBlob {
  oid: Oid
  bytes: number
  path: string
}

export interface LineCount {
  files: number
  insertions: number
  deletions: number
}

/** Lines of one file. */
export type FileLines = Omit<LineCount, 'files'>

export interface TreeLimits {
  filesMax: number
  /** Of all files together, unpacked. */
  bytesMax: number
  /** Of one file. */
  fileBytesMax: number
}

/** A folder for one fetch. What it holds is nobody's until it is kept, and gone when the work that it was made for has ended. */
export interface FetchDirectory {
  /** A bare repository that borrows our objects and shows our refs; whatever is fetched is left in it, checked by Git's `fsckObjects`. */
  directory: string
  /**
   * Why a fetched commit cannot be taken over, as a sentence: its tree is not readable or above the limits, or one of the new commits that it reaches has
   * more than 1 MiB by itself. Null: it can.
   */
  findProblem(commit: Oid, limits: TreeLimits): Promise<string | null>
  isAncestor(ancestor: Oid, descendant: Oid): Promise<boolean>
  /** An object that `tip` reaches and that neither came into this folder nor is reached by a branch of ours; null: there is none. */
  findHidden(tip: Oid): Promise<Oid | null>
  /** Commits that `tip` reaches and that we did not have when the folder was made, parents before children. */
  listCommits(tip: Oid): AsyncIterable<FetchedCommit>
  /**
   * SN10: keeps all that `tip` reaches and we do not have as one pack, complete by itself, and then moves `ref` to `tip` from wherever it stands, in
   * one transaction together with `inTransaction`. On any error nothing is visible. Throws when something is missing.
   */
  keep(
    fetched: { ref: string; tip: Oid; actor: string; reason: string; signal?: AbortSignal },
    inTransaction: (tx: Tx, from: Oid | null) => Promise<void>,
  ): Promise<void>
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
  /** Runs `work` with a folder for one fetch, which is removed afterwards whatever happens. */
  withFetchDirectory<T>(
    repository: RepositoryKey,
    signal: AbortSignal | undefined,
    work: (fetch: FetchDirectory) => Promise<T>,
  ): Promise<T>
  /** The best common ancestor; of several the one that Git names first. Null: nothing in common. */
  mergeBase(repository: RepositoryKey, one: Oid, other: Oid): Promise<Oid | null>
  /** The best common ancestors of `one` and of a merge of all `others`, in Git's order. */
  mergeBases(repository: RepositoryKey, one: Oid, others: readonly Oid[]): Promise<Oid[]>
  /** A commit whose tree is what these commits make together; it may vanish with the cache, and is the same when it is made again. */
  joinBases(repository: RepositoryKey, bases: readonly Oid[]): Promise<Oid>
  /** What differs between the trees of two commits (null: no files), renames joined; throws above 100,000 files. */
  diffTrees(repository: RepositoryKey, from: Oid | null, to: Oid): AsyncIterable<TreeDifference>
  /** Files that differ between two commits, a renamed one once, and lines added and taken away, those of binary files not counted. */
  countLines(repository: RepositoryKey, from: Oid | null, to: Oid): Promise<LineCount>
  /**
   * The same of each file by itself, by its path in `to`, or the one it had (bytes as latin1); files without lines are not among them. Throws when the
   * paths have more than 16 MiB.
   */
  countLinesByFile(repository: RepositoryKey, from: Oid | null, to: Oid): Promise<ReadonlyMap<string, FileLines>>
  /** Whether that commit, with all it reaches, is here. */
  hasCommit(repository: RepositoryKey, oid: Oid): Promise<boolean>
  /** Contents of at least `bytesMin` in the commits that `tip` reaches and none of `exclude` does; the first 20. */
  listLargeBlobs(
    repository: RepositoryKey,
    tip: Oid,
    exclude: readonly Oid[],
    bytesMin: number,
  ): Promise<readonly LargeBlob[]>
  /** How many commits `tip` has that `except` (null: nothing) has not. */
  countCommits(repository: RepositoryKey, tip: Oid, except: Oid | null): Promise<number>
  /** Paths of files that one of these commits itself made what they are: a merge those that are as in none of its parents. */
  listTouched(repository: RepositoryKey, commits: readonly Oid[]): AsyncIterable<Uint8Array>
  /** Every content that a file got in the commits that `tip` has and none of `since` has, along the first parents. */
  listContents(
    repository: RepositoryKey,
    tip: Oid,
    since: readonly Oid[],
  ): AsyncIterable<{ path: Uint8Array; oid: Oid }>
  /** The first of these objects that no branch reaches, which clients may not have; null: they may have them all. */
  findHidden(repository: RepositoryKey, oids: Iterable<Oid>): Promise<Oid | null>
  /** Runs `work` with a bare repository on disk that holds at least the present refs; it is not deleted under it. */
  withDirectory<T>(repository: RepositoryKey, work: (directory: string) => Promise<T>): Promise<T>
}
