import { describe, expect, test } from 'vitest'
import {
  initialSavedState,
  isUnsent,
  reduceSaved,
  type SavedEvent,
  type SavedState,
  wouldLose,
} from './saved-machine.ts'

const run = (...events: (SavedEvent | SavedEvent['type'])[]): SavedState =>
  events.reduce<SavedState>(
    (state, event) => reduceSaved(state, typeof event === 'string' ? ({ type: event } as SavedEvent) : event),
    initialSavedState,
  )

const stored = (changes: number): SavedEvent => ({ type: 'stored', changes })
const full: SavedEvent = { type: 'store-failed', fault: 'full' }
const tooLarge: SavedEvent = { type: 'refused', cause: 'too-large' }

/** One witness of every state, by name. */
const witnesses: Record<string, SavedState> = {
  opening: initialSavedState,
  saved: { kind: 'saved', device: 'stored' },
  'saving, typing': { kind: 'saving', device: 'storing', changes: 0, isAcknowledged: false, isPaused: false },
  'saving, acknowledged': { kind: 'saving', device: 'stored', changes: 0, isAcknowledged: true, isPaused: false },
  'saving, paused': { kind: 'saving', device: 'stored', changes: 2, isAcknowledged: false, isPaused: true },
  'saving, device full': { kind: 'saving', device: 'full', changes: 0, isAcknowledged: false, isPaused: true },
  'reconnecting, clean': { kind: 'reconnecting', device: 'stored', changes: 0, isUnsent: false, isPaused: true },
  'reconnecting, unsent': { kind: 'reconnecting', device: 'stored', changes: 3, isUnsent: true, isPaused: true },
  'offline, clean': { kind: 'offline', device: 'stored', changes: 0, isUnsent: false, isPaused: true },
  'offline, unsent': { kind: 'offline', device: 'stored', changes: 14, isUnsent: true, isPaused: true },
  'offline, clean, device full': { kind: 'offline', device: 'full', changes: 0, isUnsent: false, isPaused: true },
  'not-saved, full': { kind: 'not-saved', cause: 'full', device: 'full', changes: 0, isPaused: true },
  'not-saved, refused': { kind: 'not-saved', cause: 'too-large', device: 'stored', changes: 1, isPaused: true },
}

/** Where each event leads from each witness: the columns of the table in the order of `events`. */
const events: SavedEvent[] = [
  { type: 'edited' },
  { type: 'settled' },
  { type: 'paused' },
  { type: 'disconnected' },
  { type: 'unreachable' },
  { type: 'connected' },
  stored(5),
  stored(0),
  full,
  tooLarge,
]
const kinds: Record<string, SavedState['kind']> = {
  p: 'opening',
  s: 'saved',
  g: 'saving',
  r: 'reconnecting',
  o: 'offline',
  N: 'not-saved',
}
const table: Record<string, string> = {
  opening: 'g s p r o p p p p N',
  saved: 'g s s r o s g s s N',
  'saving, typing': 'g g g r o g g g g N',
  'saving, acknowledged': 'g g s r o g g g g N',
  'saving, paused': 'g s g r o g g g g N',
  'saving, device full': 'g s g r N g g g g N',
  'reconnecting, clean': 'r s r r o r r r r N',
  'reconnecting, unsent': 'r s r r o r r r r N',
  'offline, clean': 'o s o o o r o o o N',
  'offline, unsent': 'o s o o o r o o N N',
  'offline, clean, device full': 'N s o o o r o o o N',
  'not-saved, full': 'N s N N N N o o N N',
  'not-saved, refused': 'N s N N N N N N N N',
}

describe('the table of states times events', () => {
  test.each(Object.keys(witnesses))('%s', (name) => {
    const state = witnesses[name] as SavedState
    expect(events.map((event) => reduceSaved(state, event).kind)).toEqual(
      (table[name] ?? '').split(' ').map((letter) => kinds[letter]),
    )
  })
})

describe('rules', () => {
  test('SF1: Saved is entered only by settled, or by a pause after it', () => {
    for (const state of Object.values(witnesses)) {
      for (const event of events) {
        const next = reduceSaved(state, event)
        if (next.kind !== 'saved' || state.kind === 'saved') continue
        const afterSettled = state.kind === 'saving' && state.isAcknowledged && event.type === 'paused'
        expect(event.type === 'settled' || afterSettled).toBe(true)
      }
    }
    expect(run('edited', 'paused').kind).toBe('saving')
  })

  test('SF2: Saving… stays from the first edit until all is settled and typing has paused', () => {
    expect(run('settled', 'edited').kind).toBe('saving')
    expect(run('settled', 'edited', 'settled').kind).toBe('saving')
    expect(run('settled', 'edited', 'settled', 'edited', 'paused').kind).toBe('saving')
    expect(run('settled', 'edited', 'settled', 'paused').kind).toBe('saved')
    expect(run('settled', 'edited', 'paused', 'settled').kind).toBe('saved')
  })

  test('SF3: a lost connection reconnects first, and is offline when it stays away', () => {
    expect(run('settled', 'disconnected').kind).toBe('reconnecting')
    expect(run('settled', 'disconnected', 'unreachable').kind).toBe('offline')
  })

  test('SF4: the count is what the device has stored', () => {
    const asked = run('settled', 'unreachable', 'edited', 'edited')
    expect(asked).toMatchObject({ kind: 'offline', changes: 0, device: 'storing' })
    expect(reduceSaved(asked, stored(2))).toMatchObject({ kind: 'offline', changes: 2, device: 'stored' })
  })

  test('SF5: Not saved exactly when an unsent edit is nowhere and cannot go anywhere', () => {
    expect(run('settled', full, 'unreachable').kind).toBe('offline')
    expect(run('settled', full, 'unreachable', 'edited')).toMatchObject({ kind: 'not-saved', cause: 'full' })
    expect(run('settled', 'edited', full, 'unreachable').kind).toBe('not-saved')
    expect(run('settled', 'edited', tooLarge)).toMatchObject({ kind: 'not-saved', cause: 'too-large' })
  })

  test('SF6: Not saved ends when the edit is stored or settled', () => {
    expect(run('settled', 'edited', full, 'unreachable', stored(1))).toMatchObject({ kind: 'offline', changes: 1 })
    expect(run('settled', 'edited', full, 'unreachable', 'paused', 'settled').kind).toBe('saved')
    expect(run('settled', 'edited', tooLarge, stored(1)).kind).toBe('not-saved')
  })

  test('SF7: connected again is not saved', () => {
    expect(run('settled', 'unreachable', 'edited', stored(1), 'connected', 'paused').kind).toBe('reconnecting')
  })

  test('SF8: a faulty device is no alarm while the server takes edits', () => {
    expect(run('settled', full, 'edited').kind).toBe('saving')
    expect(run('settled', full, 'edited', 'paused', 'settled').kind).toBe('saved')
  })

  test('SF10: unsent edits that the device tells of end Saved, and only they', () => {
    expect(run('settled', stored(2))).toMatchObject({ kind: 'saving', changes: 2, isAcknowledged: false })
    expect(run('settled', stored(2), 'paused').kind).toBe('saving')
    expect(run('settled', stored(2), 'settled').kind).toBe('saved')
    expect(run('settled', 'edited', 'settled', stored(2), 'paused').kind).toBe('saving')
    expect(run('settled', stored(0)).kind).toBe('saved')
  })

  test('SF9: leaving is guarded exactly while an unsent edit is not on the device', () => {
    expect(wouldLose(run('settled'))).toBe(false)
    expect(wouldLose(run('settled', 'edited'))).toBe(true)
    expect(wouldLose(run('settled', 'edited', stored(1)))).toBe(false)
    expect(wouldLose(run('settled', 'edited', 'settled'))).toBe(false)
    expect(wouldLose(run('settled', 'edited', full))).toBe(true)
    expect(isUnsent(run('settled', 'unreachable'))).toBe(false)
  })
})
