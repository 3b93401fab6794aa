/** Programs that write at one node and read at another, which has the document open and hears nothing. */
import { createTestDatabase } from '@skein/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { MACHINE_CLOCK } from './clock.ts'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { RelayNetwork } from './testing/memory-relay.ts'
import { startCollab } from './testing/server.ts'

const { database, ask } = await createTestDatabase()
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')

test('MN8: what was saved at one node is read at another, though no word of it came through the relay', async () => {
  const network = new RelayNetwork(MACHINE_CLOCK, { loses: () => true })
  // Nobody compares heads by themselves.
  const times = { headsMs: 600_000 }
  const [a, b] = [
    await startCollab(database, { relay: network.connect('a'), times }),
    await startCollab(database, { relay: network.connect('b'), times }),
  ]
  onTestFinished(() => a.stop())
  onTestFinished(() => b.stop())
  const document = await addDocument(ask, project, 'one')
  const writer = openDocument({ url: a.url, token: ana.token, document })
  const reader = openDocument({ url: b.url, token: ana.token, document })
  onTestFinished(() => writer.destroy())
  onTestFinished(() => reader.destroy())
  await untilSaved(writer, reader)
  for (const text of ['two', 'three']) {
    writer.text.insert(writer.text.length, ` ${text}`)
    await untilSaved(writer)
    const texts = await b.collab.liveDocuments.read([document])
    expect(texts.get(document)?.text).toBe(writer.text.toString())
  }
  await until(() => reader.text.toString() === 'one two three', 'whoever looks on sees it too')
})
