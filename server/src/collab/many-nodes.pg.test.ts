/** Two nodes over one PostgreSQL, and a relay between them whose weather changes. */
import { createTestDatabase } from '@skein/db/testing'
import { decodeUpdateFrames, documentText, revisionToParts } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { compactDocument } from '../commands/history/compact-document.ts'
import { MACHINE_CLOCK } from './clock.ts'
import type { CollabTimes } from './collab-times.ts'
import { openDocument, openSocket, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject, type TestPerson } from './testing/fixtures.ts'
import { HeldCommits } from './testing/held-commits.ts'
import { RelayNetwork, type RelayWeather } from './testing/memory-relay.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab, type TestCollab } from './testing/server.ts'
import { editAsServer } from './testing/server-edit.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')

interface Nodes {
  network: RelayNetwork
  a: TestCollab
  b: TestCollab
  /** Commits of `a`. */
  held: HeldCommits
}

const startNodes = async (weather: RelayWeather = {}, times: Partial<CollabTimes> = {}): Promise<Nodes> => {
  const network = new RelayNetwork(MACHINE_CLOCK, weather)
  const held = new HeldCommits()
  const start = async (name: string, failpoints = {}) => {
    const node = await startCollab(database, { relay: network.connect(name), times, ...failpoints })
    onTestFinished(() => node.stop())
    return node
  }
  return { network, held, a: await start('a', { beforeCommit: held.beforeCommit }), b: await start('b') }
}

const openAt = (node: TestCollab, person: TestPerson, document: DocumentId, doc = new Y.Doc()): TestClient => {
  const client = openDocument({ url: node.url, token: person.token, document, doc })
  onTestFinished(() => client.destroy())
  return client
}

const type = (client: TestClient, letters: string) => {
  const at = Math.floor(Math.random() * (client.text.length + 1))
  if (Math.random() < 0.2 && client.text.length > at) client.text.delete(at, 1)
  else client.text.insert(at, letters)
}

const untilAllHave = async (clients: readonly TestClient[], document: DocumentId) => {
  await untilSaved(...clients)
  const { text, seqs } = await readTruth(ask, document)
  await until(
    () => clients.every((client) => client.text.toString() === text),
    'everybody has the text of the database',
  )
  expect(seqs).toEqual(seqs.map((_, n) => n + 1))
  return text
}

const textAt = async (document: DocumentId, seq: number): Promise<string> => {
  const [state] = await ask<{ state: Buffer }>('select state from document_state where document_id = $1', [document])
  const rows = await ask<{ payload: Buffer }>(
    'select payload from document_update where document_id = $1 and seq <= $2 order by seq',
    [document, seq],
  )
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, state?.state as Buffer)
  for (const { payload } of rows) for (const { update } of decodeUpdateFrames(payload)) Y.applyUpdate(doc, update)
  return documentText(doc)
}

const FAIR: RelayWeather = {}
const STORMY: RelayWeather = { delayMs: () => Math.random() * 30, loses: () => Math.random() < 0.2 }
const NO_WORD: RelayWeather = { loses: () => true }

test.each([
  ['in fair weather', FAIR],
  ['while messages are late, lost and in another order', STORMY],
  ['while the relay carries nothing at all', NO_WORD],
])('MN1, MN2, MN4: what is typed at both nodes becomes one text %s', async (_when, weather) => {
  const { a, b } = await startNodes(weather, { headsMs: 100 })
  const document = await addDocument(ask, project, 'text')
  const clients = [openAt(a, ana, document), openAt(b, ben, document), openAt(b, ana, document)]
  await untilSaved(...clients)
  for (let n = 0; n < 120; n++) {
    type(clients[n % 3] as TestClient, String.fromCharCode(97 + (n % 26)).repeat(1 + (n % 3)))
    if (n % 4 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 8))
  }
  const text = await untilAllHave(clients, document)
  for (const node of [a, b]) {
    await until(
      async () => (await node.collab.liveDocuments.read([document])).get(document)?.text === text,
      'it is read',
    )
  }
})

test('MN2: an edit by the server names a row, and its text is exactly what the rows up to it hold, whoever got in between', async () => {
  const { a, b } = await startNodes({ delayMs: () => Math.random() * 10 })
  const document = await addDocument(ask, project, 'text')
  const clients = [openAt(a, ana, document), openAt(b, ben, document)]
  await untilSaved(...clients)
  const seen: { seq: number; text: string }[] = []
  let isTyping = true
  const typing = (async () => {
    for (let n = 0; isTyping; n++) {
      type(clients[n % 2] as TestClient, 'x')
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
  })()
  const edit = async ({ collab: { liveDocuments } }: TestCollab) => {
    for (let n = 0; n < 25; n++) {
      const read = (await liveDocuments.read([document])).get(document)
      if (!read) throw new Error('It is not there')
      const { current } = await editAsServer(liveDocuments, document, ana.actor, read.revision, [
        { at: 0, remove: 0, insert: '>' },
      ])
      for (const { revision, text } of [read, current]) seen.push({ seq: revisionToParts(revision)?.seq ?? -1, text })
    }
  }
  await Promise.all([edit(a), edit(b)])
  isTyping = false
  await typing
  await untilAllHave(clients, document)
  for (const { seq, text } of seen) expect(text).toBe(await textAt(document, seq))
  expect(new Set(seen.map(({ seq }) => seq)).size).toBeGreaterThan(10)
})

test('MN2: rows that were missed and stand in the state alone are taken from the state', async () => {
  const { network, a, b } = await startNodes({}, { headsMs: 60_000 })
  const document = await addDocument(ask, project, 'text')
  const clients = [openAt(a, ana, document), openAt(b, ben, document)] as const
  await untilSaved(...clients)
  network.cut('b')
  for (const letter of 'abc') {
    clients[0].text.insert(0, letter)
    await untilSaved(clients[0])
  }
  expect(await compactDocument(database, document)).toMatchObject({ outcome: 'compacted', upto: 3 })
  network.mend('b')
  await until(() => clients[1].text.toString() === 'cbatext', 'the other node has caught up')
  clients[1].text.insert(0, 'd')
  await untilSaved(clients[1])
  await until(() => clients[0].text.toString() === 'dcbatext', 'both go on')
})

test('MN3: a node that loads while another one commits misses nothing', async () => {
  const { a, b } = await startNodes({ delayMs: () => Math.random() * 6 }, { headsMs: 60_000 })
  for (let round = 0; round < 15; round++) {
    const document = await addDocument(ask, project, 'text')
    const writer = openAt(a, ana, document)
    await untilSaved(writer)
    let isTyping = true
    const typing = (async () => {
      while (isTyping) {
        writer.text.insert(0, 'x')
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })()
    const reader = openAt(b, ben, document)
    await until(() => reader.text.length > 4, 'it is loaded')
    isTyping = false
    await typing
    await untilAllHave([writer, reader], document)
    writer.destroy()
    reader.destroy()
  }
})

test('MN4: whoever comes from another node, with text of others that this node has not heard of, is no forger', async () => {
  const { a, b } = await startNodes(NO_WORD, { headsMs: 60_000 })
  const document = await addDocument(ask, project, 'text')
  const [writer, moving, resident] = [openAt(a, ben, document), openAt(a, ana, document), openAt(b, ben, document)]
  await untilSaved(writer, moving, resident)
  writer.text.insert(0, 'theirs ')
  await until(() => moving.text.toString() === 'theirs text', 'she has it')
  const { document: doc } = moving.provider
  moving.destroy()
  doc.getText('text').insert(0, 'mine ')
  const moved = openAt(b, ana, document, doc)
  await untilSaved(moved)
  expect((await readTruth(ask, document)).text).toBe('mine theirs text')
  await until(() => resident.text.toString() === 'mine theirs text', 'those who were there see it')
  expect((await b.metrics.render()).text).not.toMatch(/refused_total\{reason="foreign-client"\}/)
})

test('MN5: a document whose epoch has ended is read anew at every node, and nothing of the old one gets into the new one', async () => {
  const { held, a, b } = await startNodes(NO_WORD, { headsMs: 50 })
  const document = await addDocument(ask, project, 'old')
  const clients = [openAt(a, ana, document), openAt(b, ben, document)] as const
  await untilSaved(...clients)
  held.hold()
  clients[0].text.insert(0, 'late ')
  await ask(`update document_client set retired = true where document_id = $1`, [document])
  await ask(
    `update document_state s set state = null, text = 'new', upto_seq = d.head, text_seq = d.head
     from document d where s.document_id = $1 and d.id = $1`,
    [document],
  )
  await ask('delete from document_update where document_id = $1', [document])
  await ask('update document set epoch = 2 where id = $1', [document])
  held.release()
  await until(() => clients.every(({ denials }) => denials.includes('epoch-changed')), 'both hear of it')
  const fresh = [openAt(a, ana, document), openAt(b, ben, document)]
  await untilSaved(...fresh)
  expect(await untilAllHave(fresh, document)).toBe('new')
})

test('MN7: of two people who write under one client id at two nodes in the same moment, one is refused, and nothing of theirs stays', async () => {
  const { held, a, b } = await startNodes(NO_WORD, { headsMs: 50 })
  const document = await addDocument(ask, project)
  const [first, second, witness] = [
    await RawClient.open(a.url, document, ana.token),
    await RawClient.open(b.url, document, ben.token),
    openAt(a, ben, document),
  ]
  await untilSaved(witness)
  const updateOf = (text: string) => {
    const doc = new Y.Doc()
    doc.clientID = 77
    doc.getText('text').insert(0, text)
    return Y.encodeStateAsUpdate(doc)
  }
  held.hold()
  first.update(document, updateOf('ana'))
  second.update(document, updateOf('ben'))
  await second.until(({ kind }) => kind === 'status')
  held.release()
  await first.untilClosed()
  await until(() => witness.text.toString() === 'ben', 'the witness sees what was first')
  witness.text.insert(3, '!')
  expect(await untilAllHave([witness, openAt(b, ana, document)], document)).toBe('ben!')
  const owners = await ask('select actor from document_client where document_id = $1 and client_id = 77', [document])
  expect(owners).toEqual([{ actor: ben.actor }])
  first.destroy()
  second.destroy()
})

test('DL5: a node that dies between edits and their commit loses none that was acknowledged; its people go on at the other', async () => {
  const { network, held, a, b } = await startNodes()
  const document = await addDocument(ask, project)
  const other = openAt(b, ben, document)
  const socket = openSocket(a.url)
  const doc = new Y.Doc()
  const before = openDocument({ url: a.url, token: ana.token, document, doc, socket })
  await untilSaved(before, other)
  before.text.insert(0, 'saved ')
  await untilSaved(before)
  held.hold()
  before.text.insert(0, 'waiting ')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(before.isSaved).toBe(false)
  network.kill('a')
  before.destroy()
  socket.destroy()
  await a.stop()
  expect(other.text.toString()).toBe('saved ')
  const after = openAt(b, ana, document, doc)
  await untilSaved(after)
  // What the dead node had sent to the database may still arrive there; it is the same edit.
  held.release()
  expect(await untilAllHave([after, other], document)).toBe('waiting saved ')
})

test('DL6: a commit that landed although its answer was lost is found in the log; nobody is cut off for it', async () => {
  let losses = 0
  const forgetful = {
    ...database,
    log: {
      ...database.log,
      query: async (text: string, values?: readonly unknown[]) => {
        const rows = await database.log.query(text, values)
        if (text.includes('insert into document_update') && losses-- > 0) throw new Error('Connection terminated')
        return rows
      },
    } as typeof database.log,
  }
  const node = await startCollab(forgetful)
  onTestFinished(() => node.stop())
  const document = await addDocument(ask, project, 'text')
  const client = openAt(node, ana, document)
  await untilSaved(client)
  losses = 1
  client.text.insert(0, 'once ')
  await untilAllHave([client], document)
  expect((await readTruth(ask, document)).text).toBe('once text')
  const kept = async () => {
    const [row] = await ask<{ text: string; seq: string; head: string }>(
      'select text, text_seq as seq, head from document_state s join document d on d.id = s.document_id where d.id = $1',
      [document],
    )
    return row?.seq === row?.head && row?.text
  }
  await until(async () => (await kept()) === 'once text', 'the text is kept at its last row')
  client.text.insert(0, 'more ')
  await untilAllHave([client], document)
})
