import { decodeOpening, encodeOpening, openState } from '@skein/document'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { CollabNode } from './collab-node.ts'
import type { OpenDocument } from './open-document.ts'
import { NO_RELAY } from './relay.ts'
import { until } from './testing/client.ts'
import { MemoryDocumentStore } from './testing/memory-document-store.ts'

test('DL15: showing to other nodes who is there does not build a document that was opened from stored bytes', async () => {
  const store = new MemoryDocumentStore()
  const document = store.add('text')
  const load = store.load.bind(store)
  store.load = async (id) => {
    const picture = await load(id)
    const bytes = picture && encodeOpening(openState(picture.state))
    return picture && { ...picture, opening: bytes && decodeOpening(bytes) }
  }
  let shown = 0
  const node = new CollabNode({
    store,
    relay: { ...NO_RELAY, showPresence: () => shown++ },
    clock: MACHINE_CLOCK,
    events: { tell: () => {} },
    log: createLog('silent'),
    metrics: createMetrics(),
  })
  await node.run()
  onTestFinished(() => node.stop())
  const request = new Request('http://localhost')
  await node.hocuspocus.createDocument(document, request, 'test', { isAuthenticated: true, readOnly: false })
  const open = node.open.get(document) as OpenDocument
  open.shell.awareness.setLocalState({ cursor: 1 })
  await until(() => shown > 0, 'it was shown')
  expect(open.shell.store.clients.size).toBe(0)
  expect(open.text).toBe('text')
})
