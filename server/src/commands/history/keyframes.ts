/** States of the history, compressed: they are two thirds of what a long history takes, and are read once for a moment. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import {
  documentCompactionQueries as compaction,
  documentHistoryQueries as history,
  type Sql,
  type Tx,
} from '@skein/db'
import type { DocumentId } from '@skein/protocol'

/** A thirtieth is gained beyond it, at many times the time. */
const LEVEL = 9
/** Of one state: files end at 4 MiB, and what was deleted from one takes little. */
const STATE_BYTES_MAX = 256 * 1024 * 1024

/** Keeps a V2 state; one that is there already stays. */
export const saveKeyframe = (tx: Tx, keyframe: compaction.NewKeyframe): Promise<void> =>
  compaction.saveKeyframe(tx, {
    ...keyframe,
    state: zstdCompressSync(keyframe.state, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }),
  })

/** The newest state of the history at or before row `seq`; one that is not intact is given as it was found. */
export async function findKeyframe(sql: Sql, document: DocumentId, seq: number): Promise<history.StoredState | null> {
  const found = await history.findKeyframe(sql, document, seq)
  if (!found?.isIntact) return found
  try {
    return { ...found, state: zstdDecompressSync(found.state, { maxOutputLength: STATE_BYTES_MAX }) }
  } catch {
    return { ...found, isIntact: false }
  }
}
