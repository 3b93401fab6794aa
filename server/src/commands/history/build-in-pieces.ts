/**
 * Building a document without holding the loop: Yjs takes tens of milliseconds for a thousand updates, in which no socket would be served. So
 * they are applied in pieces, each in a transaction of its own, and everybody else has a turn between them. What comes of it is the same: it
 * follows from the set of the updates alone.
 */
import { setImmediate } from 'node:timers/promises'
import { applyUpdate, type HistoryRow, openState, type UpdateFrame } from '@skein/document'
import type * as Y from 'yjs'

/** Of one piece: a few milliseconds of work. An update that is larger is one by itself. */
export const PIECE_UPDATES_MAX = 100
export const PIECE_BYTES_MAX = 64 * 1024

/** The document of a V2 state and the rows after it. @throws when Yjs cannot read one of them */
export async function buildInPieces(
  state: Uint8Array,
  rows: readonly Pick<HistoryRow, 'frames'>[] = [],
): Promise<Y.Doc> {
  const doc = openState(state)
  try {
    for (const piece of cutIntoPieces(rows.flatMap(({ frames }) => frames))) {
      await setImmediate()
      doc.transact(() => {
        for (const { update } of piece) applyUpdate(doc, update)
      })
    }
  } catch (error) {
    doc.destroy()
    throw error
  }
  return doc
}

/** The same in the same order. */
export function cutIntoPieces(frames: readonly UpdateFrame[]): UpdateFrame[][] {
  const pieces: UpdateFrame[][] = []
  let bytes = 0
  for (const frame of frames) {
    const last = pieces.at(-1)
    bytes += frame.update.length
    if (last && last.length < PIECE_UPDATES_MAX && bytes <= PIECE_BYTES_MAX) last.push(frame)
    else {
      pieces.push([frame])
      bytes = frame.update.length
    }
  }
  return pieces
}
