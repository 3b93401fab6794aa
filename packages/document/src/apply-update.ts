/**
 * Updates into documents that are kept or replayed, so that what a document holds follows from the set of its updates alone.
 *
 * Yjs parks what builds on updates that have not come, with a note of what it waits for, and looks at it again when something of the note
 * comes. The note lacks things: where an item waits for another one that is parked beside it, only the gap below that one is noted. If part of
 * the gap comes, the item could stand, but Yjs does not look; a document that reads all of it in one go has the item, this one has not, and
 * a state does not give the same document back. So the note is made anew, whole, whenever other things are parked; Yjs does the rest
 * itself, in the same transaction. It costs nothing while nothing is parked, and one reading of what is parked when that changes.
 */
import * as Y from 'yjs'

/** Applies a V1 update, and whatever was parked that can stand with it. @throws when Yjs fails on it; the document is of no use then */
export const applyUpdate = (doc: Y.Doc, update: Uint8Array, origin?: unknown): void =>
  applyWith(Y.applyUpdate, doc, update, origin)

/** As `applyUpdate`, of a V2 update or state. */
export const applyState = (doc: Y.Doc, state: Uint8Array, origin?: unknown): void =>
  applyWith(Y.applyUpdateV2, doc, state, origin)

const applyWith = (apply: typeof Y.applyUpdate, doc: Y.Doc, update: Uint8Array, origin: unknown): void => {
  const { store } = doc
  const before = store.pendingStructs?.update
  apply(doc, update, origin)
  const parked = store.pendingStructs
  if (parked && parked.update !== before) parked.missing = listMissing(store, parked.update)
}

/** For each client the lowest clock of which something waits that nothing else keeps from standing. */
const listMissing = (store: Y.Doc['store'], parked: Uint8Array): Map<number, number> => {
  const missing = new Map<number, number>()
  const note = (client: number, clock: number): void => {
    missing.set(client, Math.min(clock, missing.get(client) ?? clock))
  }
  const seen = new Set<number>()
  for (const struct of Y.decodeUpdateV2(parked).structs) {
    const { client, clock } = struct.id
    const known = Y.getState(store, client)
    // Those after the first one of a client come with it.
    if (struct instanceof Y.Skip || clock + struct.length <= known || seen.has(client)) continue
    seen.add(client)
    if (clock > known) note(client, clock - 1)
    else if (struct instanceof Y.Item) {
      const parent = struct.parent instanceof Y.ID ? struct.parent : null
      for (const on of [struct.origin, struct.rightOrigin, parent]) {
        if (on && on.client !== client && on.clock >= Y.getState(store, on.client)) note(on.client, on.clock)
      }
    }
  }
  return missing
}
