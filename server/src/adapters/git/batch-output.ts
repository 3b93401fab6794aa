/**
 * Reads what `git cat-file --batch` says: for each oid asked for, `oid kind size LF body LF`, or `oid missing LF`.
 * Output arrives cut anywhere; a body is copied once, when it is complete.
 */
import type { ObjectKind } from '@skein/git-model'

export type BatchObject =
  | { oid: string; kind: ObjectKind; body: Buffer }
  /** Named by what was asked for. */
  | { oid: string; kind: 'missing' }

/** An object too large to be held in memory. */
export class ObjectTooLargeError extends Error {
  override readonly name = 'ObjectTooLargeError'
}

const headBytesMax = 4096

export class BatchOutput {
  readonly #bodyBytesMax: number
  #chunks: Buffer[] = []
  #bytes = 0
  #head: { oid: string; kind: ObjectKind; size: number } | null = null

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax
  }

  /** Takes a piece of output and gives the objects that it completes, in order. */
  *push(chunk: Buffer): Generator<BatchObject> {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    for (;;) {
      if (this.#head === null) {
        const line = this.#takeLine()
        if (line === null) return
        const [oid = '', kind, size] = line.split(' ')
        if (kind === 'missing') {
          yield { oid, kind }
          continue
        }
        this.#head = { oid, kind: kind as ObjectKind, size: Number(size) }
        if (!Number.isSafeInteger(this.#head.size)) throw new Error(`git cat-file said ${JSON.stringify(line)}`)
        if (this.#head.size > this.#bodyBytesMax) {
          throw new ObjectTooLargeError(
            `object ${oid} has ${size} bytes; ${this.#bodyBytesMax} are the most that is read`,
          )
        }
      }
      const { oid, kind, size } = this.#head
      if (this.#bytes < size + 1) return
      const body = this.#take(size + 1).subarray(0, size)
      this.#head = null
      yield { oid, kind, body }
    }
  }

  #takeLine(): string | null {
    let before = 0
    for (const chunk of this.#chunks) {
      const end = chunk.indexOf(0x0a)
      if (end >= 0) return this.#take(before + end + 1).toString('utf8', 0, before + end)
      before += chunk.length
      if (before > headBytesMax) throw new Error('git cat-file said something that is not a batch')
    }
    return null
  }

  #take(size: number): Buffer {
    const first = this.#chunks[0]
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks, this.#bytes)
    this.#chunks = all.length > size ? [all.subarray(size)] : []
    this.#bytes = all.length - size
    return all.subarray(0, size)
  }
}
