/**
 * What an empty client gets of a document, ready to be sent: the whole of it in Yjs' first encoding, which is the one on the wire, and its state
 * vector. A server that keeps it need not build the document before it answers.
 */
import { createDecoder, readTailAsUint8Array, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint8Array } from 'lib0/encoding'
import * as Y from 'yjs'
import { isSameDocument } from './same-document.ts'

export interface Opening {
  stateVector: Uint8Array
  /** V1. */
  update: Uint8Array
}

/** Null when Yjs waits for updates, for clients do not get what is parked; and when the bytes would not give the same document back. */
export const encodeOpening = (doc: Y.Doc): Uint8Array | null => {
  if (doc.store.pendingStructs || doc.store.pendingDs) return null
  const update = Y.encodeStateAsUpdate(doc)
  const copy = new Y.Doc()
  Y.applyUpdate(copy, update)
  const isSame = isSameDocument(doc, copy)
  copy.destroy()
  if (!isSame) return null
  const encoder = createEncoder()
  writeVarUint8Array(encoder, Y.encodeStateVector(doc))
  writeUint8Array(encoder, update)
  return toUint8Array(encoder)
}

/** The parts are views of `bytes`. */
export const decodeOpening = (bytes: Uint8Array): Opening => {
  const decoder = createDecoder(bytes)
  const stateVector = readVarUint8Array(decoder)
  return { stateVector, update: readTailAsUint8Array(decoder) }
}
