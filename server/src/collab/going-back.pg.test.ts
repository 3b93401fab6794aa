/** DL16: PostgreSQL goes back to an earlier state below running nodes. */
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { startCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const server = await startCollab(database, { times: { idleMs: 60_000, headsMs: 100 } })
const project = await addProject(ask)
const [ana, ben] = [await addPerson(ask, project, 'Ana', 'editor'), await addPerson(ask, project, 'Ben', 'editor')]
afterAll(() => server.stop())

/** As a standby has it that lacks what came after row `seq`. */
const goBack = (document: DocumentId, seq: number) =>
  ask(
    `with lost as (delete from document_update where document_id = $1 and seq > $2)
     update document set head = $2 where id = $1`,
    [document, seq],
  )
const open = (token: string, document: DocumentId) => openDocument({ url: server.url, token, document })

test('DL16: what is typed after a fail-over to a standby without the last rows is saved, and what it lacked comes back', async () => {
  const document = await addDocument(ask, project, '')
  const client = open(ana.token, document)
  await untilSaved(client)
  for (const word of ['one ', 'two ', 'three ']) {
    client.text.insert(client.text.length, word)
    await untilSaved(client)
  }
  await goBack(document, 1)
  for (const word of ['four ', 'five ', 'six ', 'seven ']) {
    client.text.insert(client.text.length, word)
    await untilSaved(client)
    // Nothing is called saved that a server which starts now would not show.
    expect((await readTruth(ask, document)).text).toContain(word)
  }
  expect((await readTruth(ask, document)).text).toBe('one two three four five six seven ')
  client.destroy()
})

test('DL16: lost rows come back although nobody types, also when two people hold lost words of each other', async () => {
  const document = await addDocument(ask, project, '')
  const [a, b] = [open(ana.token, document), open(ben.token, document)]
  await untilSaved(a, b)
  a.text.insert(0, 'one ')
  await until(() => b.text.toString() === 'one ', 'Ben sees it')
  b.text.insert(4, 'two ')
  await until(() => a.text.toString() === 'one two ', 'Ana sees it')
  a.text.insert(8, 'three ')
  await untilSaved(a, b)
  await goBack(document, 0)
  await until(async () => (await readTruth(ask, document)).text === 'one two three ', 'the rows are back')
  b.text.insert(b.text.length, 'four ')
  await until(() => a.text.toString() === 'one two three four ', 'Ana sees what came after')
  await untilSaved(a, b)
  expect((await readTruth(ask, document)).text).toBe('one two three four ')
  a.destroy()
  b.destroy()
})
