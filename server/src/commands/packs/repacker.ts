/**
 * Port: makes few packs of many (SN6). `join` keeps every object; `collect` keeps what the refs, their recent history and work under way reach, and
 * leaves the rest out. Either is one swap behind the repository's lock: new pack in, old packs dead, or nothing at all.
 */
import type { RepositoryKey } from '../git-store.ts'

/** Instants at which a test may kill a repacking; `swapping` is inside the transaction. */
export type PackingStep = 'built' | 'stored' | 'swapping' | 'swapped'

export type PackingReport =
  | { outcome: 'packed'; packsBefore: number; bytesBefore: number; bytesAfter: number }
  | { outcome: 'nothing' }
  /** Refs or packs changed meanwhile: nothing was swapped. */
  | { outcome: 'overtaken' }

export interface Repacker {
  /** One bounded round. */
  join(repository: RepositoryKey): Promise<PackingReport>
  collect(repository: RepositoryKey): Promise<PackingReport>
}
