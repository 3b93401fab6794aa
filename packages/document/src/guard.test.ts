import { FILE_TEXT_BYTES_MAX, UPDATE_BYTES_MAX } from '@skein/protocol'
import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { judgeUpdate, type Verdict } from './guard.ts'

const ALICE = 'person:alice'
const BOB = 'person:bob'

const docOf = (clientId: number, text = ''): Y.Doc => {
  const doc = new Y.Doc()
  doc.clientID = clientId
  if (text !== '') doc.getText('text').insert(0, text)
  return doc
}

const copyOf = (doc: Y.Doc, clientId: number): Y.Doc => {
  const copy = docOf(clientId)
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}

/** The update that `change` makes in a copy of the document. */
const updateOf = (doc: Y.Doc, clientId: number, change: (text: Y.Text) => void): Uint8Array => {
  const copy = copyOf(doc, clientId)
  const before = Y.encodeStateVector(copy)
  change(copy.getText('text'))
  return Y.encodeStateAsUpdate(copy, before)
}

const judge = (doc: Y.Doc, update: Uint8Array, owners: Record<number, string> = {}, sender = ALICE): Verdict =>
  judgeUpdate({ doc, update, sender, ownerOf: (client) => owners[client] })

const refused = (reason: string) => ({ outcome: 'refused', reason })

/** One struct as raw bytes: client, clock, and what `write` adds after the info byte. */
const rawUpdate = (
  client: number,
  clock: number,
  info: number,
  write: (e: ReturnType<typeof createEncoder>) => void,
) => {
  const e = createEncoder()
  for (const n of [1, 1, client, clock]) writeVarUint(e, n)
  writeUint8(e, info)
  write(e)
  writeVarUint(e, 0)
  return toUint8Array(e)
}

const LETTER_A = (e: ReturnType<typeof createEncoder>) => {
  writeVarUint(e, 1)
  writeVarString(e, 'text')
  writeVarString(e, 'a')
}

describe('what honest clients send', () => {
  test('a first edit binds its client id, the next ones bind nothing', () => {
    const doc = docOf(1, 'hello')
    const update = updateOf(doc, 7, (text) => text.insert(5, ' you'))
    expect(judge(doc, update, { 1: 'skein' })).toEqual({ outcome: 'accepted', newClients: [7] })
    expect(judge(doc, update, { 1: 'skein', 7: ALICE })).toEqual({ outcome: 'accepted', newClients: [] })
  })

  test('a pure deletion of somebody else’s text names no client id', () => {
    const doc = docOf(1, 'hello')
    const update = updateOf(doc, 7, (text) => text.delete(0, 2))
    expect(judge(doc, update, { 1: 'skein' })).toEqual({ outcome: 'accepted', newClients: [] })
  })

  test('the whole state of a client that knows what we know', () => {
    const doc = docOf(1, 'hello 😀')
    const copy = copyOf(doc, 7)
    copy.getText('text').insert(0, '😀')
    copy.getText('text').delete(3, 2)
    expect(judge(doc, Y.encodeStateAsUpdate(copy), { 1: 'skein', 7: ALICE }).outcome).toBe('accepted')
  })
})

describe('what is refused', () => {
  test('bytes that are no update, or end too early', () => {
    const update = updateOf(docOf(1), 7, (text) => text.insert(0, 'abc'))
    expect(judge(docOf(1), Uint8Array.of(1, 2, 3))).toEqual(refused('malformed'))
    expect(judge(docOf(1), update.slice(0, -2))).toEqual(refused('malformed'))
  })

  test('a count of structs that the bytes do not hold', () => {
    const bomb = Uint8Array.of(1, 0xff, 0xff, 0xff, 0x0f, 1, 0, 0, 1, 0, 0)
    expect(judge(docOf(1), bomb)).toEqual(refused('malformed'))
  })

  test('more than a file at its limit and its overhead', () => {
    const doc = docOf(1)
    const updateWith = (bytes: number) => updateOf(doc, 7, (text) => text.insert(0, 'x'.repeat(bytes)))
    expect(judge(doc, updateWith(FILE_TEXT_BYTES_MAX)).outcome).toBe('accepted')
    expect(judge(doc, updateWith(UPDATE_BYTES_MAX))).toEqual(refused('too-large'))
  })

  test('more text in a document that is longer than any file may be; deletions and what is known go on', () => {
    const doc = docOf(1, 'x'.repeat(FILE_TEXT_BYTES_MAX + 1024 * 1024))
    const insert = updateOf(doc, 7, (text) => text.insert(0, 'y'))
    expect(judge(doc, insert).outcome).toBe('accepted')
    Y.applyUpdate(doc, insert)
    expect(judge(doc, insert, { 7: ALICE }).outcome).toBe('accepted')
    const more = updateOf(doc, 8, (text) => text.insert(0, 'z'))
    expect(judge(doc, more)).toEqual(refused('text-full'))
    const shorter = updateOf(doc, 8, (text) => text.delete(0, 10))
    expect(judge(doc, shorter).outcome).toBe('accepted')
    Y.applyUpdate(doc, shorter)
    expect(judge(doc, more).outcome).toBe('accepted')
  })

  test('client ids and clocks that Yjs cannot write again', () => {
    const bounds = refused('out-of-bounds')
    expect(judge(docOf(1), rawUpdate(2 ** 32, 0, 4, LETTER_A))).toEqual(bounds)
    expect(judge(docOf(1), rawUpdate(7, 2 ** 31, 4, LETTER_A))).toEqual(bounds)
    expect(
      judge(
        docOf(1),
        rawUpdate(7, 0, 0, (e) => writeVarUint(e, 2 ** 31 + 1)),
      ),
    ).toEqual(bounds)
    expect(
      judge(
        docOf(1),
        rawUpdate(7, 0, 0, (e) => writeVarUint(e, 0)),
      ),
    ).toEqual(bounds)
    const withOrigin = (client: number, clock: number) => (e: ReturnType<typeof createEncoder>) => {
      writeVarUint(e, client)
      writeVarUint(e, clock)
      writeVarString(e, 'a')
    }
    expect(judge(docOf(1), rawUpdate(7, 0, 0x84, withOrigin(2 ** 32, 0)))).toEqual(bounds)
    expect(judge(docOf(1), rawUpdate(7, 0, 0x44, withOrigin(1, 2 ** 31)))).toEqual(bounds)
  })

  test('an item that is built on itself, or on what its client wrote later', () => {
    const onItself = (clock: number) => (e: ReturnType<typeof createEncoder>) => {
      writeVarUint(e, 7)
      writeVarUint(e, clock)
      writeVarString(e, 'a')
    }
    for (const info of [0x84, 0x44]) {
      expect(judge(docOf(1), rawUpdate(7, 3, info, onItself(3)))).toEqual(refused('out-of-bounds'))
      expect(judge(docOf(1), rawUpdate(7, 3, info, onItself(2))).outcome).toBe('accepted')
    }
  })

  test('structs we do not know under a client id of somebody else', () => {
    const doc = docOf(1, 'hello')
    const update = updateOf(doc, 7, (text) => text.insert(0, 'x'))
    expect(judge(doc, update, { 7: BOB })).toEqual(refused('foreign-client'))
    const victim = rawUpdate(7, 0, 0, (e) => writeVarUint(e, 100))
    expect(judge(doc, victim, { 7: BOB })).toEqual(refused('foreign-client'))
  })

  test('an edit between the two halves of a character', () => {
    const doc = docOf(1, 'a😀b')
    const cut = refused('split-character')
    expect(
      judge(
        doc,
        updateOf(doc, 7, (text) => text.insert(2, 'x')),
      ),
    ).toEqual(cut)
    expect(
      judge(
        doc,
        updateOf(doc, 7, (text) => text.delete(1, 1)),
      ),
    ).toEqual(cut)
    expect(
      judge(
        doc,
        updateOf(doc, 7, (text) => text.delete(2, 1)),
      ),
    ).toEqual(cut)
    expect(
      judge(
        doc,
        updateOf(doc, 7, (text) => text.delete(1, 2)),
      ).outcome,
    ).toBe('accepted')
  })

  test('sub-documents, and values nested without end', () => {
    const doc = docOf(1)
    const sub = updateOf(doc, 7, (text) => text.doc?.getMap('m').set('sub', new Y.Doc()))
    expect(judge(doc, sub)).toEqual(refused('foreign-content'))
    let deep: unknown[] = []
    for (let i = 0; i < 40; i++) deep = [deep]
    const nested = updateOf(doc, 7, (text) => text.doc?.getMap('m').set('deep', deep))
    expect(judge(doc, nested)).toEqual(refused('foreign-content'))
  })

  test('more parked updates than the bound', () => {
    const doc = docOf(1)
    const ahead = docOf(7)
    ahead.getText('text').insert(0, 'a')
    const known = Y.encodeStateVector(ahead)
    ahead.getText('text').insert(1, 'x'.repeat(200_000))
    const update = Y.encodeStateAsUpdate(ahead, known)
    expect(judge(doc, update).outcome).toBe('accepted')
    Y.applyUpdate(doc, update)
    expect(judge(doc, update)).toEqual(refused('too-many-pending'))
  })

  test('more new client ids than one person can have', () => {
    const crowd = docOf(1)
    for (let client = 100; client < 400; client++) {
      crowd.clientID = client
      crowd.getText('text').insert(0, 'x')
    }
    expect(judge(docOf(1), Y.encodeStateAsUpdate(crowd))).toEqual(refused('too-many-clients'))
  })

  test('more pieces than anybody types: decoding ends there, whatever follows', () => {
    const garbage = new Uint8Array(1_000).fill(0xff)
    const structs = (count: number) => {
      const e = createEncoder()
      for (const n of [1, count, 7, 0]) writeVarUint(e, n)
      for (let i = 0; i < count; i++) {
        writeUint8(e, 0)
        writeVarUint(e, 1)
      }
      return toUint8Array(e)
    }
    const ranges = (count: number) => {
      const e = createEncoder()
      for (const n of [0, 1, 7, count]) writeVarUint(e, n)
      for (let i = 0; i < count; i++) {
        writeVarUint(e, i)
        writeVarUint(e, 1)
      }
      return toUint8Array(e)
    }
    expect(judge(docOf(1), Uint8Array.of(...structs(32_768), 0)).outcome).toBe('accepted')
    expect(judge(docOf(1), ranges(32_767)).outcome).toBe('accepted')
    for (const bytes of [structs(32_769), ranges(32_768)]) {
      expect(judge(docOf(1), Uint8Array.of(...bytes, ...garbage))).toEqual(refused('too-large'))
    }
  })

  test('values that are no text, beyond what a document has', () => {
    const setting = (value: unknown) => updateOf(docOf(1), 7, (text) => text.doc?.getMap('m').set('v', value))
    expect(judge(docOf(1), setting('x'.repeat(60_000))).outcome).toBe('accepted')
    expect(judge(docOf(1), setting('x'.repeat(70_000)))).toEqual(refused('foreign-content'))
    const many = updateOf(docOf(1), 7, (text) => text.doc?.getArray('a').insert(0, new Array(2_000).fill(1)))
    expect(judge(docOf(1), many)).toEqual(refused('foreign-content'))
  })
})
