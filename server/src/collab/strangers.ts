/**
 * Sockets that were not let into any document yet, by the address they come from. GT10: one address has a bounded number of them; an office
 * of any size passes, for a person is a stranger for a moment only.
 */
import type { Gate } from './gate.ts'

/** Of one address, at the same time. */
export const STRANGERS_MAX = 500

export class Strangers {
  readonly #addresses = new Map<Gate, string>()
  readonly #counts = new Map<string, number>()

  areTooMany(address: string): boolean {
    return this.#countOf(address) >= STRANGERS_MAX
  }

  enter(gate: Gate, address: string): void {
    this.#addresses.set(gate, address)
    this.#counts.set(address, this.#countOf(address) + 1)
  }

  /** It was let in, or has gone; calling it again changes nothing. */
  leave(gate: Gate): void {
    const address = this.#addresses.get(gate)
    if (address === undefined) return
    this.#addresses.delete(gate)
    const left = this.#countOf(address) - 1
    if (left > 0) this.#counts.set(address, left)
    else this.#counts.delete(address)
  }

  #countOf(address: string): number {
    return this.#counts.get(address) ?? 0
  }
}
