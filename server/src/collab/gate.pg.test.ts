/** The rules of the gate, frame by frame. */
import type { Socket } from 'node:net'
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, afterEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { openDocument, until } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { HeldCommits, lockDocument } from './testing/held-commits.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'
import { PING_FRAME } from './wire.ts'

const { database, ask, address: databaseAddress } = await createTestDatabase()
const commits = new HeldCommits()
const server = await startCollab(database, { beforeCommit: commits.beforeCommit })
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
afterAll(() => server.stop())
afterEach(() => commits.release())

/** A document of a client with its own edits as updates. */
const createTyping = () => {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array, origin: unknown) => origin !== 'server' && updates.push(update))
  const text = doc.getText('text')
  const type = (letters: string): Uint8Array => {
    text.insert(text.length, letters)
    return updates.at(-1) as Uint8Array
  }
  return { doc, text, type }
}

const beat = () => new Promise((resolve) => setTimeout(resolve, 60))
/** Enough turns for everything that would leave at once to have left; a Ping that came back proves it. */
const settleSockets = beat

test('DL4: while a commit is held, no SyncStatus and no text leaves', async () => {
  const document = await addDocument(ask, project, 'hello')
  const writer = await RawClient.open(server.url, document, ana.token)
  const viewer = await RawClient.open(server.url, document, ben.token)
  await until(() => viewer.count('step2') === 1, 'the viewer has the text')
  const unlock = await lockDocument(databaseAddress, document)
  const { type } = createTyping()
  writer.update(document, type('secret'))
  await until(async () => (await waitingForLock()) > 0, 'the commit waits for the lock')
  const joiner = await RawClient.open(server.url, document, ben.token)
  await settleSockets()
  expect(writer.count('status')).toBe(0)
  expect(viewer.count('update')).toBe(0)
  expect(joiner.kinds(document)).toEqual(['authenticated', 'step1'])
  await unlock()
  await until(() => writer.count('status') === 1, 'the acknowledgement')
  await until(() => viewer.count('update') === 1 && joiner.count('step2') === 1, 'the text')
  expect((await readTruth(ask, document)).text).toContain('secret')
  for (const client of [writer, viewer, joiner]) client.destroy()
})

const waitingForLock = async (): Promise<number> => {
  const rows = await ask(
    `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  )
  return rows.length
}

test('GT1: what is held for a generation that has ended is never sent', async () => {
  const document = await addDocument(ask, project)
  const client = await RawClient.open(server.url, document, ana.token)
  const { doc, type } = createTyping()
  commits.hold()
  client.update(document, type('a'))
  client.update(document, type('b'))
  client.step1(document, doc)
  client.update(document, type('c'))
  await settleSockets()
  commits.release()
  // Of three updates the client counts one since its second SyncStep1; two answers to SyncStep1, the first one held for a dead generation.
  await until(() => client.count('status') === 1, 'the acknowledgement of the new generation')
  await settleSockets()
  expect(client.count('status')).toBe(1)
  expect((await readTruth(ask, document)).text).toBe('abc')
  client.destroy()
})

test('GT1: an address that is closed and opened again gets nothing that was promised before', async () => {
  const document = await addDocument(ask, project)
  const client = await RawClient.open(server.url, document, ana.token)
  const { doc, type } = createTyping()
  commits.hold()
  client.update(document, type('a'))
  client.leave(document)
  client.auth(document, ana.token)
  client.step1(document, doc)
  await until(() => client.count('authenticated') === 2 && client.count('step1') === 2, 'it is open again')
  commits.release()
  await until(() => client.count('step2') === 2, 'the text')
  await settleSockets()
  expect(client.count('status')).toBe(0)
  expect(client.count('close')).toBe(0)
  client.update(document, type('b'))
  await until(() => client.count('status') === 1, 'the acknowledgement of the new generation')
  client.destroy()
})

test('GT1: edits that come before the SyncStep1 of their address wait for it', async () => {
  const document = await addDocument(ask, project)
  const client = new RawClient(server.url)
  await client.connected()
  const { doc, type } = createTyping()
  client.update(document, type('kept while offline'))
  client.pong()
  client.auth(document, ana.token)
  await until(() => client.count('authenticated') === 1, 'it is open')
  await settleSockets()
  expect((await readTruth(ask, document)).text).toBe('')
  client.step1(document, doc)
  await until(async () => (await readTruth(ask, document)).text === 'kept while offline', 'it is committed')
  await settleSockets()
  // It was counted before the client set its counter to 1.
  expect(client.count('status')).toBe(0)
  client.destroy()
})

test('GT2: each SyncStep2 and Update is answered by one SyncStatus, after everything before it', async () => {
  const document = await addDocument(ask, project)
  const client = await RawClient.open(server.url, document, ana.token)
  client.pong()
  const { doc, type } = createTyping()
  client.step2(document, Y.encodeStateAsUpdate(doc))
  const updates = Array.from({ length: 50 }, (_, i) => type(String(i % 10)))
  for (const update of updates) client.update(document, update)
  // Twice the same is nothing new, and acknowledged all the same.
  client.update(document, updates[0] as Uint8Array)
  await until(() => client.count('status') === 52, 'every acknowledgement')
  await settleSockets()
  expect(client.count('status')).toBe(52)
  expect(client.seen.filter(({ kind }) => kind === 'status').every(({ payload }) => payload[0] === 1)).toBe(true)
  expect((await readTruth(ask, document)).text).toBe(doc.getText('text').toString())
  client.destroy()
})

test('GT2: an update that is acknowledged though an earlier one of somebody else is not committed waits for that one', async () => {
  const document = await addDocument(ask, project)
  const [writer, other] = [
    await RawClient.open(server.url, document, ana.token),
    await RawClient.open(server.url, document, ben.token),
  ]
  const { type } = createTyping()
  const update = type('a')
  commits.hold()
  writer.update(document, update)
  await settleSockets()
  // To the document this is nothing new, so it appends nothing; but it is not durable yet.
  const copy = new Y.Doc()
  other.step2(document, Y.encodeStateAsUpdate(copy))
  await settleSockets()
  expect(other.count('status')).toBe(0)
  commits.release()
  await until(() => other.count('status') === 1 && writer.count('status') === 1, 'both acknowledgements')
  for (const client of [writer, other]) client.destroy()
})

test('GT3: what the client had typed before it took its state vector is not acknowledged; what came after is', async () => {
  const document = await addDocument(ask, project)
  const client = new RawClient(server.url)
  await client.connected()
  const { doc, type } = createTyping()
  const offline = type('offline ')
  client.auth(document, ana.token)
  client.step1(document, doc)
  // The provider empties its queue when it sees the Ping, then answers it. An edit that was typed in between goes first.
  client.update(document, type('between '))
  client.update(document, offline)
  client.pong()
  client.update(document, type('after'))
  await until(() => client.count('status') === 2, 'two acknowledgements')
  await settleSockets()
  expect(client.count('status')).toBe(2)
  expect((await readTruth(ask, document)).text).toBe('offline between after')
  // After the Pong nothing is swallowed any more, known or not.
  client.update(document, offline)
  await until(() => client.count('status') === 3, 'the acknowledgement')
  client.destroy()
})

test('GT3: the first frame on a socket is a Ping', async () => {
  const client = new RawClient(server.url)
  await client.connected()
  expect(client.kinds()).toEqual(['ping'])
  client.destroy()
})

test('GT4: a denied document that keeps typing does not disturb the others of its socket', async () => {
  const document = await addDocument(ask, project)
  const foreign = await addDocument(ask, await addProject(ask), 'secret of others')
  const client = await RawClient.open(server.url, foreign, ana.token)
  expect(client.seen.filter(({ address }) => address === foreign)).toMatchObject([
    { kind: 'denied', reason: 'not-found' },
  ])
  const { doc, type } = createTyping()
  client.pong()
  client.auth(document, ana.token)
  client.step1(document, doc)
  for (let i = 0; i < 1_200; i++) client.update(foreign, type('x'))
  client.update(document, type('y'))
  await until(() => client.count('status') === 1, 'the other document is acknowledged')
  expect(client.kinds(foreign)).toEqual(['denied'])
  expect((await readTruth(ask, foreign)).text).toBe('secret of others')
  client.destroy()
})

test('GT5: what loading applies is not broadcast, so the first client gets the text once', async () => {
  const document = await addDocument(ask, project, 'once')
  const client = await RawClient.open(server.url, document, ana.token)
  await until(() => client.count('step2') === 1, 'the text')
  await settleSockets()
  expect(client.kinds(document).filter((kind) => kind === 'step2' || kind === 'update')).toEqual(['step2'])
  client.destroy()
})

test('GT6: a reader that asks for a document again and again without reading gets it a few times and fills no memory', async () => {
  const document = await addDocument(ask, project, 'x'.repeat(200_000))
  const viewer = await addPerson(ask, project, 'Vi', 'viewer')
  const reader = await RawClient.open(server.url, document, viewer.token)
  await until(() => reader.count('step2') === 1, 'the text')
  const socket = (reader.ws as unknown as { _socket: Socket })._socket
  reader.ws.pause()
  const before = process.memoryUsage().arrayBuffers
  socket.cork()
  for (let i = 0; i < 1_500; i++) reader.step1(document, new Y.Doc())
  socket.uncork()
  const other = await RawClient.open(server.url, document, ana.token)
  await until(() => other.count('step2') === 1, 'others are served')
  await settleSockets()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * 1024 * 1024)
  reader.ws.resume()
  await until(() => reader.count('step2') > 1, 'the newest question is answered')
  await settleSockets()
  // What the kernel between the two takes counts as read: a few megabytes.
  expect(reader.count('step2')).toBeLessThan(100)
  expect(reader.closeCode).toBeNull()
  reader.destroy()
  other.destroy()
})

test('nobody gets their own update back, and a newcomer gets each text once', async () => {
  const document = await addDocument(ask, project)
  const writer = await RawClient.open(server.url, document, ana.token)
  writer.pong()
  const { type } = createTyping()
  commits.hold()
  writer.update(document, type('a'))
  const joiner = await RawClient.open(server.url, document, ben.token)
  writer.update(document, type('b'))
  await settleSockets()
  commits.release()
  await until(() => joiner.count('update') === 1 && writer.count('status') === 2, 'everything arrived')
  await settleSockets()
  expect(writer.count('update')).toBe(0)
  // The first edit is in the answer that was held, the second one came after it.
  expect(joiner.kinds(document).filter((kind) => kind !== 'awareness')).toEqual([
    'authenticated',
    'step1',
    'step2',
    'update',
  ])
  for (const client of [writer, joiner]) client.destroy()
})

test('a client may close a document while it is being opened, and open it again', async () => {
  const document = await addDocument(ask, project, 'text')
  const client = new RawClient(server.url)
  await client.connected()
  client.auth(document, ana.token)
  client.leave(document)
  client.auth(document, ana.token)
  client.step1(document, new Y.Doc())
  await until(() => client.count('step2') === 1, 'the text')
  client.leave(document)
  await until(() => server.collab.presenceOf(project.projectId).length === 0, 'nobody is there')
  client.auth(document, ana.token)
  client.leave(document)
  await settleSockets()
  expect(server.collab.presenceOf(project.projectId)).toEqual([])
  expect(client.closeCode).toBeNull()
  client.destroy()
})

test('a provider that opens one document twice on one socket sees both', async () => {
  const document = await addDocument(ask, project)
  const first = openDocument({ url: server.url, token: ana.token, document })
  const second = openDocument({ url: server.url, token: ana.token, document, socket: first.socket })
  first.text.insert(0, 'one')
  await until(() => second.text.toString() === 'one' && first.isSaved && second.isSaved, 'both have it')
  second.destroy()
  first.destroy()
})

test('GT13: a Ping is answered while a commit is held, also before anybody is known', async () => {
  const stranger = new RawClient(server.url)
  await stranger.connected()
  stranger.bytes(PING_FRAME)
  await until(() => stranger.count('ping') === 2, 'the answer to a stranger')
  const document = await addDocument(ask, project, 'hello')
  const writer = await RawClient.open(server.url, document, ana.token)
  const unlock = await lockDocument(databaseAddress, document)
  writer.update(document, createTyping().type('held'))
  await until(async () => (await waitingForLock()) > 0, 'the commit waits for the lock')
  writer.bytes(PING_FRAME)
  await until(() => writer.count('ping') === 2, 'the answer')
  expect(writer.count('status')).toBe(0)
  await unlock()
  await until(() => writer.count('status') === 1, 'the acknowledgement')
  for (const client of [stranger, writer]) client.destroy()
})
