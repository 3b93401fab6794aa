/** Items that stand elsewhere than they say; each of these let memory and rows part before they were refused. */
import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { applyUpdate } from './apply-update.ts'
import { judgeUpdate } from './guard.ts'

type Id = [client: number, clock: number]

/** Items of one client, each with its neighbours and its text. */
const updateOf = (
  client: number,
  clock: number,
  items: readonly { left: Id; right: Id; text: string }[],
): Uint8Array => {
  const e = createEncoder()
  for (const n of [1, items.length, client, clock]) writeVarUint(e, n)
  for (const { left, right, text } of items) {
    writeUint8(e, 0xc4)
    for (const n of [...left, ...right]) writeVarUint(e, n)
    writeVarString(e, text)
  }
  writeVarUint(e, 0)
  return toUint8Array(e)
}

const docOf = (clientId: number, text: string): Y.Doc => {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.getText('text').insert(0, text)
  return doc
}

const judge = (doc: Y.Doc, update: Uint8Array) => judgeUpdate({ doc, update, sender: 'a', ownerOf: () => undefined })
const CONTRADICTORY = { outcome: 'refused', reason: 'contradictory' }

describe('refused', () => {
  test('the right neighbour stands before the left one, in one item', () => {
    const doc = docOf(1, 'word')
    expect(judge(doc, updateOf(7, 0, [{ left: [1, 3], right: [1, 0], text: 'x' }]))).toEqual(CONTRADICTORY)
    expect(judge(doc, updateOf(7, 0, [{ left: [1, 2], right: [1, 2], text: 'x' }]))).toEqual(CONTRADICTORY)
  })

  test('in two items', () => {
    const doc = docOf(1, 'abc')
    Y.applyUpdate(doc, updateOf(2, 0, [{ left: [1, 0], right: [1, 1], text: 'x' }]))
    expect(judge(doc, updateOf(7, 0, [{ left: [1, 2], right: [2, 0], text: 'y' }]))).toEqual(CONTRADICTORY)
    expect(judge(doc, updateOf(7, 0, [{ left: [1, 0], right: [2, 0], text: 'y' }])).outcome).toBe('accepted')
  })

  test('of an item whose beginning is known, the rest', () => {
    const doc = docOf(7, 'word')
    const known = judge(doc, updateOf(7, 2, [{ left: [7, 0], right: [7, 1], text: 'rdrd' }]))
    expect(known).toEqual(CONTRADICTORY)
  })

  test('among the items of the update itself, which only a trial tells', () => {
    const doc = docOf(1, 'ab')
    const items = [
      { left: [1, 0] as Id, right: [1, 1] as Id, text: 'x' },
      { left: [1, 0] as Id, right: [7, 0] as Id, text: 'y' },
      { left: [7, 0] as Id, right: [7, 1] as Id, text: 'z' },
    ]
    expect(judge(doc, updateOf(7, 0, items))).toEqual(CONTRADICTORY)
    expect(judge(doc, updateOf(7, 0, items.slice(0, 2))).outcome).toBe('accepted')
  })

  test('what waited in Yjs for that', () => {
    const doc = docOf(1, 'ab')
    const [first, second] = [
      updateOf(7, 0, [{ left: [1, 0], right: [1, 1], text: 'x' }]),
      updateOf(8, 0, [{ left: [7, 0], right: [1, 0], text: 'y' }]),
    ]
    expect(judge(doc, second).outcome).toBe('accepted')
    Y.applyUpdate(doc, second)
    expect(judge(doc, first)).toEqual(CONTRADICTORY)
  })
})

/** Structs that were copied to find out. */
const effortOf = (doc: Y.Doc, update: Uint8Array): number => {
  const verdict = judge(doc, update)
  if (verdict.outcome !== 'accepted') throw new Error(verdict.reason)
  return verdict.effort ?? 0
}

test('what waits in Yjs makes nobody’s typing cost more, only what it waits for', () => {
  const doc = docOf(1, 'ab')
  // The beginning of client 7 never comes, nor what client 9 is built on, at first.
  applyUpdate(doc, updateOf(7, 5, [{ left: [7, 4], right: [1, 1], text: 'x' }]))
  applyUpdate(doc, updateOf(9, 0, [{ left: [8, 1], right: [1, 1], text: 'y' }]))
  expect(doc.store.pendingStructs).not.toBeNull()
  const key = updateOf(6, 0, [{ left: [1, 0], right: [1, 1], text: 'key' }])
  expect(effortOf(doc, key)).toBe(0)
  applyUpdate(doc, key)
  const early = updateOf(8, 0, [{ left: [1, 0], right: [6, 0], text: 'a' }])
  expect(effortOf(doc, early)).toBe(0)
  applyUpdate(doc, early)
  const awaited = updateOf(8, 1, [{ left: [8, 0], right: [6, 0], text: 'b' }])
  expect(effortOf(doc, awaited)).toBeGreaterThan(0)
  applyUpdate(doc, awaited)
  expect(doc.getText('text').toString()).toBe('aabykeyb')
  expect(effortOf(doc, updateOf(6, 3, [{ left: [6, 2], right: [1, 1], text: 's' }]))).toBe(0)
})

describe('accepted', () => {
  test('whatever several people write, undo and redo at once, in any order, on top of one another', () => {
    let seed = 7
    const below = (n: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
      return seed % n
    }
    for (let round = 0; round < 60; round++) {
      const server = docOf(1, 'some words to begin with')
      const people = [2, 3, 4].map((clientId) => {
        const doc = new Y.Doc()
        doc.clientID = clientId
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(server))
        return doc
      })
      const undos = people.map((doc) => new Y.UndoManager(doc.getText('text'), { captureTimeout: 0 }))
      for (let step = 0; step < 60; step++) {
        const person = below(3)
        const doc = people[person] as Y.Doc
        const text = doc.getText('text')
        const at = below(text.length + 1)
        const choice = below(5)
        if (choice === 3) undos[person]?.undo()
        else if (choice === 4) undos[person]?.redo()
        else if (choice > 0) text.insert(at, 'xy'.repeat(1 + below(3)))
        else text.delete(at, Math.min(below(4), text.length - at))
        if (below(12) > 0) continue
        // They were away for a while, and come back with all of it at once.
        const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server))
        expect(judge(server, update).outcome).toBe('accepted')
        Y.applyUpdate(server, update)
        if (below(2) === 0) Y.applyUpdate(doc, Y.encodeStateAsUpdate(server))
      }
    }
  })

  test('what somebody writes between their own words and those that came to the same place meanwhile', () => {
    const server = docOf(1, 'ab')
    const [mine, theirs] = [docOf(2, ''), docOf(3, '')]
    for (const doc of [mine, theirs]) Y.applyUpdate(doc, Y.encodeStateAsUpdate(server))
    mine.getText('text').insert(1, 'mine')
    theirs.getText('text').insert(1, 'theirs')
    Y.applyUpdate(mine, Y.encodeStateAsUpdate(theirs))
    Y.applyUpdate(server, Y.encodeStateAsUpdate(theirs))
    mine.getText('text').insert(mine.getText('text').toString().indexOf('theirs'), '!')
    const verdict = judge(server, Y.encodeStateAsUpdate(mine, Y.encodeStateVector(server)))
    expect(verdict).toMatchObject({ outcome: 'accepted', effort: expect.any(Number) })
  })

  test('a day of edits all over a text, brought at once', () => {
    const doc = docOf(2, 'some words '.repeat(100))
    const server = docOf(1, '')
    Y.applyUpdate(server, Y.encodeStateAsUpdate(doc))
    const known = Y.encodeStateVector(doc)
    const text = doc.getText('text')
    for (let i = 0; i < 6_000; i++) {
      const at = (i * 7_919) % text.length
      if (i % 4 > 0) text.insert(at, 'word ')
      else text.delete(at, 2)
    }
    const update = Y.encodeStateAsUpdate(doc, known)
    expect(judge(server, update).outcome).toBe('accepted')
  })

  test('typing alone is never tried on a copy', () => {
    const [server, late] = [docOf(1, 'text'), docOf(1, 'text')]
    const doc = docOf(2, '')
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(server))
    const text = doc.getText('text')
    for (const [i, letter] of [...'hello there'].entries()) {
      const before = Y.encodeStateVector(doc)
      text.insert(2 + i, letter)
      if (i % 4 === 3) text.delete(3, 1)
      const update = Y.encodeStateAsUpdate(doc, before)
      expect(judge(server, update)).not.toHaveProperty('effort')
      Y.applyUpdate(server, update)
    }
    const all = judge(late, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(late)))
    expect(all).not.toHaveProperty('effort')
  })
})
