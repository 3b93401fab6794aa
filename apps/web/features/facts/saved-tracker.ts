// Watches the open documents, the socket and the device, and drives the saved machine with what happens. It decides
// nothing itself; its only times are the pause of typing and the wait before a connection is called offline.

import {
  initialSavedState,
  reduceSaved,
  type SavedEvent,
  type SavedState,
  TYPING_PAUSE_MS,
  UNREACHABLE_AFTER_MS,
  wouldLose,
} from './saved-machine.ts'

/** What the tracker asks when something has happened. */
export type SavedSources = {
  isConnected: () => boolean
  /** Every open document is authenticated and counts no unsent change. */
  areAllSettled: () => boolean
  /** An unsent edit is in a document that takes none from this person. */
  isAnyRefused: () => boolean
  /** Unsent edits that this device holds, over all open documents. */
  countStored: () => number
  /** Whether this device holds every unsent edit. */
  isAllStored: () => boolean
}

export class SavedTracker {
  private state: SavedState = initialSavedState
  private readonly sources: SavedSources
  private readonly listeners = new Set<() => void>()
  private pause: ReturnType<typeof setTimeout> | undefined
  private absence: ReturnType<typeof setTimeout> | undefined

  constructor(sources: SavedSources) {
    this.sources = sources
  }

  readonly getState = (): SavedState => this.state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  edited(): void {
    this.tell({ type: 'edited' })
    clearTimeout(this.pause)
    this.pause = setTimeout(() => this.tell({ type: 'paused' }), TYPING_PAUSE_MS)
  }

  /** A document made progress, was opened or closed. */
  progressed(): void {
    if (this.sources.isAnyRefused()) this.tell({ type: 'refused', cause: 'denied' })
    else if (this.sources.isConnected() && this.sources.areAllSettled()) this.tell({ type: 'settled' })
  }

  stored(): void {
    if (this.sources.isAllStored()) this.tell({ type: 'stored', changes: this.sources.countStored() })
  }

  storeFailed(fault: 'full' | 'unavailable'): void {
    this.tell({ type: 'store-failed', fault })
  }

  connected(): void {
    clearTimeout(this.absence)
    this.absence = undefined
    this.tell({ type: 'connected' })
  }

  /** The socket is gone; `isCertain` when the browser says that there is no network. */
  disconnected(isCertain: boolean): void {
    this.tell({ type: 'disconnected' })
    if (isCertain) this.tell({ type: 'unreachable' })
    else this.absence ??= setTimeout(() => this.tell({ type: 'unreachable' }), UNREACHABLE_AFTER_MS)
  }

  /** The server closed the socket over what was sent, and would again. */
  refused(cause: 'too-large' | 'rejected'): void {
    this.tell({ type: 'refused', cause })
  }

  /** Asks before the page is left while an edit is neither with the server nor on this device. */
  readonly guardLeaving = (event: BeforeUnloadEvent): void => {
    if (wouldLose(this.state)) event.preventDefault()
  }

  stop(): void {
    clearTimeout(this.pause)
    clearTimeout(this.absence)
    this.listeners.clear()
  }

  private tell(event: SavedEvent): void {
    const next = reduceSaved(this.state, event)
    if (next === this.state) return
    this.state = next
    for (const listener of this.listeners) listener()
  }
}
