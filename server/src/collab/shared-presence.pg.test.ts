/** Who is seen by whom, when everybody has a node of their own. */
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { MACHINE_CLOCK } from './clock.ts'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { RelayNetwork } from './testing/memory-relay.ts'
import { startCollab, type TestCollab } from './testing/server.ts'

const { database, ask } = await createTestDatabase()
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')

const startNodes = async (...names: string[]): Promise<{ network: RelayNetwork; nodes: TestCollab[] }> => {
  const network = new RelayNetwork(MACHINE_CLOCK)
  const nodes: TestCollab[] = []
  for (const name of names) {
    const node = await startCollab(database, { relay: network.connect(name) })
    nodes.push(node)
    onTestFinished(() => node.stop())
  }
  return { network, nodes }
}

const openAs = (node: TestCollab | undefined, person: typeof ana, document: DocumentId): TestClient => {
  const client = openDocument({ url: node?.url ?? '', token: person.token, document })
  onTestFinished(() => client.destroy())
  return client
}

const show = (client: TestClient, cursor: number) => client.provider.awareness?.setLocalStateField('cursor', cursor)
const seen = (by: TestClient, of: TestClient) =>
  by.provider.awareness?.getStates().get(of.provider.document.clientID) as
    | { cursor: number; user: { name: string } }
    | undefined
const peopleAt = (node: TestCollab | undefined) =>
  node?.collab.presenceOf(project.projectId).map(({ person, fileIds }) => [person.name, fileIds.length])

test('MN6: cursors and names are seen at every node, by those who come later too, and leave with their owners', async () => {
  const { nodes } = await startNodes('a', 'b', 'c')
  const document = await addDocument(ask, project)
  const [a, b] = [openAs(nodes[0], ana, document), openAs(nodes[1], ben, document)]
  await untilSaved(a, b)
  show(a, 1)
  show(b, 2)
  await until(() => seen(a, b)?.cursor === 2 && seen(b, a)?.cursor === 1, 'each sees the other')
  expect(seen(b, a)?.user).toMatchObject({ name: 'Ana' })
  const late = openAs(nodes[2], ben, document)
  await until(() => seen(late, a)?.cursor === 1 && seen(late, b)?.cursor === 2, 'who comes later sees both')
  a.destroy()
  await until(() => !seen(b, a) && !seen(late, a), 'she has left for everybody')
})

test('MN6: the people of a project are told at every node, also at one that starts later', async () => {
  const { network, nodes } = await startNodes('a', 'b')
  const [one, two] = [await addDocument(ask, project), await addDocument(ask, project)]
  const a = openAs(nodes[0], ana, one)
  const [b, b2] = [openAs(nodes[1], ben, one), openAs(nodes[0], ben, two)]
  await untilSaved(a, b, b2)
  const everybody = [
    ['Ana', 1],
    ['Ben', 2],
  ]
  for (const node of nodes) await expect.poll(() => peopleAt(node)).toEqual(everybody)
  await expect
    .poll(() => nodes[1]?.told.at(-1))
    .toMatchObject({ type: 'presence', people: [{}, { fileIds: [{}, {}].map(() => expect.any(String)) }] })
  const late = await startCollab(database, { relay: network.connect('late') })
  onTestFinished(() => late.stop())
  await expect.poll(() => peopleAt(late)).toEqual(everybody)
  b.destroy()
  b2.destroy()
  for (const node of [...nodes, late]) await expect.poll(() => peopleAt(node)).toEqual([['Ana', 1]])
})

test('MN6: a node that dies takes its people with it', async () => {
  const { network, nodes } = await startNodes('a', 'b')
  const document = await addDocument(ask, project)
  const [a, b] = [openAs(nodes[0], ana, document), openAs(nodes[1], ben, document)]
  await untilSaved(a, b)
  show(a, 1)
  await until(() => seen(b, a)?.cursor === 1, 'he sees her')
  await expect.poll(() => peopleAt(nodes[1])?.length).toBe(2)
  network.kill('a')
  await until(() => !seen(b, a), 'she is not seen any more')
  await expect.poll(() => peopleAt(nodes[1])).toEqual([['Ben', 1]])
})

test('MN6: after the nodes could not hear each other everybody is seen as they are now', async () => {
  const { network, nodes } = await startNodes('a', 'b')
  const document = await addDocument(ask, project)
  const [a, b, gone] = [
    openAs(nodes[0], ana, document),
    openAs(nodes[1], ben, document),
    openAs(nodes[0], ana, document),
  ]
  await untilSaved(a, b, gone)
  show(a, 1)
  show(gone, 1)
  await until(() => seen(b, a)?.cursor === 1 && seen(b, gone)?.cursor === 1, 'he sees both')
  network.cut('a')
  show(a, 2)
  gone.destroy()
  await expect.poll(() => peopleAt(nodes[0])).toEqual([['Ana', 1]])
  network.mend('a')
  await until(() => seen(b, a)?.cursor === 2 && !seen(b, gone), 'he sees where she is now, and who has left')
})
