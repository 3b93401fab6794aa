/** The collaboration server over real sockets, stock providers and PostgreSQL: an ordinary day, and its end. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test } from 'vitest'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const server = await startCollab(database)
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
const clients: TestClient[] = []
afterAll(async () => {
  for (const client of clients) client.destroy()
  await server.stop()
})

const open = (document: string, person = ana): TestClient => {
  const client = openDocument({ url: server.url, token: person.token, document })
  clients.push(client)
  return client
}

test('two people type into one document, and what they see is what the database holds', async () => {
  const document = await addDocument(ask, project, 'hello\n')
  const [a, b] = [open(document), open(document, ben)]
  await untilSaved(a, b)
  expect(a.text.toString()).toBe('hello\n')
  a.text.insert(0, 'A')
  b.text.insert(5, 'B')
  await until(() => a.text.toString() === 'AhelloB\n' && b.text.toString() === 'AhelloB\n', 'both see both')
  await untilSaved(a, b)
  const truth = await readTruth(ask, document)
  expect(truth.text).toBe('AhelloB\n')
  expect(new Set(truth.frames.map(({ actor }) => actor))).toEqual(new Set([ana.actor, ben.actor]))
})

test('an edit leaves the file dirty, for the next snapshot', async () => {
  const document = await addDocument(ask, project)
  const client = open(document)
  await untilSaved(client)
  const dirty = () =>
    ask('select 1 from dirty_file f join document d on d.file_id = f.file_id where d.id = $1', [document])
  expect(await dirty()).toHaveLength(0)
  client.text.insert(0, 'x')
  await untilSaved(client)
  expect(await dirty()).toHaveLength(1)
})

test('the metrics tell what is open and how long people wait', async () => {
  const { text } = await server.metrics.render()
  for (const name of [
    'ack_seconds_count',
    'commit_updates_count',
    'open_documents',
    'queued_bytes',
    'held_bytes',
    'delivered_total',
  ]) {
    expect(text).toContain(`skein_collab_${name}`)
  }
})

test('at the end sockets are closed with 1012, new ones are refused, and all that was typed is committed and kept as text', async () => {
  const other = await startCollab(database)
  const document = await addDocument(ask, project)
  const client = await RawClient.open(other.url, document, ana.token)
  const typing = openDocument({ url: other.url, token: ben.token, document })
  await untilSaved(typing)
  typing.text.insert(0, 'last words')
  await until(() => typing.provider.unsyncedChanges <= 1, 'they are sent')
  await untilSaved(typing)
  const drained = other.collab.drain()
  const late = new RawClient(other.url)
  await late.untilClosed()
  expect(late.seen).toEqual([])
  await drained
  await client.untilClosed()
  expect(client.closeCode).toBe(1012)
  const [row] = await ask(
    'select text, text_seq, head from document_state s join document d on d.id = s.document_id where d.id = $1',
    [document],
  )
  expect(row).toMatchObject({ text: 'last words' })
  expect(row?.text_seq).toBe(row?.head)
  typing.destroy()
  await other.stop()
})
