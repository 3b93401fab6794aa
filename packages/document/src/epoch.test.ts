import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { documentText, seedEpoch } from './epoch.ts'
import { partsToRevision, revisionToParts } from './revision.ts'

const load = (state: Uint8Array): Y.Doc => {
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, state)
  return doc
}

test.each(['', 'hello\n', '😀\r\n'])('%j is seeded under the client id of its epoch alone', (text) => {
  const doc = load(seedEpoch(text, 2, 4_000_000_000))
  expect(documentText(doc)).toBe(text)
  expect([...Y.decodeStateVector(Y.encodeStateVector(doc)).keys()]).toEqual([4_000_000_000])
})

test('a revision names document, epoch and row', () => {
  const parts = { document: '0199a6ab-0000-7000-8000-000000000001' as never, epoch: 3, seq: 17 }
  expect(revisionToParts(partsToRevision(parts))).toEqual(parts)
  expect(revisionToParts('W/"abc"')).toBeNull()
  expect(revisionToParts(`${parts.document}:1:-1`)).toBeNull()
})
