import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'
import { expect, test } from 'vitest'
import { type Clock, MACHINE_CLOCK } from './clock.ts'
import { PresencePace } from './presence-pace.ts'

const moveOf = (clientId: number, clock: number): Uint8Array => {
  const encoder = createEncoder()
  for (const n of [1, clientId, clock]) writeVarUint(encoder, n)
  writeVarString(encoder, '{}')
  return toUint8Array(encoder)
}

/** A pace whose time the test turns. */
const createPace = () => {
  const calls: (() => void)[] = []
  let ms = 0
  const clock: Clock = {
    ...MACHINE_CLOCK,
    now: () => ms,
    after: (delayMs, call) => {
      expect(delayMs).toBe(50)
      calls.push(call)
      return () => {}
    },
  }
  const shown: string[] = []
  const pace = new PresencePace(clock, (update) => shown.push(Buffer.from(update).toString('hex')))
  const turn = () => {
    ms += 50
    for (const call of calls.splice(0)) call()
  }
  return { pace, shown, turn }
}

test('GT16: moves that come too fast are put together; the last one of each client id is always shown', () => {
  const { pace, shown, turn } = createPace()
  for (let clock = 1; clock <= 500; clock++) pace.take(moveOf(7, clock))
  pace.take(moveOf(8, 1))
  expect(shown).toHaveLength(20)
  turn()
  expect(shown).toHaveLength(22)
  const hexOf = (update: Uint8Array) => Buffer.from(update).toString('hex')
  expect(shown.slice(20)).toEqual([hexOf(moveOf(7, 500)), hexOf(moveOf(8, 1))])
  for (let step = 0; step < 20; step++) turn()
  pace.take(moveOf(7, 501))
  expect(shown.at(-1)).toBe(hexOf(moveOf(7, 501)))
})

test('GT16: what waits is bounded, however many client ids come', () => {
  const { pace, shown, turn } = createPace()
  for (let client = 0; client < 500; client++) pace.take(moveOf(client, 1))
  turn()
  expect(shown).toHaveLength(24)
})

test('GT16: bytes that name no client id are refused before they wait', () => {
  const { pace } = createPace()
  for (let clock = 1; clock <= 20; clock++) pace.take(moveOf(7, clock))
  expect(() => pace.take(Uint8Array.of(1))).toThrow()
})
