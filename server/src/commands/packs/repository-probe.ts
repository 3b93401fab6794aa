/** Port: a repository made from packs in rows alone, to be looked at and thrown away. */
import type { Oid } from '@skein/protocol'
import type { RepositoryKey, TreeEntry } from '../git-store.ts'

export interface ProbePicture {
  refs: readonly { name: string; oid: Oid }[]
  packs: readonly { sha: string; packBytes: number; indexBytes: number }[]
}

export interface ProbedRepository {
  /** What `git fsck --strict` says; nothing when all is well. */
  complaints(): Promise<string[]>
  /** Those that are not in any pack. */
  findMissing(oids: readonly Oid[]): Promise<Set<Oid>>
  listTree(commit: Oid): AsyncIterable<TreeEntry>
  /** Oids of all commits that a tip reaches. */
  listCommitOids(tip: Oid): Promise<Oid[]>
}

export interface RepositoryProbe {
  /** Rejects when bytes of a pack are missing or damaged. */
  open<T>(repository: RepositoryKey, picture: ProbePicture, work: (probed: ProbedRepository) => Promise<T>): Promise<T>
}
