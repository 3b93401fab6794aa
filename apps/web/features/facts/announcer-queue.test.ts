import { describe, expect, test } from 'vitest'
import { announce, resume, silent } from './announcer-queue.ts'

describe('announcements', () => {
  test('the first is said at once, the next after two seconds', () => {
    const first = announce(silent, 'Saved', 1_000)
    expect(first.say).toBe('Saved')
    const second = announce(first.state, 'Ben joined estuary.md', 1_500)
    expect(second).toMatchObject({ say: null, againInMs: 1_500 })
    expect(resume(second.state, 3_000).say).toBe('Ben joined estuary.md')
  })

  test('of several that wait only the newest is said', () => {
    const { state } = announce(silent, 'Saved', 0)
    const { state: later } = announce(announce(state, 'Offline', 100).state, 'Reconnecting', 200)
    expect(resume(later, 2_000)).toEqual({ state: { lastAt: 2_000, waiting: null }, say: 'Reconnecting' })
  })

  test('nothing that waits, nothing said', () => {
    expect(resume(announce(silent, 'Saved', 0).state, 2_000).say).toBeNull()
  })
})
