/** Long documents that are opened from bytes kept for it: what leaves before the document is built, and what builds it. */
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import * as Y from 'yjs'
import { compactDocument } from '../commands/history/compact-document.ts'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { startCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const server = await startCollab(database)
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const rae = await addPerson(ask, project, 'Rae', 'viewer')
afterAll(() => server.stop())

const LONG = Array.from({ length: 5_000 }, (_, n) => `line ${n} of a text that says ${Math.sin(n)}\n`).join('')
const open = (document: DocumentId, doc = new Y.Doc(), { token } = ana) =>
  openDocument({ url: server.url, token, document, doc })
const untilClosed = () =>
  until(async () => (await server.metrics.render()).text.includes('skein_collab_open_documents 0\n'), 'nothing is open')

/** A long document with a history, compacted and out of memory; and a replica that was there. */
const addLong = async (): Promise<{ document: DocumentId; text: string; replica: Y.Doc }> => {
  const document = await addDocument(ask, project, LONG)
  const client = open(document)
  await untilSaved(client)
  for (const letter of 'abc') client.text.insert(3, letter)
  await untilSaved(client)
  const text = client.text.toString()
  client.destroy()
  await untilClosed()
  expect(await compactDocument(database, document)).toMatchObject({ outcome: 'compacted' })
  const [row] = await ask<{ bytes: number }>(
    'select octet_length(opening) as bytes from document_state where document_id = $1',
    [document],
  )
  expect(row?.bytes).toBeGreaterThan(LONG.length)
  return { document, text, replica: client.provider.document }
}

test('DL15: who comes empty gets all of it, is told that all is saved, and goes on to type', async () => {
  const { document, text } = await addLong()
  const [editor, reader] = [open(document), open(document, new Y.Doc(), rae)]
  await untilSaved(editor, reader)
  expect([editor.text.toString(), reader.text.toString()]).toEqual([text, text])
  editor.text.insert(0, 'x')
  await untilSaved(editor)
  await until(() => reader.text.toString() === `x${text}`, 'the reader sees it')
  expect((await readTruth(ask, document)).text).toBe(`x${text}`)
  for (const client of [editor, reader]) client.destroy()
  await untilClosed()
})

test('DL15: who comes with something of it gets the rest, and brings what is missing', async () => {
  const { document, text, replica } = await addLong()
  replica.getText('text').insert(0, 'offline ')
  const [empty, back] = [open(document), open(document, replica)]
  await untilSaved(empty, back)
  await until(() => empty.text.toString() === `offline ${text}`, 'everybody has it')
  expect((await readTruth(ask, document)).text).toBe(`offline ${text}`)
  for (const client of [empty, back]) client.destroy()
  await untilClosed()
})

test('DL15: with rows after the state, or with damaged bytes, it is built before anybody gets it', async () => {
  const { document, text } = await addLong()
  await ask('update document_state set opening = set_byte(opening, 900, 0) where document_id = $1', [document])
  const first = open(document)
  await untilSaved(first)
  expect(first.text.toString()).toBe(text)
  first.text.insert(0, 'y')
  await untilSaved(first)
  first.destroy()
  await untilClosed()
  const second = open(document)
  await untilSaved(second)
  expect(second.text.toString()).toBe(`y${text}`)
  second.destroy()
  await untilClosed()
})

test('DL15, QR6: bytes that are whole, and that Yjs cannot read, keep nobody out for longer than one try', async () => {
  const { document, text } = await addLong()
  await ask(
    `update document_state set opening = o, opening_checksum = crc32c(o)
     from (select '\\x0100ffffffff'::bytea as o) broken where document_id = $1`,
    [document],
  )
  const client = open(document)
  await until(() => client.text.toString() === text, 'it is there')
  client.destroy()
  await untilClosed()
})

test('DL15: a program that reads or writes it first gets it whole', async () => {
  const { document, text } = await addLong()
  await ask(`update document_state set text = 'old', text_seq = 0 where document_id = $1`, [document])
  expect((await server.collab.liveDocuments.read([document])).get(document)?.text).toBe(text)
  await untilClosed()
})
