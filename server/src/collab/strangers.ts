/**
 * Sockets by the network address they come from. GT10: an address has a bounded number of sockets that were not let into any document yet; an
 * office of any size passes, for a person is a stranger for a moment only. The bound of all of them is far above any office; it is
 * there so that one machine cannot take every socket of the process.
 */
import type { Gate } from './gate.ts'

/** Of one address, at the same time. */
export const STRANGERS_MAX = 500
const SOCKETS_MAX = 20_000

interface Counts {
  strangers: number
  sockets: number
}

const NONE: Counts = { strangers: 0, sockets: 0 }

export class Strangers {
  readonly #sockets = new Map<Gate, { address: string; isStranger: boolean }>()
  readonly #counts = new Map<string, Counts>()

  areTooMany(address: string): boolean {
    const { strangers, sockets } = this.#counts.get(address) ?? NONE
    return strangers >= STRANGERS_MAX || sockets >= SOCKETS_MAX
  }

  enter(gate: Gate, address: string): void {
    this.#sockets.set(gate, { address, isStranger: true })
    this.#count(address, 1, 1)
  }

  /** It was let in; calling it again changes nothing. */
  leave(gate: Gate): void {
    const socket = this.#sockets.get(gate)
    if (!socket?.isStranger) return
    socket.isStranger = false
    this.#count(socket.address, -1, 0)
  }

  /** It is closed. */
  end(gate: Gate): void {
    this.leave(gate)
    const socket = this.#sockets.get(gate)
    if (this.#sockets.delete(gate) && socket) this.#count(socket.address, 0, -1)
  }

  #count(address: string, strangers: number, sockets: number): void {
    const { strangers: others, sockets: all } = this.#counts.get(address) ?? NONE
    if (all + sockets === 0) this.#counts.delete(address)
    else this.#counts.set(address, { strangers: others + strangers, sockets: all + sockets })
  }
}
