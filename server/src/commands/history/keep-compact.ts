/** Compaction of one document with the repair that it may need first: what the worker thread runs. */
import type { Database } from '@skein/db'
import type { DocumentId } from '@skein/protocol'
import { type RepairReport, repairDocument } from '../repair/repair-document.ts'
import { type CompactionBounds, type CompactionOutcome, compactDocument } from './compact-document.ts'

export interface CompactionReport {
  outcome: CompactionOutcome['outcome']
  /** Rows that left the log. */
  rows: number
  /** What was repaired on the way; null: nothing was damaged. */
  repair: RepairReport | null
}

/** Compacts a document; one that turns out to be damaged is repaired, and then tried once more. */
export async function keepCompact(
  db: Pick<Database, 'onLog'>,
  document: DocumentId,
  bounds?: CompactionBounds,
): Promise<CompactionReport> {
  const first = await compactDocument(db, document, undefined, bounds)
  if (first.outcome !== 'damaged') return reportOf(first, null)
  const repair = await repairDocument(db, document, { isDeep: true })
  return reportOf(await compactDocument(db, document, undefined, bounds), repair)
}

const reportOf = (outcome: CompactionOutcome, repair: RepairReport | null): CompactionReport => ({
  outcome: outcome.outcome,
  rows: outcome.outcome === 'compacted' ? outcome.rows : 0,
  repair,
})
