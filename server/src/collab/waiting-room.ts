/**
 * What sockets have sent that nobody could look at yet: it is not whole, their documents are being loaded, or nobody knows yet who they are. GT10: each socket
 * has its own room, in that of its network address until somebody was let in and in that of the person from then on, and these stand in that
 * of the node. So neither many documents of one socket nor many sockets fill the memory, and nobody takes the place of others:
 * a small share is kept for each socket, whatever the rooms around it hold. A page that comes needs no more.
 */

/** What stands in memory beside the bytes of a frame. */
const FRAME_BYTES = 256
/** What a socket is never cut for: state vectors of all that a page has open, and what was typed offline in a day. */
export const SHARE_BYTES = 16 * 1024
/** Of all strangers of one network address, or of one person. */
export const SOURCE_BYTES_MAX = 32 * 1024 * 1024

export class WaitingRoom {
  readonly #bytesMax: number
  #around: WaitingRoom | null
  #bytes = 0
  #arriving = 0

  constructor(bytesMax: number, around: WaitingRoom | null = null) {
    this.#bytesMax = bytesMax
    this.#around = around
  }

  get isFull(): boolean {
    return this.#bytes > this.#bytesMax || (this.#bytes > SHARE_BYTES && this.#around?.isFull === true)
  }

  enter(payload: Uint8Array): void {
    this.#add(sizeOf(payload))
  }

  leave(payload: Uint8Array): void {
    this.#add(-sizeOf(payload))
  }

  /** So much has come of a frame that is not whole yet; 0 when it is. */
  arrive(bytes: number): void {
    this.#add(bytes - this.#arriving)
    this.#arriving = bytes
  }

  /** Stands in that room from now on, with all that waits. */
  moveInto(around: WaitingRoom): void {
    this.close()
    around.#add(this.#bytes)
    this.#around = around
  }

  /** Gives everything back to the room around it; what leaves later has left already. */
  close(): void {
    if (this.#around) this.#around.#add(-this.#bytes)
    this.#around = null
  }

  #add(bytes: number): void {
    this.#bytes += bytes
    if (this.#around) this.#around.#add(bytes)
  }
}

/** A payload keeps the whole frame in memory. */
const sizeOf = ({ buffer }: Uint8Array): number => buffer.byteLength + FRAME_BYTES
