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
/** Bytes of updates after which a segment takes no more, so that writing the newest one anew costs little; one row more may be in it. */
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
/** A state is kept in the history after so many updates, so that any moment is read from one and at most so many; */
export const KEYFRAME_UPDATES = 10_000
/** or after so many segments, which large updates fill sooner. */
export const KEYFRAME_SEGMENTS = 10

/** A shorter state is read in a millisecond, and need not be kept twice. */
const OPENING_STATE_BYTES_MIN = 32 * 1024

export interface CompactionInput {
  /** V2. */
  state: Uint8Array
  /** The rows after it. */
  rows: readonly HistoryRow[]
  /** Rows of the newest segment, when they end before `rows`; if it has room for more, it is written anew. */
  openSegment: readonly HistoryRow[]
  /** What is in the history since its last state, the open segment included. */
  sinceKeyframe: { updates: number; segments: number }
  /** For tests; default 8 MiB. */
  segmentBytesMax?: number | undefined
}

export interface Compaction {
  /** V2, holds all rows. */
  state: Uint8Array
  text: string
  /** See `encodeOpening`; null: it is not worth keeping, or there is none. */
  opening: Uint8Array | null
  /** Each to be packed; the first begins with the rows of the open segment, if that had room. */
  segments: readonly (readonly HistoryRow[])[]
  keyframes: readonly { seq: number; at: number; state: Uint8Array }[]
}

/** Null: its state would not give the same document back, though nothing in it is damaged. @throws when Yjs cannot read the bytes */
export const compactRows = (input: CompactionInput): Compaction | null => {
  const { state, rows, sinceKeyframe, segmentBytesMax = SEGMENT_BYTES_MAX } = input
  const open = isFull(input.openSegment, segmentBytesMax) ? [] : input.openSegment
  const segments = cutIntoSegments([...open, ...rows], segmentBytesMax)
  const firstNew = rows[0]?.seq ?? Number.POSITIVE_INFINITY
  const doc = openState(state)
  const keyframes: { seq: number; at: number; state: Uint8Array }[] = []
  let updates = sinceKeyframe.updates - countUpdates(open)
  let segmentsSince = sinceKeyframe.segments - (open.length > 0 ? 1 : 0)
  for (const segment of segments) {
    applyRows(
      doc,
      segment.filter(({ seq }) => seq >= firstNew),
    )
    updates += countUpdates(segment)
    segmentsSince++
    const last = segment.at(-1) as HistoryRow
    const isClosed = segment !== segments.at(-1) || isFull(segment, segmentBytesMax)
    const isDue = updates >= KEYFRAME_UPDATES || segmentsSince >= KEYFRAME_SEGMENTS
    if (!isDue || !isClosed || last.seq < firstNew) continue
    const keyframe = encodeState(doc)
    if (!keyframe.isExact) continue
    keyframes.push({ seq: last.seq, at: last.at, state: keyframe.state })
    updates = 0
    segmentsSince = 0
  }
  const last = encodeState(doc)
  const opening = last.state.length >= OPENING_STATE_BYTES_MIN ? encodeOpening(doc) : null
  const text = documentText(doc)
  doc.destroy()
  return last.isExact ? { state: last.state, text, opening, segments, keyframes } : null
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

/** The V2 state of a document, and whether it gives the same document back. @throws when Yjs cannot write it, or read it again */
export const encodeState = (doc: Y.Doc): { state: Uint8Array; isExact: boolean } => {
  const state = Y.encodeStateAsUpdateV2(doc)
  const copy = openState(state)
  const isExact = isSameDocument(doc, copy)
  copy.destroy()
  return { state, isExact }
}

const countUpdates = (rows: readonly HistoryRow[]): number => rows.reduce((sum, { frames }) => sum + frames.length, 0)

const countBytes = ({ frames }: HistoryRow): number => frames.reduce((sum, { update }) => sum + update.length, 0)

const isFull = (rows: readonly HistoryRow[], bytesMax: number): boolean =>
  countUpdates(rows) >= SEGMENT_UPDATES_MAX || rows.reduce((sum, row) => sum + countBytes(row), 0) >= bytesMax

const cutIntoSegments = (rows: readonly HistoryRow[], bytesMax: number): HistoryRow[][] => {
  const segments: HistoryRow[][] = []
  let room = 0
  let bytesLeft = 0
  for (const row of rows) {
    const last = segments.at(-1)
    // A row without updates takes room too: it stands for one that was set aside.
    const size = Math.max(1, row.frames.length)
    if (last && size <= room && bytesLeft > 0) last.push(row)
    else {
      segments.push([row])
      room = SEGMENT_UPDATES_MAX
      bytesLeft = bytesMax
    }
    room -= size
    bytesLeft -= countBytes(row)
  }
  return segments
}
