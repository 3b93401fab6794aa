/** Ranges of a live text, held on to as relative positions of Yjs, which go with the text in every replica and after every restart. */
import { indexToOffset, offsetToIndex } from '@skein/document'
import { type ActorKey, SKEIN, TEXT_NAME } from '@skein/protocol'
import * as Y from 'yjs'
import type { Anchors, Mark } from '../commands/live-documents.ts'
import type { OpenDocument } from './open-document.ts'

export interface TextRange {
  from: number
  to: number
}

/** What is typed at the edges of a range does not come into it; a place without a range holds on to what follows. */
export const anchorsIn = (open: OpenDocument): ((range: TextRange) => Anchors) => {
  const text = open.doc.getText(TEXT_NAME)
  let toIndex: ((offset: number) => number) | undefined
  const encode = (offset: number, side: -1 | 0) => {
    toIndex ??= offsetToIndex(text)
    return Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, toIndex(offset), side))
  }
  return ({ from, to }) => ({
    anchorStart: encode(from, 0),
    anchorEnd: encode(to, from === to ? 0 : -1),
  })
}

/** Where anchored ranges are in the text of this moment; null for one of which nothing is known. */
export const placeAnchors = (open: OpenDocument, anchors: readonly Anchors[]): (TextRange | null)[] => {
  const { doc } = open
  const toOffset = indexToOffset(doc.getText(TEXT_NAME))
  const find = (anchor: Uint8Array): number | null => {
    const index = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(anchor), doc)?.index
    return index === undefined ? null : toOffset(index)
  }
  return anchors.map(({ anchorStart, anchorEnd }) => {
    try {
      const [from, to] = [find(anchorStart), find(anchorEnd)]
      return from === null || to === null ? null : { from, to: Math.max(from, to) }
    } catch {
      // Of an epoch that has ended: Yjs does not know these clients.
      return null
    }
  })
}

/** Ranges of the text of this moment as marks, in the order in which they come. */
export const toMarks = (open: OpenDocument, ranges: readonly TextRange[]): Mark[] => {
  const toAnchors = anchorsIn(open)
  const writers = writersIn(open, ranges)
  return ranges.map((range, n) => ({ ...range, ...toAnchors(range), by: writers[n] ?? [] }))
}

/** Who wrote what stands in each of the ranges, which may overlap and come in any order. */
export const writersIn = (open: OpenDocument, ranges: readonly TextRange[]): ActorKey[][] => {
  const found = ranges.map(() => new Set<ActorKey>())
  const wanted = ranges.map((range, n) => ({ ...range, n })).filter(({ from, to }) => from < to)
  const last = Math.max(0, ...wanted.map(({ to }) => to))
  let offset = 0
  for (let item = open.doc.getText(TEXT_NAME)._start; item !== null && offset < last; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue
    const [start, end] = [offset, offset + item.length]
    offset = end
    const writer = open.facts.owners.get(item.id.client)
    if (writer === undefined || writer === SKEIN) continue
    for (const { from, to, n } of wanted) if (from < end && to > start) found[n]?.add(writer)
  }
  return found.map((writers) => [...writers])
}
