/**
 * The rows after the state, made readable. A row is one commit of a node and holds what many people typed in the same moment, so only what
 * cannot be read goes: the whole row when its bytes are not those that were written, else the updates on which Yjs fails.
 */
import { documentHistoryQueries as history, documentRepairQueries as repair, type Tx } from '@skein/db'
import { decodeUpdateFrames, encodeUpdateFrames, type HistoryRow } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { findUnreadable } from './find-unreadable.ts'
import { isReadable } from './rebuild-state.ts'

/** Of one row; one with more is emptied. Each is looked for by itself, and nobody honest makes one: a node logs no update on which Yjs fails. */
const BAD_UPDATES_MAX = 16

/** Numbers stay without gaps: a row of which nothing can be read stands empty. Each that is changed is set aside, as it was found. */
export async function repairTail(
  tx: Tx,
  document: DocumentId,
  state: Uint8Array,
  uptoSeq: number,
  setAside: (damaged: repair.Damaged) => Promise<void>,
): Promise<HistoryRow[]> {
  for (const seq of await repair.fillLogRows(tx, document)) {
    await setAside({ kind: 'update', seq, bytes: new Uint8Array(), reason: 'it is not there any more' })
  }
  const stored = await history.listLogRows(tx, { document, after: uptoSeq, upto: Number.MAX_SAFE_INTEGER })
  const rewrite = async ({ seq, payload }: history.LogRow, frames: HistoryRow['frames'], reason: string) => {
    await setAside({ kind: 'update', seq, bytes: payload, reason })
    await repair.replaceLogRow(tx, document, seq, encodeUpdateFrames(frames))
    return frames
  }
  const rows: HistoryRow[] = []
  for (const row of stored) {
    const frames = row.isIntact ? framesOf(row.payload) : null
    const reason = row.isIntact ? 'it is not a row of updates' : 'its bytes are not those that were written'
    rows.push({ seq: row.seq, at: row.at.getTime(), frames: frames ?? (await rewrite(row, [], reason)) })
  }
  for (;;) {
    const n = await findUnreadable(rows.length, (count) => isReadable(state, rows.slice(0, count)))
    if (n === null) return rows
    const row = rows[n] as HistoryRow
    const good = await keepReadable(state, rows.slice(0, n), row)
    const reason =
      good.length > 0
        ? `Yjs cannot read ${row.frames.length - good.length} of its ${row.frames.length} updates`
        : 'Yjs cannot read it'
    rows[n] = { ...row, frames: await rewrite(stored[n] as history.LogRow, good, reason) }
  }
}

/** The updates of a row that can be read on top of the rows before it and of each other; what builds on one that is left out waits in Yjs. */
async function keepReadable(
  state: Uint8Array,
  before: readonly HistoryRow[],
  row: HistoryRow,
): Promise<HistoryRow['frames']> {
  let { frames } = row
  for (let bad = 0; bad < BAD_UPDATES_MAX; bad++) {
    const isReadableWith = (count: number) => isReadable(state, [...before, { ...row, frames: frames.slice(0, count) }])
    const n = await findUnreadable(frames.length, isReadableWith)
    if (n === null) return frames
    frames = frames.toSpliced(n, 1)
  }
  return []
}

const framesOf = (payload: Uint8Array): HistoryRow['frames'] | null => {
  try {
    return decodeUpdateFrames(payload)
  } catch {
    return null
  }
}
