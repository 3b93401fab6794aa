/**
 * What sockets have sent that nobody could look at yet: their documents are being loaded, or nobody knows yet who they are. GT10: each socket
 * has its own room in that of the node, so neither many documents of one socket nor many sockets fill the memory.
 */

/** What stands in memory beside the bytes of a frame. */
const FRAME_BYTES = 256

export class WaitingRoom {
  readonly #bytesMax: number
  #around: WaitingRoom | null
  #bytes = 0

  constructor(bytesMax: number, around: WaitingRoom | null = null) {
    this.#bytesMax = bytesMax
    this.#around = around
  }

  get isFull(): boolean {
    return this.#bytes > this.#bytesMax || this.#around?.isFull === true
  }

  enter(payload: Uint8Array): void {
    this.#add(sizeOf(payload))
  }

  leave(payload: Uint8Array): void {
    this.#add(-sizeOf(payload))
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
