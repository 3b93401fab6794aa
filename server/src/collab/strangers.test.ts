import { expect, test } from 'vitest'
import type { Gate } from './gate.ts'
import { STRANGERS_MAX, Strangers } from './strangers.ts'

test('GT10: one network address has a bounded number of strangers; whoever was let in or has gone is none', () => {
  const strangers = new Strangers()
  const gates = Array.from({ length: STRANGERS_MAX }, () => ({}) as Gate)
  for (const gate of gates) strangers.enter(gate, 'office')
  expect(strangers.areTooMany('office')).toBe(true)
  expect(strangers.areTooMany('home')).toBe(false)
  const [first] = gates as [Gate]
  strangers.leave(first)
  strangers.leave(first)
  expect(strangers.areTooMany('office')).toBe(false)
  strangers.enter(first, 'office')
  expect(strangers.areTooMany('office')).toBe(true)
})
