// The saved fact as a pure reducer. Its rules (SF1–SF11) and words stand in SPEC.md; the table of states times events has
// no empty cell. Nothing here knows sockets, clocks or browsers.

/** Why this device cannot store: its disk is full, or the browser gives no storage. */
export type DeviceFault = 'full' | 'unavailable'

/** What this device holds of the unsent edits: all of them, not yet all, or nothing for a reason. */
export type Device = 'stored' | 'storing' | DeviceFault

/** Why the server takes an edit never, however often it is sent: its size, its content, or whose it is. */
export type RefusalCause = 'too-large' | 'rejected' | 'denied'

export type SavedState =
  | { kind: 'opening'; device: Device; changes: number }
  | { kind: 'saved'; device: Device }
  | { kind: 'saving'; device: Device; changes: number; isAcknowledged: boolean; isPaused: boolean }
  | { kind: 'reconnecting'; device: Device; changes: number; isUnsent: boolean; isPaused: boolean }
  | { kind: 'offline'; device: Device; changes: number; isUnsent: boolean; isPaused: boolean }
  | { kind: 'not-saved'; cause: DeviceFault | RefusalCause; device: Device; changes: number; isPaused: boolean }

export type SavedEvent =
  | { type: 'edited' }
  | { type: 'settled' }
  | { type: 'paused' }
  | { type: 'disconnected' }
  | { type: 'unreachable' }
  | { type: 'connected' }
  | { type: 'stored'; changes: number }
  | { type: 'store-failed'; fault: DeviceFault }
  | { type: 'refused'; cause: RefusalCause }

export const initialSavedState: SavedState = { kind: 'opening', device: 'stored', changes: 0 }

/** Typing that rests this long, in milliseconds, has paused. */
export const TYPING_PAUSE_MS = 600
/** A connection that is away this long, in milliseconds, is said to be offline. */
export const UNREACHABLE_AFTER_MS = 2_000

const isFault = (device: Device): device is DeviceFault => device === 'full' || device === 'unavailable'
const changesOf = (state: SavedState): number => (state.kind === 'saved' ? 0 : state.changes)
const isPaused = (state: SavedState): boolean => ('isPaused' in state ? state.isPaused : true)

/** Says whether there is an edit that the server has not acknowledged. */
export function isUnsent(state: SavedState): boolean {
  switch (state.kind) {
    case 'opening':
      return state.changes > 0
    case 'saved':
      return false
    case 'saving':
      return !state.isAcknowledged
    case 'reconnecting':
    case 'offline':
      return state.isUnsent
    case 'not-saved':
      return true
  }
}

/** SF9: says whether closing the page now would lose an edit. */
export const wouldLose = (state: SavedState): boolean => isUnsent(state) && state.device !== 'stored'

/** SF5: offline, unless an unsent edit is nowhere. */
function away(device: Device, changes: number, unsent: boolean, paused: boolean): SavedState {
  return unsent && isFault(device)
    ? { kind: 'not-saved', cause: device, device, changes, isPaused: paused }
    : { kind: 'offline', device, changes, isUnsent: unsent, isPaused: paused }
}

function edited(state: SavedState): SavedState {
  const device: Device = isFault(state.device) ? state.device : 'storing'
  const changes = changesOf(state)
  switch (state.kind) {
    case 'opening':
    case 'saved':
    case 'saving':
      return { kind: 'saving', device, changes, isAcknowledged: false, isPaused: false }
    case 'reconnecting':
      return { kind: 'reconnecting', device, changes, isUnsent: true, isPaused: false }
    case 'offline':
      return away(device, changes, true, false)
    case 'not-saved':
      return { ...state, device, isPaused: false }
  }
}

function settled(state: SavedState): SavedState {
  const device: Device = isFault(state.device) ? state.device : 'stored'
  return isPaused(state)
    ? { kind: 'saved', device }
    : { kind: 'saving', device, changes: 0, isAcknowledged: true, isPaused: false }
}

function paused(state: SavedState): SavedState {
  if (state.kind === 'opening' || state.kind === 'saved') return state
  if (state.kind === 'saving' && state.isAcknowledged) return { kind: 'saved', device: state.device }
  return { ...state, isPaused: true }
}

function disconnected(state: SavedState): SavedState {
  if (state.kind === 'offline' || state.kind === 'not-saved') return state
  return {
    kind: 'reconnecting',
    device: state.device,
    changes: changesOf(state),
    isUnsent: isUnsent(state),
    isPaused: isPaused(state),
  }
}

function unreachable(state: SavedState): SavedState {
  if (state.kind === 'not-saved') return state
  return away(state.device, changesOf(state), isUnsent(state), isPaused(state))
}

function connected(state: SavedState): SavedState {
  return state.kind === 'offline' ? { ...state, kind: 'reconnecting' } : state
}

function stored(state: SavedState, changes: number): SavedState {
  switch (state.kind) {
    case 'saved':
      return changes > 0
        ? { kind: 'saving', device: 'stored', changes, isAcknowledged: false, isPaused: true }
        : { ...state, device: 'stored' }
    case 'not-saved':
      // What the server refuses for good stays unsaved, however safely this device keeps it.
      return isFault(state.cause as Device)
        ? { kind: 'offline', device: 'stored', changes, isUnsent: changes > 0, isPaused: state.isPaused }
        : { ...state, device: 'stored', changes }
    case 'reconnecting':
    case 'offline':
      return { ...state, device: 'stored', changes, isUnsent: state.isUnsent || changes > 0 }
    case 'opening':
      return { ...state, device: 'stored', changes }
    case 'saving':
      return { ...state, device: 'stored', changes, isAcknowledged: state.isAcknowledged && changes === 0 }
  }
}

function storeFailed(state: SavedState, fault: DeviceFault): SavedState {
  if (state.kind === 'offline') return away(fault, state.changes, state.isUnsent, state.isPaused)
  if (state.kind === 'not-saved' && isFault(state.cause as Device)) return { ...state, cause: fault, device: fault }
  return { ...state, device: fault }
}

function refused(state: SavedState, cause: RefusalCause): SavedState {
  if (state.kind === 'not-saved' && state.cause === cause) return state
  return { kind: 'not-saved', cause, device: state.device, changes: changesOf(state), isPaused: isPaused(state) }
}

/** The next state. */
export function reduceSaved(state: SavedState, event: SavedEvent): SavedState {
  switch (event.type) {
    case 'edited':
      return edited(state)
    case 'settled':
      return settled(state)
    case 'paused':
      return paused(state)
    case 'disconnected':
      return disconnected(state)
    case 'unreachable':
      return unreachable(state)
    case 'connected':
      return connected(state)
    case 'stored':
      return stored(state, event.changes)
    case 'store-failed':
      return storeFailed(state, event.fault)
    case 'refused':
      return refused(state, event.cause)
  }
}
