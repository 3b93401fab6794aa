/** Comparing documents whole: what they hold, what was deleted, and what Yjs still waits for. */
import * as Y from 'yjs'
import { documentText } from './epoch.ts'

/** Whether two documents hold the same text, the same structs, the same deletions, and wait for the same. */
export const isSameDocument = (a: Y.Doc, b: Y.Doc): boolean =>
  documentText(a) === documentText(b) && Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b)) && waitsFor(a) === waitsFor(b)

/** What of a document Yjs could not integrate yet, as ranges of clocks, in one order. */
const waitsFor = ({ store: { pendingStructs, pendingDs } }: Y.Doc): string => {
  const structs = new Map<number, [number, number][]>()
  const deletes = new Map<number, [number, number][]>()
  const note = (ranges: Map<number, [number, number][]>, client: number, from: number, length: number) =>
    ranges.set(client, [...(ranges.get(client) ?? []), [from, from + length]])
  for (const update of [pendingStructs?.update, pendingDs]) {
    if (!update) continue
    const decoded = Y.decodeUpdateV2(update)
    for (const struct of decoded.structs)
      if (!(struct instanceof Y.Skip)) note(structs, struct.id.client, struct.id.clock, struct.length)
    for (const [client, items] of decoded.ds.clients)
      for (const { clock, len } of items) note(deletes, client, clock, len)
  }
  return JSON.stringify([joinRanges(structs), joinRanges(deletes)])
}

const joinRanges = (ranges: Map<number, [number, number][]>): [number, [number, number][]][] =>
  [...ranges]
    .sort(([a], [b]) => a - b)
    .map(([client, list]) => {
      const joined: [number, number][] = []
      for (const [from, to] of list.sort(([a], [b]) => a - b)) {
        const last = joined.at(-1)
        if (last && from <= last[1]) last[1] = Math.max(last[1], to)
        else joined.push([from, to])
      }
      return [client, joined]
    })
