import { SKEIN } from '@skein/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { CollabNode } from './collab-node.ts'
import { JournalKeeper } from './journal-keeper.ts'
import type { OpenDocument } from './open-document.ts'
import { until } from './testing/client.ts'
import { MemoryDocumentStore } from './testing/memory-document-store.ts'

const startNode = async () => {
  const store = new MemoryDocumentStore()
  const node = new CollabNode({
    store,
    clock: MACHINE_CLOCK,
    events: { tell: () => {} },
    log: createLog('silent'),
    metrics: createMetrics(),
    times: { roundMs: 5 },
  })
  await node.run()
  onTestFinished(() => node.stop())
  return async (text: string): Promise<OpenDocument> => {
    const document = store.add(text)
    const request = new Request('http://localhost')
    await node.hocuspocus.createDocument(document, request, 'test', { isAuthenticated: true, readOnly: false })
    return node.open.get(document) as OpenDocument
  }
}

test('AE1: a journal and the texts that were read go with the document that leaves memory', async () => {
  const open = await startNode()
  const keeper = new JournalKeeper(MACHINE_CLOCK)
  const documents = await Promise.all(['one', 'two', 'three'].map(open))
  for (const document of documents) {
    keeper.keep(document, { seq: 0, number: keeper.mark(document), text: document.text })
    document.edit({ actor: SKEIN }, (text) => text.insert(0, 'typed '))
  }
  expect(keeper.held.journals).toBe(3)
  expect(keeper.held.size).toBeGreaterThan(0)
  const [first] = documents as [OpenDocument]
  expect(keeper.find(first, 0)).toEqual({ text: 'one', number: 0 })
  for (const document of documents) document.usedAt = Number.NEGATIVE_INFINITY
  await until(() => documents.every(({ shell }) => shell.isDestroyed), 'they have left memory')
  expect(keeper.held).toEqual({ journals: 0, size: 0 })
  expect(keeper.find(first, 0)).toBeNull()
  keeper.mark(first)
  expect(keeper.held.journals).toBe(0)
  expect(keeper.since(first, 0)).toBeNull()
})

test('AE1: all journals together are bounded; that which was read longest ago goes first', async () => {
  const open = await startNode()
  const keeper = new JournalKeeper(MACHINE_CLOCK)
  const documents = await Promise.all(Array.from({ length: 20 }, () => open('')))
  for (const document of documents) keeper.mark(document)
  for (const { shell } of documents) shell.getText('text').insert(0, 'x'.repeat(4_000_000))
  expect(keeper.held.journals).toBe(16)
  expect(keeper.held.size).toBeLessThanOrEqual(64 * 1024 * 1024)
  expect(documents.map((document) => keeper.since(document, 0) !== null)).toEqual(documents.map((_, i) => i >= 4))
})
