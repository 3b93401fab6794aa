/** The collaboration server over real sockets, stock providers and PostgreSQL: what everybody does every day. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test } from 'vitest'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
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

const open = (document: string, person = ana, more: Partial<Parameters<typeof openDocument>[0]> = {}): TestClient => {
  const client = openDocument({ url: server.url, token: person.token, document, ...more })
  clients.push(client)
  return client
}

test('two people type into one document and what they see is what the database holds', async () => {
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
