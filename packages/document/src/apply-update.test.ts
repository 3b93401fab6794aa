import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { applyUpdate } from './apply-update.ts'

/** Updates that one person makes, one for each word, after others of somebody else. */
const type = (clientId: number, words: readonly string[], after: readonly Uint8Array[] = []): Uint8Array[] => {
  const doc = new Y.Doc()
  doc.clientID = clientId
  for (const update of after) Y.applyUpdate(doc, update)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of words) doc.getText('text').insert(doc.getText('text').length, word)
  return updates
}
const [one, two, three] = type(100, ['one', 'two', 'three']) as [Uint8Array, Uint8Array, Uint8Array]
const [behindOne] = type(200, ['!'], [one]) as [Uint8Array]
/** The second waits for the first, beside a third that waits for more. */
const late = Y.mergeUpdates([three, behindOne])

test('what is parked stands as soon as it can, with one event, also when a neighbour of it has to wait on', () => {
  const doc = new Y.Doc()
  applyUpdate(doc, late)
  expect(doc.getText('text').toString()).toBe('')
  const events: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => events.push(update))
  applyUpdate(doc, one)
  expect(doc.getText('text').toString()).toBe('one!')
  expect(doc.store.pendingStructs).not.toBeNull()
  expect(events).toHaveLength(1)
  const viewer = new Y.Doc()
  for (const event of events) Y.applyUpdate(viewer, event)
  expect(viewer.getText('text').toString()).toBe('one!')
  applyUpdate(doc, two)
  expect(doc.getText('text').toString()).toBe('onetwothree!')
  expect(doc.store.pendingStructs).toBeNull()
})

test('what goes on above something parked leaves it as it is: it is not read again', () => {
  const doc = new Y.Doc()
  applyUpdate(doc, three)
  const { pendingStructs } = doc.store
  const before = pendingStructs?.update
  for (const update of type(300, [...'a long day of somebody else'])) applyUpdate(doc, update)
  expect(doc.store.pendingStructs).toBe(pendingStructs)
  expect(doc.store.pendingStructs?.update).toBe(before)
})
