import { CLOSE } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { Refusals } from './refusals.ts'

describe('a socket closed over what was sent', () => {
  test('comes back once after a change that was too large', () => {
    const refusals = new Refusals()
    expect(refusals.closed(CLOSE.tooLarge)).toBeNull()
    expect(refusals.closed(CLOSE.tooLarge)).toBe('too-large')
  })

  test('is given up when the same edits are rejected again and again', () => {
    const refusals = new Refusals()
    expect([1, 2, 3, 4].map(() => refusals.closed(CLOSE.policy))).toEqual([null, null, 'rejected', 'rejected'])
  })

  test('other closes in between neither count nor forgive', () => {
    const refusals = new Refusals()
    refusals.closed(CLOSE.tooLarge)
    for (const code of [1006, CLOSE.goingAway, CLOSE.tryLater]) expect(refusals.closed(code)).toBeNull()
    expect(refusals.closed(CLOSE.tooLarge)).toBe('too-large')
  })

  test('begins anew once everything is acknowledged', () => {
    const refusals = new Refusals()
    refusals.closed(CLOSE.policy)
    refusals.closed(CLOSE.policy)
    refusals.accepted()
    expect(refusals.closed(CLOSE.policy)).toBeNull()
  })
})
