/**
 * Keystrokes as a stock Yjs client sends them. Those at the end of a text are written byte by byte: a Y.Doc for each of a thousand writers would
 * cost the measuring side more than the servers.
 */

import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding'
import * as Y from 'yjs'

const STRING = 4
const HAS_ORIGIN = 0x80

/** One writer in one document: every letter stands behind the one before. */
export class Typist {
  readonly #client: number
  #clock = 0

  /** What the last update that was looked at holds; most come many times, once for each viewer. */
  #seen: { update: Uint8Array; keys: { from: number; to: number } } | null = null

  constructor(client: number) {
    this.#client = client
  }

  /** Which of its keys an update holds: the first, and the one after the last. Servers may merge what they pass on. */
  keysIn(update: Uint8Array): { from: number; to: number } {
    if (this.#seen && Buffer.compare(this.#seen.update, update) === 0) return this.#seen.keys
    const { from, to } = Y.parseUpdateMeta(update)
    const keys = { from: from.get(this.#client) ?? 0, to: to.get(this.#client) ?? 0 }
    this.#seen = { update: update.slice(), keys }
    return keys
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

/** One writer with a document of their own, who types a letter here and a letter there. */
export class Editor {
  readonly doc = new Y.Doc()
  #update: Uint8Array = new Uint8Array()

  constructor() {
    this.doc.on('update', (update: Uint8Array) => {
      this.#update = update
    })
  }

  type(): Uint8Array {
    const text = this.doc.getText('text')
    text.insert(Math.floor(Math.random() * (text.length + 1)), 'x')
    return this.#update
  }
}
