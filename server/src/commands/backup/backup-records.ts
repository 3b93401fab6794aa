/**
 * The records of a backup file (SPEC.md): writing them to anything that takes bytes, reading them from anything that gives some. A file can be
 * terabytes large; what is in memory is one record.
 */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { StartRefused } from '@skein/db'

const magic = Buffer.from('SKEIN BACKUP 1\n')
/** Bytes in a data record before they are compressed. */
export const dataBytesMax = 1024 * 1024
/** No record is longer; data that cannot be compressed grows a little. */
const recordBytesMax = 2 * dataBytesMax

export type RecordKind = 'H' | 'T' | 'D' | 'E' | 'M' | 'Z'
const kinds: readonly string[] = ['H', 'T', 'D', 'E', 'M', 'Z'] satisfies RecordKind[]

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Writes records one after the other; `write` resolves when the bytes have been taken. */
export class RecordWriter {
  readonly #write: (bytes: Uint8Array) => Promise<void>
  readonly #hash = createHash('sha256')
  bytes = 0

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write
  }

  async begin(): Promise<void> {
    await this.#put(magic)
  }

  async json(kind: RecordKind, value: unknown): Promise<void> {
    await this.#record(kind, Buffer.from(JSON.stringify(value)))
  }

  /** At most `dataBytesMax` bytes. */
  async data(bytes: Uint8Array): Promise<void> {
    await this.#record('D', await compress(bytes))
  }

  async end(): Promise<void> {
    await this.#record('Z', this.#hash.copy().digest())
  }

  async #record(kind: RecordKind, bytes: Uint8Array): Promise<void> {
    const header = Buffer.alloc(5)
    header.writeUInt32BE(bytes.length)
    header.write(kind, 4, 'latin1')
    await this.#put(header)
    await this.#put(bytes)
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.bytes += bytes.length
    await this.#write(bytes)
  }
}

/** Reads records; whatever is not as it was written is refused, with the place. */
export class RecordReader {
  readonly #source: AsyncIterator<Buffer>
  readonly #hash = createHash('sha256')
  #rest: Buffer = Buffer.alloc(0)
  #at = 0
  /** What is being read, for the words of a refusal. */
  place = 'its head'

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async begin(): Promise<void> {
    const found = await this.#take(magic.length)
    if (!found.equals(magic))
      throw new StartRefused('This is not a backup of Skein, or of a version that this one cannot read.')
  }

  /** The next record. Data come as they were before they were compressed. */
  async next(): Promise<{ kind: RecordKind; bytes: Buffer }> {
    const before = this.#hash.copy()
    const header = await this.#take(5)
    const [length, kind] = [header.readUInt32BE(), header.toString('latin1', 4)]
    if (length > recordBytesMax || !kinds.includes(kind)) throw this.refuse('is damaged')
    const bytes = await this.#take(length)
    if (kind === 'Z' && !bytes.equals(before.digest())) throw this.refuse('was changed: its checksum is another one')
    if (kind !== 'D') return { kind: kind as RecordKind, bytes }
    try {
      return { kind, bytes: await decompress(bytes, { maxOutputLength: dataBytesMax }) }
    } catch {
      throw this.refuse('is damaged')
    }
  }

  /** Makes sure that nothing follows. */
  async end(): Promise<void> {
    if (this.#rest.length > 0 || !(await this.#source.next()).done) throw this.refuse('goes on after its end')
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }

  refuse(what: string): StartRefused {
    return new StartRefused(`The backup ${what}, in ${this.place} (byte ${this.#at}). Nothing was changed.`)
  }

  async #take(length: number): Promise<Buffer> {
    const parts = [this.#rest]
    let have = this.#rest.length
    while (have < length) {
      const { value, done } = await this.#source.next()
      if (done) throw this.refuse('is not complete: it ends too early')
      parts.push(value)
      have += value.length
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts, have)
    this.#rest = all.subarray(length)
    const taken = all.subarray(0, length)
    this.#hash.update(taken)
    this.#at += length
    return taken
  }
}
