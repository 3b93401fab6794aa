/**
 * Keystrokes as a stock Yjs client sends them, written byte by byte: a Y.Doc for each of a thousand writers would cost the measuring side
 * more than the servers.
 */
import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding'

const STRING = 4
const HAS_ORIGIN = 0x80

/** One writer in one document: every letter stands behind the one before. */
export class Typist {
  readonly #client: number
  #clock = 0

  constructor(client: number) {
    this.#client = client
  }

  /** The update of the next letter. */
  type(): Uint8Array {
    const encoder = createEncoder()
    const write = (...numbers: number[]) => {
      for (const number of numbers) writeVarUint(encoder, number)
    }
    const clock = this.#clock++
    write(1, 1, this.#client, clock)
    writeUint8(encoder, clock > 0 ? STRING | HAS_ORIGIN : STRING)
    if (clock > 0) write(this.#client, clock - 1)
    else {
      write(1)
      writeVarString(encoder, 'text')
    }
    writeVarString(encoder, 'x')
    write(0)
    return toUint8Array(encoder)
  }
}
