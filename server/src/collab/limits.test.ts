import { expect, test } from 'vitest'
import { type Clock, MACHINE_CLOCK } from './clock.ts'
import { NodeLimits, Rate } from './limits.ts'
import { WaitingRoom } from './waiting-room.ts'

const MIB = 1024 * 1024

class HandClock implements Clock {
  ms = 0
  now = () => this.ms
  sleep = MACHINE_CLOCK.sleep
  after = MACHINE_CLOCK.after
  soon = MACHINE_CLOCK.soon
  random = MACHINE_CLOCK.random
}

test('GT14: who is over the rate waits as long as it takes to recover, by frames or by bytes', () => {
  const clock = new HandClock()
  const rate = new Rate({ framesPerSecond: 10, bytesPerSecond: 1_000 }, clock)
  for (let i = 0; i < 20; i++) expect(rate.spend(1)).toBe(0)
  expect(rate.spend(1)).toBe(100)
  clock.ms += 100
  expect(rate.spend(1)).toBe(100)
  clock.ms += 10_000
  expect(rate.spend(2_500)).toBe(500)
})

test('GT14: one person has at most 100 sockets on a node, others as many', () => {
  const limits = new NodeLimits(new HandClock(), new WaitingRoom(0))
  const sockets = Array.from({ length: 100 }, () => ({}))
  for (const socket of sockets) expect(limits.enter('ana', socket)).not.toBeNull()
  expect(limits.enter('ana', {})).toBeNull()
  expect(limits.enter('ana', sockets[7] as object)).not.toBeNull()
  expect(limits.enter('ben', {})).not.toBeNull()
  limits.leave('ana', sockets[7] as object)
  expect(limits.enter('ana', {})).not.toBeNull()
})

test('GT14: all sockets of a person share one rate', () => {
  const limits = new NodeLimits(new HandClock(), new WaitingRoom(0))
  expect(limits.enter('ana', {})?.rate).toBe(limits.enter('ana', {})?.rate)
  expect(limits.enter('ana', {})?.rate).not.toBe(limits.enter('ben', {})?.rate)
})

test('GT10: what waits of all sockets of a person waits in one bounded room', () => {
  const limits = new NodeLimits(new HandClock(), new WaitingRoom(256 * MIB))
  const room = limits.enter('ana', {})?.waiting
  room?.enter(new Uint8Array(33 * MIB))
  expect(limits.enter('ana', {})?.waiting.isFull).toBe(true)
  expect(limits.enter('ben', {})?.waiting.isFull).toBe(false)
})

test('GT15: all who write in a document share what it takes', () => {
  const limits = new NodeLimits(new HandClock(), new WaitingRoom(0))
  const [one, two] = [{}, {}]
  let waits = 0
  for (let i = 0; i < 50_000; i++) if (limits.rateOf(one).spend(20) > 0) waits++
  expect(waits).toBe(10_000)
  expect(limits.rateOf(two).spend(20)).toBe(0)
})
