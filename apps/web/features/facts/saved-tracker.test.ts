import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TYPING_PAUSE_MS, UNREACHABLE_AFTER_MS } from './saved-machine.ts'
import { SavedTracker } from './saved-tracker.ts'

function makeTracker() {
  const world = { connected: true, settled: true, refused: false, stored: 0, allStored: true }
  const tracker = new SavedTracker({
    isConnected: () => world.connected,
    areAllSettled: () => world.settled,
    isAnyRefused: () => world.refused,
    countStored: () => world.stored,
    isAllStored: () => world.allStored,
  })
  return { world, tracker, kind: () => tracker.getState().kind }
}

describe('the saved tracker', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('SF2: one Saving… for a run of keys, until the last pause', () => {
    const { world, tracker, kind } = makeTracker()
    tracker.progressed()
    const seen: string[] = []
    tracker.subscribe(() => seen.push(kind()))
    for (let key = 0; key < 5; key++) {
      world.settled = false
      tracker.edited()
      vi.advanceTimersByTime(100)
      world.settled = true
      tracker.progressed()
    }
    expect(kind()).toBe('saving')
    vi.advanceTimersByTime(TYPING_PAUSE_MS)
    expect(kind()).toBe('saved')
    expect(new Set(seen.slice(0, -1))).toEqual(new Set(['saving']))
  })

  test('SF1: not connected is never settled, however little is unsent', () => {
    const { world, tracker, kind } = makeTracker()
    world.connected = false
    tracker.progressed()
    expect(kind()).toBe('opening')
  })

  test('SF3: offline after two seconds away, at once when the browser is sure, not at all when back in time', () => {
    const away = makeTracker()
    away.tracker.progressed()
    away.tracker.disconnected(false)
    vi.advanceTimersByTime(UNREACHABLE_AFTER_MS - 1)
    away.tracker.disconnected(false)
    expect(away.kind()).toBe('reconnecting')
    vi.advanceTimersByTime(1)
    expect(away.kind()).toBe('offline')

    const sure = makeTracker()
    sure.tracker.disconnected(true)
    expect(sure.kind()).toBe('offline')

    const brief = makeTracker()
    brief.tracker.progressed()
    brief.tracker.disconnected(false)
    brief.tracker.connected()
    vi.advanceTimersByTime(UNREACHABLE_AFTER_MS)
    expect(brief.kind()).toBe('reconnecting')
  })

  test('SF4: what only some documents have stored is not counted', () => {
    const { world, tracker } = makeTracker()
    tracker.disconnected(true)
    tracker.edited()
    world.allStored = false
    tracker.stored()
    expect(tracker.getState()).toMatchObject({ kind: 'offline', changes: 0 })
    world.allStored = true
    world.stored = 2
    tracker.stored()
    expect(tracker.getState()).toMatchObject({ kind: 'offline', changes: 2 })
  })

  test('SF5: edits that nobody takes from this person are not saved, and are again when somebody does', () => {
    const { world, tracker, kind } = makeTracker()
    tracker.edited()
    vi.advanceTimersByTime(TYPING_PAUSE_MS)
    world.refused = true
    tracker.progressed()
    expect(tracker.getState()).toMatchObject({ kind: 'not-saved', cause: 'denied' })
    world.refused = false
    tracker.progressed()
    expect(kind()).toBe('saved')
  })

  test('SF10: edits found late on the device end Saved until they are settled', () => {
    const { world, tracker, kind } = makeTracker()
    tracker.progressed()
    world.settled = false
    world.stored = 3
    tracker.stored()
    tracker.progressed()
    expect(kind()).toBe('saving')
    world.settled = true
    tracker.progressed()
    expect(kind()).toBe('saved')
  })

  test('SF9: leaving is guarded only while an edit is nowhere', () => {
    const { world, tracker } = makeTracker()
    const guards = (): boolean => {
      const event = new Event('beforeunload', { cancelable: true })
      tracker.guardLeaving(event as BeforeUnloadEvent)
      return event.defaultPrevented
    }
    tracker.progressed()
    expect(guards()).toBe(false)
    world.settled = false
    tracker.edited()
    expect(guards()).toBe(true)
    tracker.stored()
    expect(guards()).toBe(false)
  })
})
