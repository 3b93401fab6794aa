/**
 * What Yjs has parked in a document: updates that build upon others which have not come yet. They are kept, and shown to nobody before they are
 * integrated.
 */
import * as Y from 'yjs'

export interface Parked {
  structs: Uint8Array | null
  deletes: Uint8Array | null
}

/** Null: nothing, as nearly always. */
export const findParked = ({ store: { pendingStructs, pendingDs } }: Y.Doc): Parked | null =>
  pendingStructs || pendingDs ? { structs: pendingStructs?.update ?? null, deletes: pendingDs } : null

export const isSameParked = (a: Parked | null, b: Parked | null): boolean =>
  a === b || (a !== null && b !== null && isSameBytes(a.structs, b.structs) && isSameBytes(a.deletes, b.deletes))

/** Whether something of an update that was applied is not integrated yet. */
export const isWaiting = ({ store }: Y.Doc, update: Uint8Array): boolean => {
  const { structs, ds } = Y.decodeUpdate(update)
  const isBeyond = (client: number, end: number) => end > Y.getState(store, client)
  return (
    structs.some(
      (struct) => !(struct instanceof Y.Skip) && isBeyond(struct.id.client, struct.id.clock + struct.length),
    ) || ds.clients.entries().some(([client, ranges]) => ranges.some(({ clock, len }) => isBeyond(client, clock + len)))
  )
}

const isSameBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0)

/**
 * What the document holds, without what Yjs has parked in it: those who got that would send it back as their own, under client ids that are
 * not theirs. They get it when it is integrated.
 */
export const encodeIntegrated = (doc: Y.Doc, stateVector: Uint8Array): Uint8Array => {
  const { store } = doc
  const { pendingStructs, pendingDs } = store
  store.pendingStructs = null
  store.pendingDs = null
  try {
    return Y.encodeStateAsUpdate(doc, stateVector)
  } finally {
    store.pendingStructs = pendingStructs
    store.pendingDs = pendingDs
  }
}
