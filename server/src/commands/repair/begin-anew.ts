/**
 * The last resort: the state is lost and cannot be made again, so its history ends, and a new epoch begins with the text that stood beside it.
 * Devices keep what they had not sent as a copy (DL13).
 */
import {
  documentCompactionQueries as compaction,
  documentHistoryQueries as history,
  documentRepairQueries as repair,
  type Tx,
} from '@skein/db'
import type { DocumentId } from '@skein/protocol'

/** Sets aside what came after the text, takes the rows out of the log and begins the epoch. */
export async function beginAnew(
  tx: Tx,
  document: DocumentId,
  place: repair.RepairPlace,
  setAside: (damaged: repair.Damaged) => Promise<void>,
): Promise<void> {
  // From here on nobody appends: the epoch is moved first, behind the lock of the document.
  const head = await repair.beginEpoch(tx, document)
  const range = { document, after: place.uptoSeq, upto: head }
  for (const { seq, payload } of await history.listLogRows(tx, range)) {
    const reason =
      seq > place.textSeq ? 'it came after the text that was kept' : 'it belongs to a history that has ended'
    await setAside({ kind: 'update', seq, bytes: payload, reason })
  }
  await compaction.deleteLogRows(tx, document, place.uptoSeq, head)
}
