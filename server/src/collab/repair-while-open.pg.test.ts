/** QR8: a document is repaired while nodes have it open. */
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { keepCompact } from '../commands/history/keep-compact.ts'
import { repairDocument } from '../commands/repair/repair-document.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject, type TestPerson } from './testing/fixtures.ts'
import { RelayNetwork } from './testing/memory-relay.ts'
import { startCollab, type TestCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')

const startNodes = async (
  count: number,
  headsMs = 100,
  network = new RelayNetwork(MACHINE_CLOCK, {}),
): Promise<TestCollab[]> => {
  const nodes: TestCollab[] = []
  for (let n = 0; n < count; n++) {
    const relay = count > 1 ? { relay: network.connect(`node ${n}`) } : {}
    const node = await startCollab(database, { ...relay, times: { idleMs: 60_000, headsMs } })
    onTestFinished(() => node.stop())
    nodes.push(node)
  }
  return nodes
}
const openAt = (node: TestCollab | undefined, { token }: TestPerson, document: string): TestClient => {
  const client = openDocument({ url: node?.url ?? '', token, document })
  onTestFinished(() => client.destroy())
  return client
}
const spoilRow = (document: string, seq: number) =>
  ask('update document_update set payload = set_byte(payload, 20, 7) where document_id = $1 and seq = $2', [
    document,
    seq,
  ])
const type = async (client: TestClient, ...words: string[]) => {
  for (const word of words) {
    client.text.insert(client.text.length, word)
    await untilSaved(client)
  }
}
/** Nothing is called saved that a server which starts now would not show. */
const typeAndLook = async (client: TestClient, document: DocumentId, ...words: string[]) => {
  for (const word of words) {
    await type(client, word)
    expect((await readTruth(ask, document)).text).toContain(word)
  }
}
const untilAllHave = (text: string, ...clients: TestClient[]) =>
  until(() => clients.every((client) => client.text.toString() === text), `everybody has "${text}"`)

test('QR8: what is typed after another process has repaired an open document is saved, and what the repair emptied is back', async () => {
  // It learns of it by its own commit, not by the heads.
  const [node] = await startNodes(1, 60_000)
  const document = await addDocument(ask, project)
  const client = openAt(node, ana, document)
  await untilSaved(client)
  await type(client, 'one ', 'two ', 'three ')
  await spoilRow(document, 2)
  // The row that the repair left is packed at once: nobody can come upon it in the log.
  expect(await keepCompact(database, document)).toMatchObject({ outcome: 'compacted', repair: { result: 'holes' } })
  expect((await readTruth(ask, document)).text).toBe('one ')
  await typeAndLook(client, document, 'four ', 'five ', 'six ')
  const whole = 'one two three four five six '
  expect((await readTruth(ask, document)).text).toBe(whole)
  expect((await node?.collab.liveDocuments.read([document]))?.get(document)?.text).toBe(whole)
  const kept = async () => {
    const [row] = await ask<{ text: string; isOfHead: boolean }>(
      `select s.text, s.text_seq = d.head as "isOfHead" from document_state s join document d on d.id = s.document_id where d.id = $1`,
      [document],
    )
    return row?.isOfHead && row.text
  }
  await until(async () => (await kept()) === whole, 'the text beside the state is that of the rows')
})

test('QR8: what a repair emptied comes back although nobody types, or has the document open any more', async () => {
  const [node] = await startNodes(1)
  const document = await addDocument(ask, project)
  const [a, b] = [openAt(node, ana, document), openAt(node, ben, document)]
  await untilSaved(a, b)
  await type(a, 'one ')
  await untilAllHave('one ', b)
  await type(b, 'two ')
  await untilAllHave('one two ', a)
  for (const client of [a, b]) client.destroy()
  await spoilRow(document, 1)
  expect(await repairDocument(database, document)).toMatchObject({ result: 'holes' })
  await until(async () => (await readTruth(ask, document)).text === 'one two ', 'the words are back')
  const later = openAt(node, ben, document)
  await untilAllHave('one two ', later)
  await typeAndLook(later, document, 'three ')
})

test('QR8: every node reads a repaired document anew, whichever hears of it first, and loses nothing', async () => {
  const [first, second] = await startNodes(2)
  const document = await addDocument(ask, project)
  const [a, b] = [openAt(first, ana, document), openAt(second, ben, document)]
  await untilSaved(a, b)
  await type(a, 'one ', 'two ')
  await untilAllHave('one two ', b)
  await spoilRow(document, 2)
  expect(await repairDocument(database, document)).toMatchObject({ result: 'holes' })
  await typeAndLook(b, document, 'three ')
  await untilAllHave('one two three ', a)
  await typeAndLook(a, document, 'four ')
  await untilAllHave('one two three four ', b)
  await untilSaved(a, b)
  expect((await readTruth(ask, document)).text).toBe('one two three four ')
})

test('QR8: a node that meets the damage when it reads what it missed repairs it, and gets the words from the node that has them', async () => {
  const network = new RelayNetwork(MACHINE_CLOCK, {})
  const [first, second] = await startNodes(2, 100, network)
  const document = await addDocument(ask, project)
  const [a, b] = [openAt(first, ana, document), openAt(second, ben, document)]
  await untilSaved(a, b)
  network.cut('node 1')
  await type(a, 'one ', 'two ', 'three ')
  await spoilRow(document, 2)
  await type(b, 'else ')
  const repaired = async () =>
    (await ask('select from document_quarantine where document_id = $1', [document])).length > 0
  await until(repaired, 'the other node has met the damage')
  network.mend('node 1')
  await typeAndLook(a, document, 'four ')
  await until(async () => a.text.toString() === b.text.toString() && a.isSaved && b.isSaved, 'both have the same')
  const { text } = await readTruth(ask, document)
  expect(a.text.toString()).toBe(text)
  for (const word of ['one ', 'two ', 'three ', 'four ', 'else ']) expect(text).toContain(word)
})
