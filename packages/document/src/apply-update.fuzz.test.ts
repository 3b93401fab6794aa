/** Honest updates, a fifth of them lost, the others in any order and now and then merged: what a document holds follows from their set alone. */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { applyState, applyUpdate } from './apply-update.ts'
import { isSameDocument } from './same-document.ts'

const FIRST = Number(process.env.FUZZ_SEED ?? 1)
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 150)
const STEPS = 40

/** mulberry32: small, seeded, good enough to pick edits. */
const randomFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

/** What of three people's edits comes, in the order in which it comes. */
const collectUpdates = (seed: number): Uint8Array[] => {
  const random = randomFrom(seed)
  const below = (n: number) => Math.floor(random() * n)
  const updates: Uint8Array[] = []
  const docs = [100, 200, 300].map((clientId) => {
    const doc = new Y.Doc()
    doc.clientID = clientId
    doc.on('update', (update: Uint8Array, origin: unknown) => origin !== 'sync' && updates.push(update))
    return doc
  })
  for (let step = 0; step < STEPS; step++) {
    const doc = docs[below(3)] as Y.Doc
    const text = doc.getText('text')
    const at = below(text.length + 1)
    const choice = below(6)
    if (choice < 3) text.insert(at, 'ab'.repeat(1 + below(2)))
    else if (choice === 3) text.delete(at, Math.min(1 + below(3), text.length - at))
    else Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[below(3)] as Y.Doc), 'sync')
  }
  const left = updates.filter(() => below(5) > 0)
  const shuffled: Uint8Array[] = []
  while (left.length > 0) shuffled.push(...left.splice(below(left.length), 1))
  const sent: Uint8Array[] = []
  while (shuffled.length > 0) sent.push(Y.mergeUpdates(shuffled.splice(0, 1 + below(3))))
  return sent
}

const docOf = (updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc()
  for (const update of updates) applyUpdate(doc, update)
  return doc
}

test(`one by one, in another order, in one go, and after a restart it is the same document (from seed ${FIRST})`, () => {
  let parkedOften = 0
  for (let seed = FIRST; seed < FIRST + ROUNDS; seed++) {
    const updates = collectUpdates(seed)
    const doc = new Y.Doc()
    for (const update of updates) {
      applyUpdate(doc, update)
      if (!doc.store.pendingStructs) continue
      parkedOften++
      const again = new Y.Doc()
      applyState(again, Y.encodeStateAsUpdateV2(doc))
      expect(isSameDocument(doc, again), `seed ${seed}, from its state`).toBe(true)
    }
    expect(isSameDocument(doc, docOf(updates.toReversed())), `seed ${seed}, in another order`).toBe(true)
    expect(isSameDocument(doc, docOf([Y.mergeUpdates(updates)])), `seed ${seed}, in one go`).toBe(true)
  }
  expect(parkedOften).toBeGreaterThan(ROUNDS)
})
