/** What clients, Yjs, the network and the database do wrong, and what of it anybody notices. */
import { openDatabase } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { createEncoder, type Encoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding'
import { afterAll, expect, test } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab } from './testing/server.ts'
import { layCable } from './testing/tcp-proxy.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask, address } = await createTestDatabase()
const server = await startCollab(database)
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
const rejections: unknown[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))
afterAll(() => server.stop())

const openAs = (person: typeof ana, document: DocumentId) =>
  openDocument({ url: server.url, token: person.token, document })

/** The bytes of an update that no honest client makes. */
const POISON: [string, Uint8Array][] = [
  ['no update at all', Uint8Array.of(1, 2, 3)],
  ['a count that the bytes do not hold', Uint8Array.of(1, 0xff, 0xff, 0xff, 0x0f, 1, 0, 0, 1, 0, 0)],
  ['a client id beyond 32 bits', Uint8Array.of(1, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0, 1, 0)],
  ['an empty frame', new Uint8Array()],
]

test.each(POISON)('DL11: %s closes its socket and touches nobody else', async (_name, poison) => {
  const document = await addDocument(ask, project, 'safe')
  const honest = openAs(ana, document)
  await untilSaved(honest)
  const attacker = await RawClient.open(server.url, document, ben.token)
  attacker.update(document, poison)
  await attacker.untilClosed()
  expect(attacker.closeCode).toBe(1008)
  honest.text.insert(4, '!')
  await untilSaved(honest)
  expect((await readTruth(ask, document)).text).toBe('safe!')
  expect(rejections).toEqual([])
  honest.destroy()
})

test('DL11: frames of random bytes close their sockets and nothing else', async () => {
  const document = await addDocument(ask, project, 'safe')
  const honest = openAs(ana, document)
  await untilSaved(honest)
  for (let round = 0; round < 40; round++) {
    const attacker = await RawClient.open(server.url, document, ben.token)
    const frame = crypto.getRandomValues(new Uint8Array(1 + (round % 30)))
    // Half of them look like frames of the document.
    const head = new TextEncoder().encode(document)
    attacker.bytes(round % 2 ? frame : Uint8Array.from([head.length, ...head, round % 12, ...frame]))
    attacker.bytes(frame)
    attacker.destroy()
  }
  honest.text.insert(4, '!')
  await untilSaved(honest)
  expect((await readTruth(ask, document)).text).toBe('safe!')
  expect(rejections).toEqual([])
  honest.destroy()
})

test('DL11: an update on which Yjs fails halfway is not logged, and the document comes back from its log', async () => {
  const document = await addDocument(ask, project, 'safe')
  const honest = openAs(ana, document)
  await untilSaved(honest)
  const attacker = await RawClient.open(server.url, document, ben.token)
  attacker.pong()
  // First something without content at clock 0, then a text that claims the same clock: Yjs looks for a neighbour where there is none.
  attacker.update(
    document,
    rawUpdate(0, (e) => writeVarUint(e, 1)),
  )
  await until(() => attacker.count('status') === 1, 'the first one is taken')
  const update = rawUpdate(4, (e) => {
    writeVarUint(e, 1)
    writeVarString(e, 'text')
    writeVarString(e, 'abc')
  })
  attacker.update(document, update)
  await attacker.untilClosed()
  expect(attacker.closeCode).toBe(1008)
  expect((await server.metrics.render()).text).toContain('reason="apply-failed"} 1')
  honest.text.insert(4, '!')
  await untilSaved(honest)
  const truth = await readTruth(ask, document)
  expect(truth.text).toBe('safe!')
  expect(truth.frames.map(({ actor }) => actor)).toEqual([ben.actor, ana.actor])
  honest.destroy()
})

/** One struct of client 77 at clock 0: the info byte, and what `write` puts behind it. */
const rawUpdate = (info: number, write: (encoder: Encoder) => void): Uint8Array => {
  const encoder = createEncoder()
  for (const n of [1, 1, 77, 0]) writeVarUint(encoder, n)
  writeUint8(encoder, info)
  write(encoder)
  writeVarUint(encoder, 0)
  return toUint8Array(encoder)
}

test('a client id belongs to the person who wrote under it first: spoofed edits are refused', async () => {
  const document = await addDocument(ask, project, 'text')
  const honest = openAs(ana, document)
  await untilSaved(honest)
  honest.text.insert(0, 'A')
  await untilSaved(honest)
  const forged = new Y.Doc()
  Y.applyUpdate(forged, Y.encodeStateAsUpdate(honest.provider.document))
  forged.clientID = honest.provider.document.clientID
  const known = Y.encodeStateVector(forged)
  forged.getText('text').insert(0, 'forged')
  const attacker = await RawClient.open(server.url, document, ben.token)
  attacker.update(document, Y.encodeStateAsUpdate(forged, known))
  await attacker.untilClosed()
  expect(attacker.closeCode).toBe(1008)
  honest.text.insert(0, 'B')
  await untilSaved(honest)
  expect((await readTruth(ask, document)).text).toBe('BAtext')
  const owners = await ask('select client_id, actor from document_client where document_id = $1 and actor <> $2', [
    document,
    'skein',
  ])
  expect(owners).toEqual([{ client_id: String(honest.provider.document.clientID), actor: ana.actor }])
  honest.destroy()
})

test('GT8: nobody can write under the client id that a colleague has shown, and what she writes offline under it is saved', async () => {
  const document = await addDocument(ask, project, 'text')
  const a = openAs(ana, document)
  const b = openAs(ben, document)
  await untilSaved(a, b)
  a.provider.awareness?.setLocalStateField('cursor', 1)
  const { clientID } = a.provider.document
  await until(() => b.provider.awareness?.getStates().has(clientID) === true, 'Ben sees her client id')
  a.socket.disconnect()
  await until(() => b.provider.awareness?.getStates().has(clientID) === false, 'she is offline')
  a.text.insert(0, 'offline ')
  const forged = new Y.Doc()
  forged.clientID = clientID
  forged.getText('text').insert(0, 'x')
  const attacker = await RawClient.open(server.url, document, ben.token)
  attacker.update(document, Y.encodeStateAsUpdate(forged))
  await attacker.untilClosed()
  expect(attacker.closeCode).toBe(1008)
  await a.socket.connect()
  await untilSaved(a)
  expect((await readTruth(ask, document)).text).toBe('offline text')
  const [owner] = await ask('select actor from document_client where document_id = $1 and client_id = $2', [
    document,
    clientID,
  ])
  expect(owner).toEqual({ actor: ana.actor })
  for (const client of [a, b]) client.destroy()
})

test('GT9: one frame that shows a crowd shows two', async () => {
  const document = await addDocument(ask, project)
  const watcher = openAs(ana, document)
  await untilSaved(watcher)
  const attacker = await RawClient.open(server.url, document, ben.token)
  const crowd = new Awareness(new Y.Doc())
  const ids = Array.from({ length: 150 }, (_, i) => 1000 + i)
  for (const id of ids) {
    crowd.states.set(id, {})
    crowd.meta.set(id, { clock: 1, lastUpdated: 0 })
  }
  attacker.awareness(document, encodeAwarenessUpdate(crowd, ids))
  const seen = () => [...(watcher.provider.awareness?.getStates().keys() ?? [])].filter((id) => ids.includes(id))
  await until(() => seen().length > 0, 'some of them are seen')
  expect(seen()).toHaveLength(2)
  crowd.destroy()
  for (const client of [watcher, attacker]) client.destroy()
})

test('presence: name and colour come from the server, and nobody speaks for others', async () => {
  const document = await addDocument(ask, project)
  const a = openAs(ana, document)
  const b = openAs(ben, document)
  await untilSaved(a, b)
  a.provider.awareness?.setLocalStateField('user', { id: 'x', name: 'The boss', colour: 99 })
  const seenOfA = () => b.provider.awareness?.getStates().get(a.provider.document.clientID)
  await until(() => seenOfA() !== undefined, 'Ben sees Ana')
  expect(seenOfA()?.user).toMatchObject({ id: ana.userId, name: 'Ana' })
  const forger = new Awareness(new Y.Doc())
  forger.clientID = a.provider.document.clientID
  forger.meta.set(forger.clientID, { clock: 1000, lastUpdated: 0 })
  forger.states.set(forger.clientID, { cursor: 'moved by Ben' })
  const attacker = await RawClient.open(server.url, document, ben.token)
  attacker.awareness(document, encodeAwarenessUpdate(forger, [forger.clientID]))
  attacker.awareness(document, crypto.getRandomValues(new Uint8Array(3000)))
  b.text.insert(0, 'x')
  await untilSaved(b)
  expect(seenOfA()).not.toHaveProperty('cursor')
  expect(attacker.closeCode).toBeNull()
  a.provider.awareness?.setLocalState(null)
  await until(() => seenOfA() === undefined, 'Ana has left')
  forger.destroy()
  for (const client of [a, b, attacker]) client.destroy()
})

test('presence: somebody whose connection broke is seen again at once', async () => {
  const document = await addDocument(ask, project)
  const a = openAs(ana, document)
  const b = openAs(ben, document)
  a.provider.awareness?.setLocalStateField('cursor', 1)
  const seenOfA = () => b.provider.awareness?.getStates().get(a.provider.document.clientID)
  await until(() => seenOfA() !== undefined, 'Ben sees Ana')
  a.socket.webSocket?.close()
  await until(() => seenOfA() === undefined, 'Ana is gone')
  await until(() => seenOfA() !== undefined, 'Ana is back')
  for (const client of [a, b]) client.destroy()
})

test('a reader that does not read costs bounded memory, and is closed', async () => {
  const document = await addDocument(ask, project)
  const reader = await RawClient.open(server.url, document, ben.token)
  await until(() => reader.count('step2') === 1, 'the reader is there')
  reader.ws.pause()
  const writer = await RawClient.open(server.url, document, ana.token)
  writer.pong()
  const doc = new Y.Doc()
  doc.on('update', (update: Uint8Array) => writer.update(document, update))
  const text = doc.getText('text')
  const before = process.memoryUsage().rss
  const paragraph = 'x'.repeat(500_000)
  for (let n = 1; n <= 60; n++) {
    doc.transact(() => {
      text.delete(0, text.length)
      text.insert(0, paragraph)
    })
    await until(() => writer.count('status') === n, 'it is committed')
  }
  // 30 MB went past the reader; what stands in the server for it is at most 8 MiB and what the kernel keeps.
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  expect(writer.closeCode).toBeNull()
  reader.ws.resume()
  await reader.untilClosed()
  expect(reader.closeCode).toBe(1013)
  writer.destroy()
})

test('GT12: the deletion of a text of megabytes is undone; a text beyond every file takes no more, and can be shortened', async () => {
  const document = await addDocument(ask, project, 'x'.repeat(3_000_000))
  const client = openAs(ana, document)
  await untilSaved(client)
  const undo = new Y.UndoManager(client.text)
  client.text.delete(0, 2_900_000)
  await untilSaved(client)
  undo.undo()
  await untilSaved(client)
  expect((await readTruth(ask, document)).text).toHaveLength(3_000_000)
  client.destroy()
  const doc = new Y.Doc()
  const writer = await RawClient.open(server.url, document, ben.token, doc)
  writer.pong()
  let sent = 0
  doc.on('update', (update: Uint8Array) => {
    writer.update(document, update)
    sent++
  })
  const text = doc.getText('text')
  for (let n = 0; n < 3; n++) text.insert(0, 'y'.repeat(1_000_000))
  text.delete(0, 10)
  await until(() => writer.count('status') === sent, 'it is taken')
  text.insert(0, 'z')
  await writer.untilClosed()
  expect(writer.closeCode).toBe(1009)
  expect((await readTruth(ask, document)).text).toHaveLength(5_999_990)
})

test('a frame beyond every limit ends its socket with 1009', async () => {
  const document = await addDocument(ask, project)
  const client = await RawClient.open(server.url, document, ana.token)
  client.bytes(new Uint8Array(6 * 1024 * 1024))
  await client.untilClosed()
  expect(client.closeCode).toBe(1009)
})

test('DL12: with the database away nothing is called saved; when it is back, everything queued is', async () => {
  const cable = await layCable(address)
  const away = openDatabase(cable.address)
  const other = await startCollab(away)
  const documents = await Promise.all([1, 2, 3].map(() => addDocument(ask, project)))
  const clients = documents.map((document) => openDocument({ url: other.url, token: ana.token, document }))
  await untilSaved(...clients)
  for (let round = 0; round < 3; round++) {
    cable.cut()
    for (const client of clients) client.text.insert(client.text.length, `round ${round} `)
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(clients.some(({ isSaved }) => isSaved)).toBe(false)
    // Typing goes on.
    for (const client of clients) client.text.insert(client.text.length, 'more ')
    cable.mend()
    await untilSaved(...clients)
    for (const [i, document] of documents.entries()) {
      expect((await readTruth(ask, document)).text).toBe(clients[i]?.text.toString())
    }
  }
  for (const client of clients) client.destroy()
  await other.stop()
  await away.close()
  await cable.close()
})

test('DL12: when the server of the database ends every connection in the middle of it, nothing is lost', async () => {
  const document = await addDocument(ask, project)
  const client = openAs(ana, document)
  await untilSaved(client)
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 20; i++) client.text.insert(client.text.length, 'x')
    await ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'skein_log' and datname = current_database()`,
    )
  }
  await untilSaved(client)
  expect((await readTruth(ask, document)).text).toBe('x'.repeat(200))
  client.destroy()
})
