/** Two nodes as a process builds them, on one PostgreSQL and one Redis: what people at different nodes see of each other. */
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId, ProjectEvent } from '@skein/protocol'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDocument, type TestClient, until, untilSaved } from './collab/testing/client.ts'
import { addDocument, addPerson, addProject } from './collab/testing/fixtures.ts'
import { readTruth } from './collab/testing/truth.ts'
import type { Context } from './context.ts'
import { createTestContext } from './testing/context.ts'
import { hasRedis, startRedis, type TestRedis } from './testing/redis.ts'

const { database, ask } = await createTestDatabase()
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')

interface Node {
  context: Context
  url: string
  stop(): Promise<void>
}

async function startNode(redis: TestRedis): Promise<Node> {
  const { context, dataDir } = await createTestContext(database, { REDIS_URL: redis.url })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => context.collab.upgrade(request, socket, head))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await context.events.start()
  await context.collab.run()
  return {
    context,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/collab`,
    stop: async () => {
      await context.collab.stop()
      context.events.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

describe.skipIf(!hasRedis)('two nodes', () => {
  let redis: TestRedis
  let a: Node
  let b: Node

  beforeAll(async () => {
    redis = await startRedis()
    a = await startNode(redis)
    b = await startNode(redis)
  })
  afterAll(async () => {
    await a.stop()
    await b.stop()
    await redis.stop()
  })

  const openAs = (node: Node, { token }: typeof ana, document: DocumentId): TestClient => {
    const client = openDocument({ url: node.url, token, document })
    onTestFinished(() => client.destroy())
    return client
  }

  test('people at both write into one document, see each other, and are told as the people of the project', async () => {
    const document = await addDocument(ask, project)
    const heard: ProjectEvent[] = []
    const stop = await b.context.events.subscribe(project, null, (event) => heard.push(event))
    onTestFinished(stop)
    const people = () => {
      const last = heard.findLast(({ type }) => type === 'presence')
      return last?.type === 'presence' ? last.people.map(({ person }) => person.name) : []
    }
    const [first, second] = [openAs(a, ana, document), openAs(b, ben, document)]
    await untilSaved(first, second)
    for (let n = 0; n < 50; n++) {
      first.text.insert(0, 'a')
      second.text.insert(second.text.length, 'b')
    }
    first.provider.awareness?.setLocalStateField('cursor', 7)
    await untilSaved(first, second)
    await until(() => first.text.length === 100 && second.text.length === 100, 'both have everything')
    expect(first.text.toString()).toBe(second.text.toString())
    expect((await readTruth(ask, document)).text).toBe(first.text.toString())
    const seen = () => second.provider.awareness?.getStates().get(first.provider.document.clientID)
    await until(() => seen()?.cursor === 7 && seen()?.user.name === 'Ana', 'her cursor is seen')
    await until(() => people().join() === 'Ana,Ben', 'both are told')
    first.destroy()
    await until(() => seen() === undefined && people().join() === 'Ben', 'she has left')
  })

  test('without Redis they go on saving, and hear each other from the database; with it they are as before', async () => {
    const document = await addDocument(ask, project)
    const [first, second] = [openAs(a, ana, document), openAs(b, ben, document)]
    await untilSaved(first, second)
    await redis.kill()
    await until(() => !a.context.relay?.isConnected && !b.context.relay?.isConnected, 'both know')
    first.text.insert(0, 'saved without it')
    await untilSaved(first)
    await until(() => second.text.toString() === 'saved without it', 'he reads it')
    await redis.start()
    await until(() => Boolean(a.context.relay?.isConnected && b.context.relay?.isConnected), 'both are back')
    second.text.insert(0, 'and with it: ')
    await until(() => first.text.toString() === 'and with it: saved without it', 'she reads it')
  })
})
