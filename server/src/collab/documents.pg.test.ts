/** Documents between memory and the database: what is appended, loading, seeding, unloading, epochs. */
import { randomUUID } from 'node:crypto'
import { documentLogQueries, openDatabase } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import * as Y from 'yjs'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject, beginEpoch } from './testing/fixtures.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab } from './testing/server.ts'
import { layCable } from './testing/tcp-proxy.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask, address } = await createTestDatabase()
const server = await startCollab(database)
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
afterAll(() => server.stop())

const open = (document: string, more: Partial<Parameters<typeof openDocument>[0]> = {}): TestClient =>
  openDocument({ url: server.url, token: ana.token, document, ...more })

const openDocuments = async (): Promise<number> => {
  const { text } = await server.metrics.render()
  return Number(/^skein_collab_open_documents (\d+)$/m.exec(text)?.[1])
}

const untilUnloaded = () => until(async () => (await openDocuments()) === 0, 'no document is in memory')

test('DL1: what Yjs parks until something else arrives is acknowledged, and still there after a restart', async () => {
  const document = await addDocument(ask, project)
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of 'abc') doc.getText('text').insert(doc.getText('text').length, letter)
  const [a, b, c] = updates as [Uint8Array, Uint8Array, Uint8Array]
  const client = await RawClient.open(server.url, document, ana.token)
  client.pong()
  client.update(document, c)
  client.update(document, b)
  await until(() => client.count('status') === 2, 'both are acknowledged')
  client.destroy()
  await untilUnloaded()
  const again = await RawClient.open(server.url, document, ana.token)
  again.pong()
  again.update(document, a)
  await until(() => again.count('status') === 1, 'the missing one is acknowledged')
  const truth = await readTruth(ask, document)
  expect(truth.text).toBe('abc')
  again.destroy()
})

test('DL1: what is parked is given to nobody before it is whole', async () => {
  const document = await addDocument(ask, project)
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of 'ab') doc.getText('text').insert(doc.getText('text').length, letter)
  const client = await RawClient.open(server.url, document, ana.token)
  client.pong()
  const there = open(document, { token: ben.token })
  await untilSaved(there)
  client.update(document, updates[1] as Uint8Array)
  await until(() => client.count('status') === 1, 'it is acknowledged')
  const newcomer = open(document, { token: ben.token })
  await untilSaved(newcomer)
  for (const { provider } of [there, newcomer]) expect(provider.document.store.pendingStructs).toBeNull()
  newcomer.text.insert(0, 'B')
  await untilSaved(newcomer)
  client.update(document, updates[0] as Uint8Array)
  await until(() => there.text.length === 3 && newcomer.text.length === 3, 'the whole is there')
  for (const each of [there, newcomer, client]) each.destroy()
})

test('DL1: what waited for an update comes in with it as far as it can, is given to its sender too, and is appended once', async () => {
  const document = await addDocument(ask, project)
  const [early, late] = [new Y.Doc(), new Y.Doc()]
  early.clientID = 100
  late.clientID = 200
  const updates: Uint8Array[] = []
  early.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of ['one', 'two', 'six']) early.getText('text').insert(early.getText('text').length, word)
  const [one, two, six] = updates as [Uint8Array, Uint8Array, Uint8Array]
  // Behind the first word, and beside something that waits for the second one.
  Y.applyUpdate(late, one)
  const known = Y.encodeStateVector(late)
  late.getText('text').insert(3, '!')
  const client = await RawClient.open(server.url, document, ana.token)
  client.pong()
  client.update(document, Y.mergeUpdates([six, Y.encodeStateAsUpdate(late, known)]))
  await until(() => client.count('status') === 1, 'what is parked is acknowledged')
  client.update(document, one)
  await until(() => client.count('status') === 2 && client.count('update') === 1, 'its sender gets what came in')
  const seen = new Y.Doc()
  for (const { kind, payload } of client.seen) if (kind === 'update') Y.applyUpdate(seen, payload)
  expect(seen.getText('text').toString()).toBe('one!')
  const { text, frames } = await readTruth(ask, document)
  expect([text, frames.length]).toEqual(['one!', 2])
  client.update(document, two)
  await until(() => client.count('status') === 3, 'the rest is acknowledged')
  expect((await readTruth(ask, document)).text).toBe('onetwosix!')
  client.destroy()
})

test('DL1: every update that was parked is appended, also when as many bytes leave as come', async () => {
  const document = await addDocument(ask, project)
  const typed = [1, 2].map((clientID) => {
    const doc = new Y.Doc()
    doc.clientID = clientID
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (const letter of 'xyz') doc.getText('text').insert(doc.getText('text').length, letter)
    return updates
  })
  const client = await RawClient.open(server.url, document, ana.token)
  client.pong()
  const order = [typed[0]?.[1], typed[1]?.[2], typed[0]?.[0], typed[1]?.[1], typed[0]?.[2]] as Uint8Array[]
  for (const [i, update] of order.entries()) {
    client.update(document, update)
    await until(() => client.count('status') === i + 1, 'it is acknowledged')
    // At each acknowledgement a restarted server would know as much as this one.
    const { doc } = await readTruth(ask, document)
    const whole = new Y.Doc()
    for (const sent of order.slice(0, i + 1)) Y.applyUpdate(whole, sent)
    const rest = [...(typed[0] ?? []), ...(typed[1] ?? [])].filter((update) => !order.slice(0, i + 1).includes(update))
    for (const target of [doc, whole]) for (const missing of rest) Y.applyUpdate(target, missing)
    expect(doc.getText('text').toString()).toBe(whole.getText('text').toString())
  }
  client.destroy()
})

test('DL3: numbers are gapless and in commit order for each document, whoever appends', async () => {
  const documents = await Promise.all(Array.from({ length: 6 }, () => addDocument(ask, project)))
  const nodes = [database, openDatabase(address)]
  const answers = new Map<DocumentId, number[]>()
  await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const mine = documents.filter((_, n) => (i * 7 + n * 3) % 4 !== 0)
      const items = mine.map((document) => ({ document, epoch: 1, payload: Uint8Array.of(i), clients: [] }))
      const node = nodes[i % 2] as (typeof nodes)[number]
      for (const { id: document, seq } of await documentLogQueries.appendUpdates(
        node.log,
        i % 3 ? items : items.reverse(),
      )) {
        answers.set(document, [...(answers.get(document) ?? []), Number(seq)])
      }
    }),
  )
  for (const document of documents) {
    const rows = await ask<{ seq: string }>('select seq from document_update where document_id = $1 order by seq', [
      document,
    ])
    const seqs = rows.map(({ seq }) => Number(seq))
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    expect((answers.get(document) ?? []).sort((a, b) => a - b)).toEqual(seqs)
    const [head] = await ask<{ head: string }>('select head from document where id = $1', [document])
    expect(Number(head?.head)).toBe(seqs.length)
  }
  await nodes[1]?.close()
})

test('DL5: a listener of the log finds the row in the database', async () => {
  const document = await addDocument(ask, project)
  const seqs = await documentLogQueries.appendUpdates(database.log, [
    { document, epoch: 1, payload: Uint8Array.of(1, 2), clients: [{ clientId: 4_294_967_295, actor: ana.actor }] },
    { document: randomUUID() as DocumentId, epoch: 1, payload: Uint8Array.of(3), clients: [] },
  ])
  expect(seqs).toEqual([{ id: document, epoch: 1, isWhole: true, seq: 1 }])
  const rows = await ask('select seq, payload from document_update where document_id = $1', [document])
  expect(rows).toEqual([{ seq: '1', payload: Buffer.of(1, 2) }])
  const dirty = await ask('select 1 from dirty_file d join document o on o.file_id = d.file_id where o.id = $1', [
    document,
  ])
  expect(dirty).toHaveLength(1)
})

test('DL6: a commit that was done though its answer was lost changes nothing when it is done again', async () => {
  let lost = 0
  const flaky = {
    ...database,
    log: {
      ...database.log,
      query: async (text: string, values?: readonly unknown[]) => {
        const rows = await database.log.query(text, values)
        if (text.includes('insert into document_update') && lost++ % 2 === 0) throw new Error('the answer was lost')
        return rows
      },
    },
  } as typeof database
  const other = await startCollab(flaky)
  const document = await addDocument(ask, project, 'start ')
  const client = openDocument({ url: other.url, token: ana.token, document })
  await untilSaved(client)
  for (const word of ['one ', 'two ', 'three ']) {
    client.text.insert(client.text.length, word)
    await untilSaved(client)
  }
  const truth = await readTruth(ask, document)
  expect(truth.text).toBe('start one two three ')
  expect(truth.frames.length).toBeGreaterThan(3)
  client.destroy()
  await other.stop()
})

test('DL7: a new document is seeded once, however many open it at the same time', async () => {
  const document = await addDocument(ask, project, 'seed')
  const otherDatabase = openDatabase(address)
  const other = await startCollab(otherDatabase)
  const clients = [server, other, server, other].map(({ url }) => open(document, { url }))
  await untilSaved(...clients)
  expect(clients.map(({ text }) => text.toString())).toEqual(['seed', 'seed', 'seed', 'seed'])
  const seeds = await ask('select client_id from document_client where document_id = $1', [document])
  expect(seeds).toHaveLength(1)
  for (const client of clients) client.destroy()
  await other.stop()
  await otherDatabase.close()
})

test('DL7: a load that fails refuses the connection and never yields an empty document', async () => {
  const cable = await layCable(address)
  const away = openDatabase(cable.address)
  const other = await startCollab(away)
  const document = await addDocument(ask, project, 'precious')
  const closed = await addDocument(ask, project, 'precious')
  const client = openDocument({ url: other.url, token: ana.token, document })
  await untilSaved(client)
  cable.cut()
  const late = await RawClient.open(other.url, closed, ana.token)
  await late.untilClosed()
  expect(late.closeCode).toBe(1013)
  expect(late.count('step2')).toBe(0)
  await expect(other.collab.liveDocuments.read([closed])).rejects.toThrow()
  cable.mend()
  const again = openDocument({ url: other.url, token: ana.token, document: closed })
  await untilSaved(again)
  expect(again.text.toString()).toBe('precious')
  for (const each of [client, again]) each.destroy()
  await other.stop()
  await away.close()
  await cable.close()
})

test('DL7: rows that cannot be applied refuse the document instead of opening half of it', async () => {
  const document = await addDocument(ask, project, 'half')
  await documentLogQueries.appendUpdates(database.log, [
    { document, epoch: 1, payload: Uint8Array.of(9, 9, 9), clients: [] },
  ])
  const client = await RawClient.open(server.url, document, ana.token)
  await client.untilClosed()
  expect(client.closeCode).toBe(1013)
  expect(client.count('step2')).toBe(0)
})

test('DL9: a document leaves memory when all of it is committed, and its text stands beside its state', async () => {
  const document = await addDocument(ask, project, 'hello')
  const client = open(document)
  await untilSaved(client)
  client.text.insert(5, ' world')
  client.destroy()
  await untilUnloaded()
  const [row] = await ask(
    'select text, text_seq, head from document_state s join document d on d.id = s.document_id where d.id = $1',
    [document],
  )
  expect(row).toEqual({ text: 'hello world', text_seq: '1', head: '1' })
})

test('DL9: while a commit is held, a document that everybody left stays, with what they typed', async () => {
  const document = await addDocument(ask, project)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const other = await startCollab(database, { beforeCommit: () => held })
  const client = openDocument({ url: other.url, token: ana.token, document })
  await untilSaved(client)
  client.text.insert(0, 'typed and gone')
  await until(() => client.provider.unsyncedChanges === 1, 'it was sent')
  await new Promise((resolve) => setTimeout(resolve, 50))
  client.destroy()
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect((await other.metrics.render()).text).toContain('skein_collab_open_documents 1\n')
  release()
  await until(async () => (await readTruth(ask, document)).text === 'typed and gone', 'it is committed')
  await other.stop()
})

test('DL10: nobody stays attached to a document that is unloaded in the same moment', async () => {
  const other = await startCollab(database, { times: { idleMs: 0, roundMs: 1 } })
  const document = await addDocument(ask, project)
  const typed: string[] = []
  for (let round = 0; round < 60; round++) {
    const client = openDocument({ url: other.url, token: ana.token, document })
    await untilSaved(client)
    const word = `${round} `
    client.text.insert(0, word)
    typed.unshift(word)
    if (round % 3) await untilSaved(client)
    else await until(() => client.provider.unsyncedChanges <= 1, 'it was sent')
    if (round % 3 === 0) await untilSaved(client)
    client.destroy()
    // A different moment of the unloading each time.
    for (let turn = 0; turn < round % 12; turn++) await Promise.resolve()
  }
  expect((await readTruth(ask, document)).text).toBe(typed.join(''))
  await other.stop()
})

test('DL13: a client of an epoch that has ended is denied, gets no text and changes nothing', async () => {
  const document = await addDocument(ask, project, 'first epoch')
  const old = open(document)
  await untilSaved(old)
  old.socket.disconnect()
  await untilUnloaded()
  await beginEpoch(ask, document, 'second epoch')
  old.text.insert(0, 'late words ')
  old.socket.connect()
  await until(() => old.denials.length > 0, 'it is denied')
  expect(old.denials).toEqual(['epoch-changed'])
  old.text.insert(0, 'more ')
  const fresh = open(document, { token: ben.token })
  await untilSaved(fresh)
  fresh.text.insert(0, 'A ')
  await untilSaved(fresh)
  expect(fresh.text.toString()).toBe('A second epoch')
  expect(old.text.toString()).toBe('more late words first epoch')
  expect(old.isSaved).toBe(false)
  expect((await readTruth(ask, document)).text).toBe('A second epoch')
  for (const client of [old, fresh]) client.destroy()
})

test('DL13: even an empty file tells its epochs apart', async () => {
  const document = await addDocument(ask, project, '')
  const old = open(document)
  await untilSaved(old)
  old.socket.disconnect()
  await untilUnloaded()
  await beginEpoch(ask, document, '')
  old.socket.connect()
  await until(() => old.denials.length > 0, 'it is denied')
  old.destroy()
})
