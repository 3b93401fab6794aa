/** Mutated updates: whatever the guard lets through never crashes, and never leaves a document that cannot be read again. */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { judgeUpdate } from './guard.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 20_26)
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 40)
const MUTANTS_PER_ROUND = 250

/** mulberry32: small, seeded, good enough to pick bytes. */
const randomFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const random = randomFrom(SEED)
const below = (n: number) => Math.floor(random() * n)

/** Updates of a few clients who type, delete, format and set, with emoji; as single updates and as whole states. */
const collectUpdates = (): Uint8Array[] => {
  const updates: Uint8Array[] = []
  const docs = [11, 2 ** 31 + 5, 2 ** 32 - 1].map((clientId) => {
    const doc = new Y.Doc()
    doc.clientID = clientId
    doc.on('update', (update: Uint8Array) => updates.push(update))
    return doc
  })
  for (let step = 0; step < 30; step++) {
    const doc = docs[below(docs.length)] as Y.Doc
    const text = doc.getText('text')
    const at = below(text.length + 1)
    const choice = below(6)
    if (choice < 3) text.insert(at, ['a', 'word ', '😀\n'][choice] as string)
    else if (choice === 3 && text.length > at) text.delete(at, Math.min(3, text.length - at))
    else if (choice === 4) doc.getMap('skein').set('k', { n: below(9), list: [1, [2]] })
    else Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[below(docs.length)] as Y.Doc))
  }
  return [...updates, ...docs.map((doc) => Y.encodeStateAsUpdate(doc))]
}

const mutate = (update: Uint8Array): Uint8Array => {
  const bytes = [...update]
  for (let n = 1 + below(4); n > 0; n--) {
    const at = below(bytes.length)
    const choice = below(5)
    if (choice === 0) bytes[at] = below(256)
    else if (choice === 1) bytes[at] = (bytes[at] as number) ^ (1 << below(8))
    else if (choice === 2) bytes.splice(at, 1 + below(3))
    else if (choice === 3) bytes.splice(at, 0, 0xff, 0xff, 0xff, below(256))
    else bytes.splice(at, 0, ...bytes.slice(below(bytes.length), below(bytes.length)))
  }
  return Uint8Array.from(bytes)
}

test(`no mutated update that is accepted harms the document (seed ${SEED})`, () => {
  const counts = { accepted: 0, refused: 0, threw: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const updates = collectUpdates()
    const log: Uint8Array[] = []
    let doc = new Y.Doc()
    const rebuild = () => {
      doc = new Y.Doc()
      for (const update of log) Y.applyUpdate(doc, update)
    }
    for (let i = 0; i < MUTANTS_PER_ROUND; i++) {
      const source = updates[below(updates.length)] as Uint8Array
      const update = below(4) === 0 ? source : mutate(source)
      const verdict = judgeUpdate({ doc, update, sender: 'x', ownerOf: () => undefined })
      counts[verdict.outcome]++
      if (verdict.outcome === 'refused') continue
      try {
        Y.applyUpdate(doc, update)
        log.push(update)
      } catch {
        // What the server does: nothing of it is logged, and the document is built anew from the log.
        counts.threw++
        rebuild()
      }
    }
    const state = Y.encodeStateAsUpdateV2(doc)
    const reloaded = new Y.Doc()
    Y.applyUpdateV2(reloaded, state)
    // With contradictory updates parked, only the log tells the one true text; the state must be readable all the same.
    expect(reloaded.getText('text').toString()).toBeTypeOf('string')
    const text = doc.getText('text').toString()
    rebuild()
    expect(doc.getText('text').toString()).toBe(text)
  }
  // The run did something: both verdicts came often.
  expect(counts.accepted).toBeGreaterThan(ROUNDS * 20)
  expect(counts.refused).toBeGreaterThan(ROUNDS * 20)
})
