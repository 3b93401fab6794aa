/** Reading and editing live documents from inside the server. */

import { createTestDatabase } from '@skein/db/testing'
import { partsToRevision, revisionToParts } from '@skein/document'
import { type DocumentId, SKEIN } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { HUNKS_AT_ONCE } from '../commands/content/hunk-finder.ts'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { CollabNode } from './collab-node.ts'
import { JournalKeeper } from './journal-keeper.ts'
import { LiveTexts } from './live-texts.ts'
import { createPostgresDocumentStore } from './postgres-document-store.ts'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { HeldCommits } from './testing/held-commits.ts'
import { startCollab } from './testing/server.ts'
import { editAsServer } from './testing/server-edit.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const commits = new HeldCommits()
const server = await startCollab(database, { beforeCommit: commits.beforeCommit })
const live = server.collab.liveDocuments
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
afterAll(() => server.stop())

const read = async (document: DocumentId) => {
  const text = (await live.read([document])).get(document)
  if (!text) throw new Error('The document is not there')
  return text
}
const open = (document: DocumentId) => openDocument({ url: server.url, token: ana.token, document })

test('a document that was never opened is read without being loaded; missing ones are absent', async () => {
  const documents = await Promise.all(['one', 'two'].map((text) => addDocument(ask, project, text)))
  const missing = '0199a6ab-0000-7000-8000-000000000001' as DocumentId
  const texts = await live.read([...documents, missing])
  expect(documents.map((document) => texts.get(document)?.text)).toEqual(['one', 'two'])
  expect(texts.has(missing)).toBe(false)
  const states = await ask('select 1 from document_state where document_id = any($1) and state is not null', [
    documents,
  ])
  expect(states).toEqual([])
})

test('DL4: an edit of the server returns after its commit, and everybody sees it', async () => {
  const document = await addDocument(ask, project, 'hello world')
  const client = open(document)
  await untilSaved(client)
  const before = await read(document)
  commits.hold()
  let isDone = false
  const edit = editAsServer(live, document, SKEIN, before.revision, [
    { at: 0, remove: 5, insert: 'goodbye' },
    { at: 11, remove: 0, insert: '!' },
  ])
  void edit.then(() => {
    isDone = true
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(isDone).toBe(false)
  expect(client.text.toString()).toBe('hello world')
  commits.release()
  const outcome = await edit
  expect(outcome).toMatchObject({ outcome: 'written', current: { text: 'goodbye world!' } })
  expect((await readTruth(ask, document)).text).toBe('goodbye world!')
  await until(() => client.text.toString() === 'goodbye world!', 'the client sees it')
  expect(await read(document)).toEqual(outcome.current)
  client.destroy()
})

test('AE6: an edit of a text that has moved on is merged; one of a text that is not known is told what it is now', async () => {
  const document = await addDocument(ask, project, 'a')
  const { revision } = await read(document)
  const first = await editAsServer(live, document, SKEIN, revision, [{ at: 1, remove: 0, insert: '\nb' }])
  const second = await editAsServer(live, document, SKEIN, revision, [{ at: 1, remove: 0, insert: '\nc' }])
  expect(second).toMatchObject({ outcome: 'written', current: { text: 'a\nb\nc' } })
  expect(first.current.text).toBe('a\nb')
  const parts = revisionToParts(revision)
  if (!parts) throw new Error(revision)
  const stale = { outcome: 'stale', current: second.current }
  expect(await editAsServer(live, document, SKEIN, partsToRevision({ ...parts, epoch: 7 }), [])).toEqual(stale)
  expect((await readTruth(ask, document)).text).toBe('a\nb\nc')
})

test('a revision names a committed text, also while somebody types', async () => {
  const document = await addDocument(ask, project, '')
  const client = open(document)
  await untilSaved(client)
  commits.hold()
  client.text.insert(0, 'not yet')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const reading = read(document)
  const editing = editAsServer(live, document, SKEIN, partsToRevision({ document, epoch: 1, seq: 0 }), [])
  commits.release()
  const text = await reading
  expect(text.text).toBe('not yet')
  expect(revisionToParts(text.revision)?.seq).toBe(1)
  expect(await editing).toMatchObject({ outcome: 'written', current: text })
  client.destroy()
})

test('edits by one actor use one client id, bound to the actor, as long as the document stays in memory', async () => {
  const document = await addDocument(ask, project, '')
  let { revision } = await read(document)
  for (const letter of 'abc') {
    const { current } = await editAsServer(live, document, SKEIN, revision, [{ at: 0, remove: 0, insert: letter }])
    revision = current.revision
  }
  const { current } = await editAsServer(live, document, ana.actor, revision, [{ at: 0, remove: 0, insert: 'd' }])
  expect(current.text).toBe('dcba')
  const bound = await ask(
    'select actor, count(*)::int as n from document_client where document_id = $1 group by actor order by actor',
    [document],
  )
  // The seed is Skein's too.
  expect(bound).toEqual([
    { actor: ana.actor, n: 1 },
    { actor: SKEIN, n: 2 },
  ])
  const frames = (await readTruth(ask, document)).frames
  expect(frames.map(({ actor }) => actor)).toEqual([SKEIN, SKEIN, SKEIN, ana.actor])
})

test('edits that make no sense are refused and change nothing', async () => {
  const document = await addDocument(ask, project, 'a😀')
  const { revision } = await read(document)
  for (const at of [2, 9]) {
    const outcome = await editAsServer(live, document, SKEIN, revision, [{ at, remove: 0, insert: 'x' }])
    expect(outcome).toMatchObject({ outcome: 'unplaced', problem: { edit: 0, problem: { problem: 'outside' } } })
  }
  const missing = '0199a6ab-0000-7000-8000-000000000001' as DocumentId
  await expect(editAsServer(live, missing, SKEIN, revision, [])).rejects.toThrow('no such document')
  expect((await read(document)).text).toBe('a😀')
})

test('texts come the same from memory, from beside the state, and from the log', async () => {
  const document = await addDocument(ask, project, 'start')
  const { revision } = await read(document)
  const { current } = await editAsServer(live, document, SKEIN, revision, [{ at: 5, remove: 0, insert: ' end' }])
  expect(await read(document)).toEqual(current)
  await until(
    async () => (await server.metrics.render()).text.includes('skein_collab_open_documents 0\n'),
    'it has left memory',
  )
  const [row] = await ask('select text, text_seq from document_state where document_id = $1', [document])
  expect(row).toEqual({ text: 'start end', text_seq: '1' })
  expect(await read(document)).toEqual(current)
  // As after a crash: the text beside the state is older than the log.
  await ask(`update document_state set text = 'old', text_seq = 0 where document_id = $1`, [document])
  expect(await read(document)).toEqual(current)
})

test('DL14: one document that goes while it is waited for is absent from the answer, and the others are read', async () => {
  const [stays, goes] = [await addDocument(ask, project, 'stays'), await addDocument(ask, project, 'goes')]
  const client = open(goes)
  await untilSaved(client)
  commits.hold()
  client.text.insert(0, 'x')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const reading = live.read([goes, stays])
  await ask('delete from document where id = $1', [goes])
  commits.release()
  const texts = await reading
  expect([...texts.values()].map(({ text }) => text)).toEqual(['stays'])
  client.destroy()
})

test('AE4: many stale edits at once beside somebody who types: each is merged, and none is lost', async () => {
  const document = await addDocument(ask, project, 'first\n')
  const client = open(document)
  await untilSaved(client)
  const words = Array.from({ length: 20 }, (_, i) => `<${i}>\n`)
  const { revision } = await read(document)
  await Promise.all(
    words.map(async (word) => {
      client.text.insert(0, '.')
      const { outcome } = await editAsServer(live, document, SKEIN, revision, [{ at: 6, remove: 0, insert: word }])
      expect(outcome).toBe('written')
    }),
  )
  await untilSaved(client)
  const { text } = await readTruth(ask, document)
  for (const word of words) expect(text.split(word)).toHaveLength(2)
  expect(text.startsWith(`${'.'.repeat(20)}first\n`)).toBe(true)
  await until(() => client.text.toString() === text, 'the client has the same')
  client.destroy()
})

test('AE1: who only looks at an open text gets the same revision, and nothing is followed for it', async () => {
  const clock = MACHINE_CLOCK
  const log = createLog('silent')
  const store = createPostgresDocumentStore(database, clock)
  const node = new CollabNode({ store, clock, events: { tell: () => {} }, log, metrics: createMetrics() })
  const { hocuspocus, open: documents, documentLog } = node
  const journals = new JournalKeeper(clock)
  const texts = new LiveTexts({
    db: database,
    hocuspocus,
    open: documents,
    documentLog,
    clock,
    hunks: HUNKS_AT_ONCE,
    journals,
  })
  const document = await addDocument(ask, project, 'text')
  const request = new Request('http://localhost')
  await hocuspocus.createDocument(document, request, 'test', { isAuthenticated: true, readOnly: false })
  const seen = (await texts.read([document], 'look')).get(document)
  expect([seen?.text, documents.has(document), journals.held.journals]).toEqual(['text', true, 0])
  expect((await texts.read([document])).get(document)).toEqual(seen)
  expect(journals.held.journals).toBe(1)
  await node.stop()
})
