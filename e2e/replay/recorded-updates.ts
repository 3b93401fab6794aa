/**
 * A recorded session as the Yjs updates of its authors. A session of one author becomes as many updates as one likes; of two authors each
 * one types into a document of their own that holds exactly the transactions which the recording says they saw, so that every conflict is there
 * again when the updates meet on a server.
 */
import * as Y from 'yjs'
import type { Trace, Transaction } from './trace.ts'

export interface RecordedUpdate {
  author: number
  update: Uint8Array
  /** State vector that the author had before: whoever plays the update must hold that much. */
  after: ReadonlyMap<number, number>
}

const TEXT = 'text'

const type = (doc: Y.Doc, txns: readonly Transaction[]): void => {
  const text = doc.getText(TEXT)
  doc.transact(() => {
    for (const { patches } of txns) {
      for (const [at, removed, inserted] of patches) {
        if (removed > 0) text.delete(at, removed)
        if (inserted !== '') text.insert(at, inserted)
      }
    }
  })
}

/** The session of one author, shared out among `authors` in turn; each sees what all before have written. */
export function recordInTurn({ txns }: Trace, updatesMax: number, authors: number): RecordedUpdate[] {
  const together = Math.ceil(txns.length / updatesMax)
  const clients = Array.from({ length: authors }, (_, author) => author + 1)
  const doc = new Y.Doc()
  return Array.from({ length: Math.ceil(txns.length / together) }, (_, turn) => {
    const author = turn % authors
    doc.clientID = clients[author] as number
    const after = Y.decodeStateVector(Y.encodeStateVector(doc))
    const typed = txns.slice(turn * together, (turn + 1) * together)
    return { author, update: updateOf(doc, () => type(doc, typed)), after }
  })
}

/** A session of two authors, a transaction an update, with its concurrency. */
export function recordAtOnce({ txns }: Trace): RecordedUpdate[] {
  const docs = new Map<number, { doc: Y.Doc; seen: number }>()
  const recorded: RecordedUpdate[] = []
  for (const txn of txns) {
    const author = txn.agent ?? 0
    const own = docs.get(author) ?? { doc: newDoc(author), seen: -1 }
    docs.set(author, own)
    // What an author has seen never shrinks, so a parent by the other one tells that everything of theirs before it was seen.
    const seen = Math.max(own.seen, ...(txn.parents ?? []).filter((parent) => recorded[parent]?.author !== author))
    for (const other of recorded.slice(own.seen + 1, seen + 1)) {
      if (other.author !== author) Y.applyUpdate(own.doc, other.update)
    }
    own.seen = seen
    const after = Y.decodeStateVector(Y.encodeStateVector(own.doc))
    recorded.push({ author, update: updateOf(own.doc, () => type(own.doc, [txn])), after })
  }
  return recorded
}

const newDoc = (author: number): Y.Doc => {
  const doc = new Y.Doc()
  doc.clientID = author + 1
  return doc
}

function updateOf(doc: Y.Doc, change: () => void): Uint8Array {
  let made: Uint8Array | undefined
  const keep = (update: Uint8Array) => {
    made = update
  }
  doc.on('update', keep)
  change()
  doc.off('update', keep)
  if (!made) throw new Error('A recorded transaction changes nothing')
  return made
}
