/** Documents whose stored bytes have rotted, opened by people: QR rules of ../commands/history/SPEC.md. */
import { createTestDatabase } from '@skein/db/testing'
import { encodeUpdateFrames } from '@skein/document'
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
afterAll(() => server.stop())

const open = (document: DocumentId, doc = new Y.Doc()) =>
  openDocument({ url: server.url, token: ana.token, document, doc })
const untilClosed = () =>
  until(async () => (await server.metrics.render()).text.includes('skein_collab_open_documents 0\n'), 'nothing is open')

/** Types letters in rows of their own, and leaves; returns the device's replica. */
const write = async (document: DocumentId, letters: string): Promise<Y.Doc> => {
  const client = open(document)
  await untilSaved(client)
  for (const letter of letters) {
    client.text.insert(client.text.length, letter)
    await untilSaved(client)
  }
  client.destroy()
  await untilClosed()
  return client.provider.document
}

test('QR2, QR7: a document with a damaged row opens, and the device that has the edit brings it back; others do not notice', async () => {
  const [bad, good] = [await addDocument(ask, project, 'bad '), await addDocument(ask, project, 'good ')]
  const device = await write(bad, 'abcdef')
  await write(good, 'abc')
  await ask('update document_update set payload = set_byte(payload, 20, 7) where document_id = $1 and seq = 3', [bad])
  const stranger = open(bad)
  await untilSaved(stranger)
  expect(stranger.text.toString()).toBe('bad ab')
  const other = open(good)
  await untilSaved(other)
  expect(other.text.toString()).toBe('good abc')
  const back = open(bad, device)
  await untilSaved(back)
  await until(() => stranger.text.toString() === 'bad abcdef', 'everybody has it again')
  expect((await readTruth(ask, bad)).text).toBe('bad abcdef')
  for (const client of [stranger, other, back]) client.destroy()
  await untilClosed()
})

test('MN2, QR2: a row that is missing while the document is open is noticed: nobody waits for it, and it is not in the way of others', async () => {
  const document = await addDocument(ask, project, '')
  const client = open(document)
  await untilSaved(client)
  client.text.insert(0, 'one ')
  await untilSaved(client)
  const elsewhere = new Y.Doc()
  elsewhere.getText('text').insert(0, 'two ')
  const row = encodeUpdateFrames([{ actor: ana.actor, update: Y.encodeStateAsUpdate(elsewhere) }])
  // Of two rows of another node only the second one is there.
  await ask(
    `with moved as (update document set head = head + 2 where id = $1 returning id, head, workspace_id)
     insert into document_update (document_id, seq, workspace_id, payload, checksum)
     select id, head, workspace_id, $2, crc32c($2) from moved`,
    [document, Buffer.from(row)],
  )
  client.text.insert(0, 'mine ')
  await untilSaved(client)
  // QR8: who reads while the repaired document is read anew is told to try again.
  const read = async () => (await server.collab.liveDocuments.read([document])).get(document)?.text
  let text: string | undefined
  const isRead = async () => {
    text = await read().catch(() => undefined)
    return text !== undefined
  }
  await until(isRead, 'it is read')
  for (const part of ['one ', 'two ', 'mine ']) expect(text).toContain(part)
  expect((await readTruth(ask, document)).text).toBe(text)
  await until(() => client.text.toString() === text, 'whoever has it open sees it')
  client.destroy()
  await untilClosed()
  expect(
    await ask(`select seq from document_quarantine where document_id = $1 and kind = 'update'`, [document]),
  ).toEqual([{ seq: '2' }])
})

test('QR3: a document with a damaged state opens as if nothing had been', async () => {
  const document = await addDocument(ask, project, 'text ')
  await write(document, 'abc')
  await compactDocument(database, document)
  await ask('update document_state set state = set_byte(state, 9, 200) where document_id = $1', [document])
  const client = open(document)
  await untilSaved(client)
  expect(client.text.toString()).toBe('text abc')
  client.destroy()
  await untilClosed()
})

test('QR2, QR6: bytes that were written so, and on which Yjs fails, keep nobody out for longer than one try', async () => {
  const document = await addDocument(ask, project, 'text ')
  await write(document, 'ab')
  await ask(
    `update document_update set payload = p, checksum = crc32c(p)
     from (select '\\x01056162636465000701010505c80000'::bytea as p) poison where document_id = $1 and seq = 2`,
    [document],
  )
  const client = open(document)
  await until(() => client.text.toString() === 'text a', 'it opens without what Yjs cannot read')
  client.destroy()
  await untilClosed()
  expect(
    await ask(`select seq from document_quarantine where document_id = $1 and kind = 'update'`, [document]),
  ).toEqual([{ seq: '2' }])
})
