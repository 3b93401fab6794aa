/**
 * Compaction, computed: a state and the rows after it become one state, and the rows become pieces of the history. Nothing is left out.
 *
 * It goes through a Y.Doc and never through Yjs' merging of updates, which takes minutes for a long log. What Yjs cannot integrate yet, because
 * it builds on updates that have not come, is carried along in the state.
 */
import * as Y from 'yjs'
import { applyState, applyUpdate } from './apply-update.ts'
import { documentText } from './epoch.ts'
import type { HistoryRow } from './history-segment.ts'
import { encodeOpening } from './opening.ts'
import { isSameDocument } from './same-document.ts'

/** Updates of one segment; a row that holds more has one alone. */
export const SEGMENT_UPDATES_MAX = 1_000
/** Updates after which a state is kept in the history, so that any moment is read from one and at most so many updates. */
export const KEYFRAME_UPDATES = 10_000

/** A shorter state is read in a millisecond, and need not be kept twice. */
const OPENING_STATE_BYTES_MIN = 32 * 1024

export interface CompactionInput {
  /** V2. */
  state: Uint8Array
  /** The rows after it. */
  rows: readonly HistoryRow[]
  /** Rows of the newest segment, when it has room for more; it is written anew. */
  openSegment: readonly HistoryRow[]
  /** Updates in the history since its last state. */
  updatesSinceKeyframe: number
}

export interface Compaction {
  /** V2, holds all rows. */
  state: Uint8Array
  text: string
  /** See `encodeOpening`; null: it is not worth keeping, or there is none. */
  opening: Uint8Array | null
  /** Each to be packed; the first begins with the rows of the open segment. */
  segments: readonly (readonly HistoryRow[])[]
  keyframes: readonly { seq: number; at: number; state: Uint8Array }[]
}

/** @throws when Yjs cannot read the bytes, or a state would not give the same document back */
export const compactRows = ({ state, rows, openSegment, updatesSinceKeyframe }: CompactionInput): Compaction => {
  const segments = cutIntoSegments([...openSegment, ...rows])
  const firstNew = rows[0]?.seq ?? Number.POSITIVE_INFINITY
  const doc = openState(state)
  const keyframes: { seq: number; at: number; state: Uint8Array }[] = []
  let updates = updatesSinceKeyframe - countUpdates(openSegment)
  for (const segment of segments) {
    applyRows(
      doc,
      segment.filter(({ seq }) => seq >= firstNew),
    )
    updates += countUpdates(segment)
    const last = segment.at(-1) as HistoryRow
    const isFull = segment !== segments.at(-1) || countUpdates(segment) >= SEGMENT_UPDATES_MAX
    if (updates < KEYFRAME_UPDATES || !isFull || last.seq < firstNew) continue
    keyframes.push({ seq: last.seq, at: last.at, state: encodeChecked(doc) })
    updates = 0
  }
  const last = encodeChecked(doc)
  const opening = last.length >= OPENING_STATE_BYTES_MIN ? encodeOpening(doc) : null
  const compacted = { state: last, text: documentText(doc), opening, segments, keyframes }
  doc.destroy()
  return compacted
}

/** A document of a V2 state. @throws when Yjs cannot read it */
export const openState = (state: Uint8Array): Y.Doc => {
  const doc = new Y.Doc()
  applyState(doc, state)
  return doc
}

/** Applies rows in one transaction. @throws when Yjs cannot read one of them; the document is of no use then */
export const applyRows = (doc: Y.Doc, rows: readonly HistoryRow[]): void => {
  doc.transact(() => {
    for (const { frames } of rows) for (const { update } of frames) applyUpdate(doc, update)
  })
}

/** The V2 state of a document. @throws when decoding it does not give the same document back */
export const encodeChecked = (doc: Y.Doc): Uint8Array => {
  const state = Y.encodeStateAsUpdateV2(doc)
  const copy = openState(state)
  const isSame = isSameDocument(doc, copy)
  copy.destroy()
  if (!isSame) throw new Error('The state of a document does not give the same document back')
  return state
}

const countUpdates = (rows: readonly HistoryRow[]): number => rows.reduce((sum, { frames }) => sum + frames.length, 0)

const cutIntoSegments = (rows: readonly HistoryRow[]): HistoryRow[][] => {
  const segments: HistoryRow[][] = []
  let room = 0
  for (const row of rows) {
    const last = segments.at(-1)
    // A row without updates takes room too: it stands for one that was set aside.
    const size = Math.max(1, row.frames.length)
    if (last && size <= room) last.push(row)
    else {
      segments.push([row])
      room = SEGMENT_UPDATES_MAX
    }
    room -= size
  }
  return segments
}
