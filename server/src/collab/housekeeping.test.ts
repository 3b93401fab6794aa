import { type DocumentId, SKEIN } from '@skein/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { CollabNode } from './collab-node.ts'
import { until } from './testing/client.ts'
import { MemoryDocumentStore } from './testing/memory-document-store.ts'

const TEXT = 'x'.repeat(100_000)

const startNode = async (idleBytesMax: number) => {
  const store = new MemoryDocumentStore()
  const node = new CollabNode({
    store,
    clock: MACHINE_CLOCK,
    events: { tell: () => {} },
    log: createLog('silent'),
    metrics: createMetrics(),
    times: { roundMs: 5 },
    idleBytesMax,
  })
  await node.run()
  onTestFinished(() => node.stop())
  const open = async (document: DocumentId) => {
    const request = new Request('http://localhost')
    await node.hocuspocus.createDocument(document, request, 'test', { isAuthenticated: true, readOnly: false })
    return node.open.get(document)
  }
  return { store, node, open }
}

test('DL9: of documents that nobody has open, those unused for longest leave when all take too much', async () => {
  const { store, node, open } = await startNode(4 * 320_000)
  const documents = Array.from({ length: 8 }, () => store.add(TEXT))
  for (const document of documents) {
    await open(document)
    // One is used again and again.
    const first = node.open.get(documents[0] as DocumentId)
    if (first) first.usedAt = MACHINE_CLOCK.now()
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const used = [documents[0], ...documents.slice(-2)]
  await until(() => node.open.size <= 4, 'enough have left')
  for (const document of used) expect(node.open.has(document as DocumentId)).toBe(true)
  expect([...node.open.values()].reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(4 * 320_000)
})

test('DL9: what is not committed does not leave memory, however much it takes', async () => {
  let isDown = false
  const { store, node, open } = await startNode(1)
  const commit = store.commit.bind(store)
  store.commit = (items) => (isDown ? Promise.reject(new Error('The database is away')) : commit(items))
  const document = store.add(TEXT)
  isDown = true
  const opened = await open(document)
  opened?.edit({ actor: SKEIN }, (text) => text.insert(0, 'new '))
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(node.open.has(document)).toBe(true)
  isDown = false
  await until(() => !node.open.has(document), 'it leaves when it is committed')
  expect(store.textOf(document)).toBe(`new ${TEXT}`)
  expect(store.textBeside(document)).toEqual({ text: `new ${TEXT}`, seq: 1 })
})

test('DL14: a document that cannot become a row of the log again leaves memory, although rows are missing in it', async () => {
  const { store, node, open } = await startNode(Number.POSITIVE_INFINITY)
  const document = store.add(TEXT)
  const opened = await open(document)
  // A row of somebody else that nobody can read.
  await store.commit([{ document, epoch: 1, payload: Uint8Array.of(9, 9, 9), clients: [] }])
  opened?.edit({ actor: SKEIN }, (text) => text.insert(0, 'new '))
  await until(() => !node.open.has(document), 'it leaves')
  expect(opened?.isSuspect).toBe(true)
})
