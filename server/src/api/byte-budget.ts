/**
 * How many bytes of files may be in memory at the same moment, for all requests of a process: a file goes in and out as
 * a whole, so a handful of large ones at once would otherwise take more than the machine has. Small files never wait.
 */
import { Refusal } from '@skein/protocol'

/** Below this a file costs no more than other requests do. */
const freeBytes = 1024 * 1024
const pieceBytes = 256 * 1024

export class ByteBudget {
  readonly #max: number
  #taken = 0

  /** @param bytesMax room for all at once; one file that is larger still passes alone */
  constructor(bytesMax: number) {
    this.#max = bytesMax
  }

  /** Takes room for `bytes`; returns how to give it back. Refuses with `unavailable` when there is none. */
  take(bytes: number): () => void {
    let wanted = bytes < freeBytes ? 0 : bytes
    if (this.#taken > 0 && wanted > 0 && this.#taken + wanted > this.#max) {
      throw new Refusal('unavailable', 'Several large files are on their way at this moment. Nothing was changed.', {
        hint: 'Try again in a few seconds.',
      })
    }
    this.#taken += wanted
    return () => {
      this.#taken -= wanted
      wanted = 0 // giving back twice gives back once
    }
  }
}

/** Sends bytes in pieces as the client takes them, and says when they have left or the client has gone. */
export function bytesToStream(bytes: Uint8Array, onEnd: () => void): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull: (controller) => {
      controller.enqueue(bytes.subarray(at, at + pieceBytes))
      at += pieceBytes
      if (at < bytes.length) return
      controller.close()
      onEnd()
    },
    cancel: onEnd,
  })
}
