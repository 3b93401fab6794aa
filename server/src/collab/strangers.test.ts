import { expect, test } from 'vitest'
import type { Gate } from './gate.ts'
import { STRANGERS_MAX, Strangers } from './strangers.ts'

test('GT10: one network address has a bounded number of strangers; whoever was let in or has gone is none', () => {
  const strangers = new Strangers()
  const gates = Array.from({ length: STRANGERS_MAX }, () => ({}) as Gate)
  for (const gate of gates) strangers.enter(gate, 'office')
  expect(strangers.areTooMany('office')).toBe(true)
  expect(strangers.areTooMany('home')).toBe(false)
  const [first, second] = gates as [Gate, Gate]
  strangers.leave(first)
  strangers.leave(first)
  expect(strangers.areTooMany('office')).toBe(false)
  strangers.enter({} as Gate, 'office')
  expect(strangers.areTooMany('office')).toBe(true)
  strangers.end(second)
  strangers.end(second)
  expect(strangers.areTooMany('office')).toBe(false)
})

test('GT10: an office of nineteen thousand who were let in keeps nobody out', () => {
  const strangers = new Strangers()
  const letIn = () => {
    const gate = {} as Gate
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
