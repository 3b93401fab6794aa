/**
 * Port: the objects that a snapshot builds upon. Those of the base are read, those that were just committed are told,
 * so that the next snapshot of a busy project reads none from disk.
 */
import type { GitObject } from '@skein/git-model'
import type { RepositoryKey } from '../git-store.ts'

export interface SnapshotObjects {
  /** The body of a tree or commit that the repository holds; throws when it is not there. */
  readObject(repository: RepositoryKey, kind: 'tree' | 'commit', oid: string): Promise<Uint8Array>
  /** Objects that were committed; a hint, which may be forgotten. */
  noteObjects(repository: RepositoryKey, objects: readonly GitObject[]): void
}
