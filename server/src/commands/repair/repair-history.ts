/** Looking through the history of a document: segments and states that cannot be read are set aside, and made again where that can be done exactly. */
import { documentHistoryQueries as history, documentRepairQueries as repair, type Tx } from '@skein/db'
import type { DocumentId } from '@skein/protocol'
import { findKeyframe, saveKeyframe } from '../history/keyframes.ts'
import { unpackSegment } from '../history/segment-bytes.ts'
import { isReadable, rebuildState } from './rebuild-state.ts'

/** Moments that rest on a lost segment are unknown from then on, up to the next state of the history. */
export async function repairHistory(
  tx: Tx,
  document: DocumentId,
  place: repair.RepairPlace,
  setAside: (damaged: repair.Damaged) => Promise<void>,
): Promise<void> {
  let isAnyLost = false
  for (const { firstSeq, lastSeq, data } of await history.listSegments(tx, [
    { document, after: 0, upto: place.uptoSeq },
  ])) {
    if (isSegment(data)) continue
    await setAside({ kind: 'segment', seq: lastSeq, bytes: data, reason: 'its rows cannot be unpacked' })
    await repair.deleteSegment(tx, document, firstSeq)
    isAnyLost = true
  }
  if (isAnyLost) await keepPresent(tx, document, place)
  for (const { seq, isIntact } of await history.listKeyframes(tx, document)) {
    const keyframe = await findKeyframe(tx, document, seq)
    if (!keyframe || (isIntact && (await isReadable(keyframe.state)))) continue
    const reason = isIntact ? 'Yjs cannot read it' : 'its bytes are not those that were written'
    await setAside({ kind: 'keyframe', seq, bytes: keyframe.state, reason })
    await repair.deleteKeyframe(tx, document, seq)
    const { epoch } = keyframe
    const rebuilt = await rebuildState(tx, document, { ...place, epoch, uptoSeq: seq, checksum: null })
    if (rebuilt.outcome !== 'exact') continue
    const { workspaceId } = place
    await saveKeyframe(tx, { document, workspaceId, epoch, seq, at: new Date(), state: rebuilt.state })
  }
}

/** The present becomes a state of the history, so that what follows it does not rest on what was lost. */
async function keepPresent(tx: Tx, document: DocumentId, { workspaceId }: repair.RepairPlace): Promise<void> {
  const present = await history.findState(tx, document)
  if (!present?.isIntact || !(await isReadable(present.state))) return
  const { seq, epoch, state } = present
  await saveKeyframe(tx, { document, workspaceId, epoch, seq, at: new Date(), state })
}

const isSegment = (data: Uint8Array): boolean => {
  try {
    return unpackSegment(data).length > 0
  } catch {
    return false
  }
}
