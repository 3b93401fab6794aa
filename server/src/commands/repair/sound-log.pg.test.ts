/** Logs that are strange and sound: what a compaction or a repair must not take for damage. */
import { documentText, judgeUpdate } from '@skein/document'
import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { keepCompact } from '../history/keep-compact.ts'
import { createLogWorld, openStored, type Typist } from '../history/testing/log-world.ts'
import { repairDocument } from './repair-document.ts'

const world = await createLogWorld()
const { db, ask } = world

const textOf = async ({ document }: Typist): Promise<string> => documentText(await openStored(world, document))
const listAside = ({ document }: Typist) =>
  ask('select kind, seq from document_quarantine where document_id = $1', [document])

/** Updates of three words by one client, and what another one wrote behind the first. */
const writeWords = (): { words: [Uint8Array, Uint8Array, Uint8Array]; behind: Uint8Array } => {
  const [a, b] = [new Y.Doc(), new Y.Doc()]
  a.clientID = 100
  b.clientID = 200
  const words: Uint8Array[] = []
  a.on('update', (update: Uint8Array) => words.push(update))
  for (const word of ['one', 'two', 'six']) a.getText('text').insert(a.getText('text').length, word)
  Y.applyUpdate(b, words[0] as Uint8Array)
  const known = Y.encodeStateVector(b)
  b.getText('text').insert(3, 'B')
  return { words: words as [Uint8Array, Uint8Array, Uint8Array], behind: Y.encodeStateAsUpdate(b, known) }
}

test('QR1, DL8: of a log of which something is parked nothing is set aside, and the state has what it can have', async () => {
  const typist = await world.add('text')
  await typist.append((text) => text.insert(0, 'before '))
  const { words, behind } = writeWords()
  // Two things that wait, one of them only for the first word; then that word, and somebody's typing in the same row.
  const late = Y.mergeUpdates([words[2], behind])
  for (const update of [late, words[0]]) {
    const judged = judgeUpdate({ doc: typist.doc, update, sender: 'm', ownerOf: (id) => (id < 300 ? 'm' : 'other') })
    expect(judged.outcome).toBe('accepted')
  }
  await typist.appendRaw([late])
  const typed: Uint8Array[] = []
  typist.doc.on('update', (update: Uint8Array) => typed.push(update))
  typist.doc.getText('text').insert(0, 'precious ')
  await typist.appendRaw([words[0], ...typed])
  await typist.append((text) => text.insert(0, 'after '))
  const before = await textOf(typist)
  expect(before).toContain('after precious before text')
  expect(before).toContain('oneB')
  expect(await keepCompact(db, typist.document)).toMatchObject({ outcome: 'compacted', rows: 4, repair: null })
  expect(await textOf(typist)).toBe(before)
  await typist.appendRaw([words[1]])
  expect(await textOf(typist)).toContain('onetwosixB')
  expect(await listAside(typist)).toEqual([])
})

test('QR1, DL8: a document whose state would not give it back is left as it is: its compaction waits, and nothing is repaired', async () => {
  const typist = await world.add('text')
  await typist.type(6)
  // Something that begins in what is known of its client, and names a neighbour whom nobody knows: no client writes that.
  const e = createEncoder()
  for (const n of [1, 1, typist.doc.clientID, 1]) writeVarUint(e, n)
  writeUint8(e, 0x84)
  for (const n of [9, 0]) writeVarUint(e, n)
  writeVarString(e, 'x'.repeat(40))
  writeVarUint(e, 0)
  await typist.appendRaw([toUint8Array(e)])
  const before = await textOf(typist)
  expect(await keepCompact(db, typist.document)).toEqual({ outcome: 'postponed', rows: 0, repair: null })
  expect(await repairDocument(db, typist.document, { isDeep: true })).toMatchObject({ result: 'sound', findings: [] })
  expect(await textOf(typist)).toBe(before)
  expect(await ask('select seq from document_update where document_id = $1', [typist.document])).toHaveLength(7)
})
