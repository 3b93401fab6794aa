import { expect, test } from 'vitest'
import { STRANGERS_MAX, Strangers } from './strangers.ts'
import { WaitingRoom } from './waiting-room.ts'

const MIB = 1024 * 1024
const node = () => new WaitingRoom(256 * MIB)
const newcomer = () => ({ waiting: new WaitingRoom(8 * MIB) })

test('GT10: one network address has a bounded number of strangers; whoever was let in or has gone is none', () => {
  const strangers = new Strangers(node())
  const gates = Array.from({ length: STRANGERS_MAX }, newcomer)
  for (const gate of gates) strangers.enter(gate, 'office')
  expect(strangers.areTooMany('office')).toBe(true)
  expect(strangers.areTooMany('home')).toBe(false)
  const [first, second] = gates as [(typeof gates)[0], (typeof gates)[0]]
  strangers.leave(first)
  strangers.leave(first)
  expect(strangers.areTooMany('office')).toBe(false)
  strangers.enter(newcomer(), 'office')
  expect(strangers.areTooMany('office')).toBe(true)
  strangers.end(second)
  strangers.end(second)
  expect(strangers.areTooMany('office')).toBe(false)
})

test('GT10: an office of nineteen thousand who were let in keeps nobody out', () => {
  const strangers = new Strangers(node())
  const letIn = () => {
    const gate = newcomer()
    strangers.enter(gate, 'office')
    strangers.leave(gate)
    return gate
  }
  const gates = Array.from({ length: 19_999 }, letIn)
  expect(strangers.areTooMany('office')).toBe(false)
  gates.push(letIn())
  expect(strangers.areTooMany('office')).toBe(true)
  for (const gate of gates) strangers.end(gate)
  expect(strangers.areTooMany('office')).toBe(false)
})

test('GT10: what the strangers of one address have sent leaves room for those of others', () => {
  const strangers = new Strangers(node())
  const send = (address: string) => {
    const { waiting } = newcomer()
    strangers.enter({ waiting }, address)
    waiting.enter(new Uint8Array(7 * MIB))
    return waiting
  }
  const flood = Array.from({ length: 5 }, () => send('one machine'))
  expect(flood.every(({ isFull }) => isFull)).toBe(true)
  expect(send('elsewhere').isFull).toBe(false)
})
