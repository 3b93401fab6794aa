import { randomUUID } from 'node:crypto'
import type { FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, encodeMessage, MESSAGE_BYTES_MAX, type Message } from './message.ts'

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 })
const project = { projectId: randomUUID() as string as ProjectId, workspaceId: randomUUID() as string as WorkspaceId }
const person = fc.record({
  person: fc.record({ id: fc.string(), name: fc.string({ unit: 'binary' }), colour: fc.integer({ min: 1, max: 10 }) }),
  fileIds: fc.array(fc.uuid().map((id) => id as string as FileId)),
})
const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    is: fc.constant('row' as const),
    epoch: fc.nat(),
    timeline: fc.nat(),
    seq: fc.integer({ min: 1, max: 2 ** 50 }),
    payload: bytes,
  }),
  fc.record({ is: fc.constant('presence' as const), isWhole: fc.boolean(), update: bytes }),
  fc.record({ is: fc.constant('people' as const), project: fc.constant(project), people: fc.array(person) }),
  fc
    .constantFrom('presence-asked' as const, 'hello' as const, 'alive' as const, 'goodbye' as const)
    .map((is) => ({ is })),
)

test('what a node says is what another one hears', () => {
  fc.assert(
    fc.property(fc.uuid(), messages, (node, message) => {
      const heard = decodeMessage(encodeMessage(node, message))
      expect(heard?.node).toBe(node)
      expect(JSON.stringify(heard?.message)).toBe(JSON.stringify(message))
    }),
  )
})

test('no bytes throw, and what was cut short or of another version is no message', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => void decodeMessage(noise)))
  const row = encodeMessage(randomUUID(), { is: 'row', epoch: 1, timeline: 1, seq: 7, payload: Uint8Array.of(1, 2, 3) })
  for (let length = 0; length < 20; length++) expect(decodeMessage(row.subarray(0, length))).toBeNull()
  expect(decodeMessage(Uint8Array.from([1, ...row.subarray(1)]))).toBeNull()
  expect(decodeMessage(Uint8Array.from([2, 99, ...row.subarray(2)]))).toBeNull()
})

test('what is larger than a message may be is not looked at', () => {
  const payload = new Uint8Array(MESSAGE_BYTES_MAX)
  expect(decodeMessage(encodeMessage(randomUUID(), { is: 'row', epoch: 1, timeline: 1, seq: 1, payload }))).toBeNull()
})

test('people that are not what they should be are no message', () => {
  const people = [{ person: { id: 'a', name: 'Ana', colour: 99 }, fileIds: [] }]
  expect(decodeMessage(encodeMessage(randomUUID(), { is: 'people', project, people }))).toBeNull()
})
