/** DL14: what is in memory of a document turns out not to be what its rows hold. */
import { documentLogQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import { encodeUpdateFrames } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import * as Y from 'yjs'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const server = await startCollab(database)
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
afterAll(() => server.stop())

/** Writes into the log as another node would. */
const appendElsewhere = async (document: DocumentId): Promise<void> => {
  const { doc } = await readTruth(ask, document)
  const before = Y.encodeStateVector(doc)
  doc.getText('text').insert(0, 'theirs ')
  const update = Y.encodeStateAsUpdate(doc, before)
  const clients = [{ clientId: doc.clientID, actor: ben.actor }]
  const payload = encodeUpdateFrames([{ actor: ben.actor, update }])
  await documentLogQueries.appendUpdates(database.log, [{ document, epoch: 1, payload, clients }])
}

test('DL14: what the database refuses is shown to nobody and not kept as text; the document comes back, and then it is saved', async () => {
  let refusals = 0
  const refusing = await startCollab(database, {
    // It leaves memory because of the refusal, and not because nobody uses it.
    times: { idleMs: 60_000 },
    beforeCommit: async () => {
      if (refusals-- > 0) throw Object.assign(new Error('refused by a check'), { code: '23514' })
    },
  })
  const document = await addDocument(ask, project, 'text')
  const client = openDocument({ url: refusing.url, token: ana.token, document })
  await untilSaved(client)
  client.text.insert(0, 'one ')
  await untilSaved(client)
  refusals = 1
  client.text.insert(0, 'two ')
  await until(() => refusals < 1 && !client.provider.isAuthenticated, 'the client is cut off')
  const [kept] = await ask(
    'select text, text_seq, head from document_state s join document d on d.id = s.document_id where d.id = $1',
    [document],
  )
  expect(['text', 'one text']).toContain(kept?.text)
  await untilSaved(client)
  expect((await readTruth(ask, document)).text).toBe('two one text')
  expect((await refusing.collab.liveDocuments.read([document])).get(document)?.text).toBe('two one text')
  client.destroy()
  await refusing.stop()
})

test('DL14: somebody who was let in before, and asks for the text only then, is cut off too', async () => {
  let refusals = 0
  const slow = await startCollab(database, {
    times: { roundMs: 60_000 },
    beforeCommit: async () => {
      if (refusals-- > 0) throw Object.assign(new Error('refused by a check'), { code: '23514' })
    },
  })
  const document = await addDocument(ask, project, 'text')
  const late = new RawClient(slow.url)
  await late.connected()
  late.auth(document, ben.token)
  await until(() => slow.collab.presenceOf(project.projectId).length > 0, 'it is attached')
  const writer = await RawClient.open(slow.url, document, ana.token)
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'more ')
  refusals = 1
  writer.update(document, Y.encodeStateAsUpdate(doc))
  await writer.untilClosed()
  late.step1(document, new Y.Doc())
  await late.until(({ kind }) => kind === 'step2')
  expect(late.closeCode).toBe(1012)
  await slow.stop()
})

test('DL14: without the node lock nothing is committed or acknowledged; with it again, everything is', async () => {
  let isHeld = true
  const node = await startCollab(database, { mayCommit: () => isHeld })
  const document = await addDocument(ask, project)
  const client = openDocument({ url: node.url, token: ana.token, document })
  await untilSaved(client)
  isHeld = false
  client.text.insert(0, 'kept')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(client.isSaved).toBe(false)
  expect((await readTruth(ask, document)).text).toBe('')
  isHeld = true
  await untilSaved(client)
  expect((await readTruth(ask, document)).text).toBe('kept')
  client.destroy()
  await node.stop()
})

test('MN2: after somebody else has appended to the log, nobody is cut off, and the text that is kept holds their row too', async () => {
  const document = await addDocument(ask, project, 'text')
  const client = openDocument({ url: server.url, token: ana.token, document })
  await untilSaved(client)
  await appendElsewhere(document)
  client.text.insert(4, '!')
  await untilSaved(client)
  await until(() => client.text.toString() === 'theirs text!', 'the client has both')
  expect(client.denials).toEqual([])
  const kept = async () => {
    const [row] = await ask('select text, text_seq from document_state where document_id = $1', [document])
    return Number(row?.text_seq) >= 2 ? row?.text : null
  }
  await until(async () => (await kept()) !== null, 'the text is kept')
  expect(await kept()).toBe('theirs text!')
  client.destroy()
})
