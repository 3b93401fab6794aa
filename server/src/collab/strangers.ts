/**
 * Sockets by the network address they come from. GT10: an address has a bounded number of sockets that were not let into any document yet; an
 * office of any size passes, for a person is a stranger for a moment only. The bound of all of them is far above any office; it is
 * there so that one machine cannot take every socket of the process. What its strangers have sent waits in one bounded room.
 */
import { SOURCE_BYTES_MAX, WaitingRoom } from './waiting-room.ts'

/** A socket, as far as it is counted. */
interface Newcomer {
  readonly waiting: WaitingRoom
}

/** Of one address, at the same time. */
export const STRANGERS_MAX = 500
const SOCKETS_MAX = 20_000

interface Counts {
  strangers: number
  sockets: number
  readonly waiting: WaitingRoom
}

export class Strangers {
  readonly #room: WaitingRoom
  readonly #sockets = new Map<Newcomer, { address: string; isStranger: boolean }>()
  readonly #counts = new Map<string, Counts>()

  /** `room`: that of the node. */
  constructor(room: WaitingRoom) {
    this.#room = room
  }

  areTooMany(address: string): boolean {
    const counts = this.#counts.get(address)
    return counts !== undefined && (counts.strangers >= STRANGERS_MAX || counts.sockets >= SOCKETS_MAX)
  }

  /** Its room stands in that of its address until somebody moves it on. */
  enter(gate: Newcomer, address: string): void {
    const counts = this.#counts.get(address) ?? {
      strangers: 0,
      sockets: 0,
      waiting: new WaitingRoom(SOURCE_BYTES_MAX, this.#room),
    }
    counts.strangers++
    counts.sockets++
    this.#counts.set(address, counts)
    this.#sockets.set(gate, { address, isStranger: true })
    gate.waiting.moveInto(counts.waiting)
  }

  /** It was let in; calling it again changes nothing. */
  leave(gate: Newcomer): void {
    const socket = this.#sockets.get(gate)
    if (!socket?.isStranger) return
    socket.isStranger = false
    const counts = this.#counts.get(socket.address)
    if (counts) counts.strangers--
  }

  /** It is closed. */
  end(gate: Newcomer): void {
    this.leave(gate)
    const socket = this.#sockets.get(gate)
    const counts = socket && this.#counts.get(socket.address)
    if (!counts) return
    this.#sockets.delete(gate)
    counts.sockets--
    if (counts.sockets === 0) this.#counts.delete(socket.address)
  }
}
