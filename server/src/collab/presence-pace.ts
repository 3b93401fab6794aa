/**
 * The pace of one address' presence (GT16): cursors move with every key, and each move goes to everybody. What comes too fast waits, and of
 * what waits only the newest of each client id is shown.
 */
import { createDecoder, readVarUint } from 'lib0/decoding'
import type { Clock } from './clock.ts'

/** Moves in a second that anybody can follow. */
const PER_SECOND = 20
/** Client ids that wait; an address shows two. */
const WAITING_MAX = 4

export class PresencePace {
  readonly #clock: Clock
  /** Must not throw when it is called later. */
  readonly #show: (update: Uint8Array) => void
  readonly #waiting = new Map<number, Uint8Array>()
  #left = PER_SECOND
  #filledAt: number
  #isWaiting = false

  constructor(clock: Clock, show: (update: Uint8Array) => void) {
    this.#clock = clock
    this.#show = show
    this.#filledAt = clock.now()
  }

  /** Shows the awareness update now, or a little later. Throws on bytes that are none. */
  take(update: Uint8Array): void {
    if (!this.#isWaiting && this.#spend()) {
      this.#show(update)
      return
    }
    const decoder = createDecoder(update)
    if (readVarUint(decoder) === 0) return
    const clientId = readVarUint(decoder)
    this.#waiting.delete(clientId)
    if (this.#waiting.size >= WAITING_MAX) return
    // A copy: the update stands in a frame of any size.
    this.#waiting.set(clientId, update.slice())
    if (!this.#isWaiting) this.#clock.after(1000 / PER_SECOND, () => this.#advance())
    this.#isWaiting = true
  }

  #advance(): void {
    this.#isWaiting = false
    const updates = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const update of updates) {
      this.#spend()
      this.#show(update)
    }
  }

  #spend(): boolean {
    const now = this.#clock.now()
    this.#left = Math.min(PER_SECOND, this.#left + ((now - this.#filledAt) / 1000) * PER_SECOND)
    this.#filledAt = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
