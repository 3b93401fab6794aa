import { type ActorKey, SKEIN } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSegment, encodeSegment, type HistoryRow } from './history-segment.ts'
import type { UpdateFrame } from './update-frames.ts'

const actor = fc.constantFrom<ActorKey>(SKEIN, 'person:a' as ActorKey, 'person:ä' as ActorKey)
const frame: fc.Arbitrary<UpdateFrame> = fc.oneof(
  fc.record({ actor, update: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ actor, run: fc.string({ minLength: 1 }), update: fc.uint8Array({ maxLength: 40 }) }),
)
/** Clocks may go back between rows. */
const rows: fc.Arbitrary<HistoryRow[]> = fc
  .tuple(
    fc.nat(2 ** 40),
    fc.array(fc.record({ at: fc.nat({ max: 2e12 }), frames: fc.array(frame, { maxLength: 4 }) }), { minLength: 1 }),
  )
  .map(([firstSeq, list]) => list.map((row, i) => ({ seq: firstSeq + i, ...row })))

test('what goes into a segment comes out of it, row by row', () => {
  fc.assert(
    fc.property(rows, (given) => {
      expect(decodeSegment(encodeSegment(given))).toEqual(given)
    }),
  )
})

test('rows that do not follow one another are refused, and so is none at all', () => {
  const row = (seq: number): HistoryRow => ({ seq, at: 0, frames: [] })
  expect(() => encodeSegment([])).toThrow('needs a row')
  expect(() => encodeSegment([row(1), row(3)])).toThrow('must follow')
})

test('bytes that are cut short, too long or of another version are refused', () => {
  const bytes = encodeSegment([{ seq: 1, at: 5, frames: [{ actor: SKEIN, update: Uint8Array.of(1, 2, 3) }] }])
  for (let length = 0; length < bytes.length; length++) expect(() => decodeSegment(bytes.subarray(0, length))).toThrow()
  expect(() => decodeSegment(Uint8Array.of(...bytes, 0))).toThrow('longer')
  expect(() => decodeSegment(Uint8Array.of(2, ...bytes.subarray(1)))).toThrow('version')
})
