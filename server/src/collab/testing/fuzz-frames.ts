/** Frames as clients of both doors send them, whole and mutated; everything comes from one seed. */
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import * as Y from 'yjs'
import { AUTH, encodeAddress, FRAME, SYNC, syncBody } from '../wire.ts'

/** Names that no document has, among them what every object of JavaScript has. */
const BAD_NAMES = ['', 'nothing', '\0', '__proto__', 'constructor', '__proto__\0x', 'x'.repeat(300)]

/** mulberry32: small, seeded, good enough to pick bytes. */
export const randomFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

export class FrameMaker {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** Updates of a few people who type, delete and set, with emoji; single ones and whole states, of the seed too. */
  updates(seed: Uint8Array, clientIds: readonly number[]): Uint8Array[] {
    const updates: Uint8Array[] = []
    const docs = clientIds.map((clientId) => {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, seed)
      doc.clientID = clientId
      doc.on('update', (update: Uint8Array) => updates.push(update))
      return doc
    })
    for (let step = 0; step < 24; step++) {
      const doc = this.pick(docs)
      const text = doc.getText('text')
      const at = this.below(text.length + 1)
      const choice = this.below(6)
      if (choice < 3) text.insert(at, this.pick(['a', 'word ', '😀\n']))
      else if (choice === 3 && text.length > at) text.delete(at, Math.min(3, text.length - at))
      else if (choice === 4) doc.getMap('skein').set('k', { n: this.below(9), list: [1, [2]] })
      else Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.pick(docs)))
    }
    return [...updates, ...docs.map((doc) => Y.encodeStateAsUpdate(doc))]
  }

  /** A frame of an address, as bytes behind it: sync, presence, a token, a goodbye, or nothing that anybody knows. */
  body(updates: readonly Uint8Array[], seed: Uint8Array): Uint8Array {
    const choice = this.below(16)
    const update = () => this.#perhaps(this.pick(updates))
    if (choice < 6) return syncBody(SYNC.update, update())
    if (choice < 8) return syncBody(SYNC.step2, update())
    if (choice < 10) {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, seed)
      return syncBody(SYNC.step1, this.#perhaps(Y.encodeStateVector(doc)))
    }
    if (choice < 13) return this.#write(FRAME.awareness, (e) => writeVarUint8Array(e, this.#perhaps(this.#presence())))
    if (choice === 13) {
      return this.#write(FRAME.auth, (e) => {
        writeVarUint(e, this.pick([AUTH.token, AUTH.token, 1, 2]))
        writeVarString(e, this.pick(['ana', 'ben', 'reader', 'nobody', '']))
      })
    }
    if (choice === 14) return this.#write(FRAME.close, (e) => writeVarString(e, 'left'))
    return this.#write(this.below(12), (e) => writeVarUint8Array(e, update()))
  }

  /** What a client begins with. */
  opening(token: string, seed: Uint8Array): Uint8Array[] {
    const auth = this.#write(FRAME.auth, (e) => {
      writeVarUint(e, AUTH.token)
      writeVarString(e, token)
    })
    return [auth, syncBody(SYNC.step1, Y.encodeStateVectorFromUpdate(seed))]
  }

  /** A whole frame of the first door: sometimes a single byte, sometimes of an address that nobody has. */
  frame(documents: readonly string[], body: Uint8Array): Uint8Array {
    if (this.below(40) === 0) return Uint8Array.of(this.below(256))
    const name = this.below(20) === 0 ? this.pick(BAD_NAMES) : this.pick(documents)
    const address = this.below(4) === 0 ? `${name}\0${this.below(3)}` : name
    return this.mutateSometimes(Buffer.concat([encodeAddress(address), body]))
  }

  mutateSometimes(frame: Uint8Array): Uint8Array {
    return this.below(6) === 0 ? this.#mutate(frame) : frame
  }

  #presence(): Uint8Array {
    return this.#write(1, (e) => {
      writeVarUint(e, this.pick([11, 12, 2 ** 32 - 1, this.below(2 ** 31)]))
      writeVarUint(e, this.below(1000))
      writeVarString(e, this.pick(['null', '{"cursor":1}', '{"user":{"name":"x"},"__proto__":{}}', '[]', '7', '{']))
    })
  }

  #write(type: number, write: (encoder: ReturnType<typeof createEncoder>) => void): Uint8Array {
    const encoder = createEncoder()
    writeVarUint(encoder, type)
    write(encoder)
    return toUint8Array(encoder)
  }

  #perhaps(bytes: Uint8Array): Uint8Array {
    return this.below(2) === 0 ? bytes : this.#mutate(bytes)
  }

  #mutate(original: Uint8Array): Uint8Array {
    const bytes = [...original]
    for (let n = 1 + this.below(4); n > 0; n--) {
      const at = this.below(bytes.length + 1)
      const choice = this.below(6)
      if (choice === 0) bytes[at] = this.below(256)
      else if (choice === 1) bytes[at] = ((bytes[at] as number) ^ (1 << this.below(8))) & 255
      else if (choice === 2) bytes.splice(at, 1 + this.below(3))
      else if (choice === 3) bytes.splice(at, 0, 0xff, 0xff, 0xff, this.below(256))
      else if (choice === 4) bytes.length = Math.min(bytes.length, at)
      else bytes.splice(at, 0, ...bytes.slice(this.below(bytes.length), this.below(bytes.length)))
    }
    return Uint8Array.from(bytes)
  }
}
