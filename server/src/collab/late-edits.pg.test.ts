/** What people had typed before they saw a write: by their real providers, offline and online. */
import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { LateEdit } from '../commands/live-documents.ts'
import { type Clock, MACHINE_CLOCK } from './clock.ts'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { RelayNetwork } from './testing/memory-relay.ts'
import { startCollab, type TestCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

/** The clock of the nodes goes slowly, for machines that are slow, and can be put forward; waiting takes its time all the same. */
let aheadMs = 0
const clock: Clock = { ...MACHINE_CLOCK, now: () => MACHINE_CLOCK.now() / 20 + aheadMs }
const { database, ask } = await createTestDatabase()
const network = new RelayNetwork(MACHINE_CLOCK)
const nodes: TestCollab[] = []
for (const name of ['a', 'b']) {
  nodes.push(await startCollab(database, { relay: network.connect(name), clock, times: { idleMs: 60_000 } }))
}
const [a, b] = nodes as [TestCollab, TestCollab]
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
afterAll(() => Promise.all(nodes.map((node) => node.stop())))

const sitDown = async (document: DocumentId, at: TestCollab = a, { token } = ana): Promise<TestClient> => {
  const client = openDocument({ url: at.url, token, document })
  onTestFinished(() => client.destroy())
  await untilSaved(client)
  return client
}

const TEXT = 'one\ntwo\na blue car\nfour\nfive\nsix\nseven\n'

/** A write at node a, as a pull makes it; `told` is what comes late. */
const pull = async (document: DocumentId, from: string, to: string, forMs = 30_000) => {
  const told: LateEdit[] = []
  const was = (await a.collab.liveDocuments.read([document])).get(document)
  if (!was) throw new Error('The document is not there')
  const outcome = await a.collab.liveDocuments.write({
    document,
    writer: { actor: ben.actor, run: randomUUID() },
    read: was.revision,
    wanted: { text: was.text.replace(from, to) },
    late: { forMs, tell: (edits) => told.push(...edits) },
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
  })
  expect(outcome.outcome).toBe('written')
  return told
}

const offline = async (page: TestClient) => {
  page.socket.disconnect()
  await until(() => page.socket.status === 'disconnected', 'the page is offline')
}

const comeBack = async (page: TestClient) => {
  void page.socket.connect()
  await untilSaved(page)
}

test('CF7: what somebody typed offline on a line of the pull is told when they come back, with the line before, after and now', async () => {
  const document = await addDocument(ask, project, TEXT)
  const page = await sitDown(document)
  await offline(page)
  const at = page.text.toString().indexOf('blue')
  page.text.delete(at, 4)
  page.text.insert(at, 'green')
  const told = await pull(document, 'blue', 'red')
  aheadMs += 5_000
  await comeBack(page)
  await until(() => told.length > 0, 'it is told')
  const { text } = await readTruth(ask, document)
  const line = text.split('\n')[2]
  expect(told[0]).toMatchObject({
    place: 0,
    before: 'a blue car\n',
    after: 'a red car\n',
    present: `${line}\n`,
    by: [ana.actor],
  })
  expect(line).toContain('green')
  expect(line).toContain('red')
  const found = await a.collab.liveDocuments.place(document, told)
  expect(found?.current.text.slice(found.ranges[0]?.from, found.ranges[0]?.to)).toBe(`${line}\n`)
})

test('CF7: also on the line beside it, but not elsewhere', async () => {
  const document = await addDocument(ask, project, TEXT)
  const page = await sitDown(document)
  await offline(page)
  page.text.insert(page.text.toString().indexOf('four'), 'beside ')
  const told = await pull(document, 'a blue car\nfour\nfive\nsix\nseven', 'a red car\nfour\nfive\nsix\nSEVEN')
  await comeBack(page)
  await until(() => told.length > 0, 'it is told')
  expect(told).toMatchObject([{ place: 0, before: 'a blue car\n', present: 'a red car\n' }])
})

test('CF7: what is typed by somebody who has seen the pull is not late: two seconds after it, or with it in their client', async () => {
  const document = await addDocument(ask, project, TEXT)
  const page = await sitDown(document)
  const other = await sitDown(document, a, ben)
  await offline(other)
  other.text.insert(other.text.toString().indexOf('car'), 'late ')
  const told = await pull(document, 'blue', 'red')
  await until(() => page.text.toString().includes('red'), 'the page sees the pull')
  aheadMs += 3_000
  page.text.insert(page.text.toString().indexOf('red'), 'dark ')
  await untilSaved(page)
  await offline(page)
  page.text.insert(page.text.toString().indexOf('red'), 'very ')
  await comeBack(page)
  await comeBack(other)
  await until(() => told.length > 0, 'what came late is told')
  expect(told[0]?.by).toEqual([ben.actor])
})

test('CF7: what a client sends that was attached all the time is late for two seconds, at another node too', async () => {
  const document = await addDocument(ask, project, TEXT)
  const page = await sitDown(document, b)
  const told = await pull(document, 'blue', 'red')
  page.text.insert(page.text.toString().indexOf('car'), 'old ')
  await until(() => told.length > 0, 'it is told')
  expect(told[0]).toMatchObject({ after: 'a red car\n', by: [ana.actor] })
})

test('CF14: a watch ends after its time', async () => {
  const document = await addDocument(ask, project, TEXT)
  const page = await sitDown(document)
  await offline(page)
  page.text.insert(page.text.toString().indexOf('blue'), 'very ')
  const short = await pull(document, 'blue', 'red', 1)
  const long = await pull(document, 'red', 'black')
  await comeBack(page)
  await until(() => long.length > 0, 'the other one tells it')
  expect(short).toEqual([])
})
