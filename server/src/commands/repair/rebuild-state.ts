/**
 * Making the state of a document again that cannot be read any more: from an older state of the history and the rows after it, or from the
 * text it was seeded with. Reads only.
 */
import { setImmediate } from 'node:timers/promises'
import { documentRepairQueries as repair, type Sql } from '@skein/db'
import { encodeState, type HistoryRow, openState, seedEpoch } from '@skein/document'
import { type DocumentId, SKEIN } from '@skein/protocol'
import * as Y from 'yjs'
import { buildInPieces } from '../history/build-in-pieces.ts'
import { findKeyframe } from '../history/keyframes.ts'
import { readRows } from '../history/read-history.ts'

/** `exact`: the very document; `holes`: some of its rows could not be read; `lost`: there is nothing to make it from. */
export type Rebuilt = { outcome: 'exact' | 'holes'; state: Uint8Array } | { outcome: 'lost' }

/**
 * Whether Yjs can read the state and the rows after it, and keep what comes of them. It says nothing about what comes of them: a document that
 * is unlike what one expects is not damaged, and its rows are somebody's words.
 */
export const isReadable = async (state: Uint8Array, rows: readonly HistoryRow[] = []): Promise<boolean> => {
  try {
    const doc = await buildInPieces(state, rows)
    // Each of these takes as long as the document is; sockets have a turn between them.
    await setImmediate()
    const kept = Y.encodeStateAsUpdateV2(doc)
    await setImmediate()
    openState(kept)
    return true
  } catch {
    return false
  }
}

/** The state as of row `place.uptoSeq`. */
export async function rebuildState(sql: Sql, document: DocumentId, place: repair.RepairPlace): Promise<Rebuilt> {
  const seeded = await seedAgain(sql, document, place)
  if (seeded) return { outcome: 'exact', state: seeded }
  for (let seq = place.uptoSeq; ; seq--) {
    const keyframe = await findKeyframe(sql, document, seq)
    if (!keyframe || keyframe.epoch !== place.epoch) return { outcome: 'lost' }
    seq = keyframe.seq
    if (!keyframe.isIntact || !(await isReadable(keyframe.state))) continue
    const rows = await readRows(sql, { document, after: seq, upto: place.uptoSeq, epoch: place.epoch }, place)
    const built = await buildState(keyframe.state, rows)
    if (!built) return { outcome: 'lost' }
    const isWhole = built.isExact && rows.length === place.uptoSeq - seq
    return { outcome: isWhole ? 'exact' : 'holes', state: built.state }
  }
}

/** The first state of an epoch, when its text still stands there: the same text under the same client id gives the same bytes. */
async function seedAgain(sql: Sql, document: DocumentId, place: repair.RepairPlace): Promise<Uint8Array | null> {
  if (place.textSeq !== place.uptoSeq || place.checksum === null) return null
  for (const { clientId } of await repair.listClientsOf(sql, document, place.epoch, SKEIN)) {
    const state = seedEpoch(place.text, place.epoch, clientId)
    if ((await repair.checksumOf(sql, state)) === place.checksum) return state
  }
  return null
}

async function buildState(
  state: Uint8Array,
  rows: readonly HistoryRow[],
): Promise<ReturnType<typeof encodeState> | null> {
  try {
    return encodeState(await buildInPieces(state, rows))
  } catch {
    return null
  }
}
