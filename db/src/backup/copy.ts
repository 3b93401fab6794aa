/**
 * COPY through the driver, both ways, with as much in memory as one chunk and the largest value. The driver speaks the protocol and leaves the
 * rest to objects like these; nothing here knows what is copied.
 */
import { once } from 'node:events'
import type pg from 'pg'

/** Bytes of a chunk that `copyOut` gives; a larger value comes in several. */
const chunkBytes = 1024 * 1024
/** Chunks that wait for whoever reads before the server is told to wait. */
const chunksMax = 4

/** What the driver's connection offers beside its declared face. */
type CopyConnection = pg.Connection & {
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** What the driver calls on a query of ours. */
abstract class CopyQuery implements pg.Submittable {
  readonly #text: string
  /** Rows that were copied; known at the end. */
  rows = 0

  constructor(text: string) {
    this.#text = text
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text)
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0)
  }

  abstract handleError(error: Error, connection: CopyConnection): void
  abstract handleReadyForQuery(connection: CopyConnection): void
}

class CopyOut extends CopyQuery {
  readonly #ready: Buffer[] = []
  #parts: Uint8Array[] = []
  #bytes = 0
  #connection: CopyConnection | undefined
  #wake: (() => void) | undefined
  #error: Error | undefined
  #isDone = false

  handleCopyData({ chunk }: { chunk: Uint8Array }, connection: CopyConnection): void {
    this.#connection = connection
    // The driver uses its buffer again.
    if (this.#bytes > 0 && chunk.length >= chunkBytes) this.#gather()
    this.#parts.push(Uint8Array.from(chunk))
    this.#bytes += chunk.length
    if (this.#bytes < chunkBytes) return
    this.#gather()
    if (this.#ready.length > chunksMax) connection.stream.pause()
    this.#wake?.()
  }

  handleError(error: Error): void {
    this.#error = error
    this.#wake?.()
  }

  handleReadyForQuery(): void {
    this.#gather()
    this.#isDone = true
    this.#wake?.()
  }

  async *chunks(): AsyncGenerator<Buffer, number> {
    try {
      for (;;) {
        if (this.#error) throw this.#error
        const chunk = this.#ready.shift()
        if (chunk) {
          for (let at = 0; at < chunk.length; at += chunkBytes) yield chunk.subarray(at, at + chunkBytes)
          continue
        }
        if (this.#isDone) return this.rows
        this.#connection?.stream.resume()
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      this.#connection?.stream.resume()
    }
  }

  #gather(): void {
    const [first] = this.#parts
    // A large value comes alone, and is not copied once more.
    if (first && this.#parts.length === 1) this.#ready.push(Buffer.from(first.buffer, first.byteOffset, first.length))
    else if (first) this.#ready.push(Buffer.concat(this.#parts, this.#bytes))
    this.#parts = []
    this.#bytes = 0
  }
}

class CopyIn extends CopyQuery {
  readonly #chunks: AsyncIterable<Uint8Array>
  readonly #settled = Promise.withResolvers<number>()
  #isRefused = false
  #fault: unknown

  constructor(text: string, chunks: AsyncIterable<Uint8Array>) {
    super(text)
    this.#chunks = chunks
  }

  get done(): Promise<number> {
    return this.#settled.promise
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.#send(connection).catch((error: unknown) => {
      this.#fault = error
      connection.sendCopyFail('what was to be copied could not be read')
    })
  }

  handleError(error: Error): void {
    this.#isRefused = true
    this.#settled.reject(this.#fault ?? error)
  }

  handleReadyForQuery(): void {
    this.#settled.resolve(this.rows)
  }

  async #send(connection: CopyConnection): Promise<void> {
    for await (const chunk of this.#chunks) {
      if (this.#isRefused) return
      connection.sendCopyFromChunk(chunk)
      if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain')
    }
    if (!this.#isRefused) connection.endCopyFrom()
  }
}

/** Runs `COPY … TO STDOUT`; gives the bytes and, as the generator's result, the number of rows. It has to be read to its end. */
export function copyOut(client: pg.ClientBase, statement: string): AsyncGenerator<Buffer, number> {
  return client.query(new CopyOut(statement)).chunks()
}

/** Runs `COPY … FROM STDIN`; resolves to the number of rows. */
export function copyIn(client: pg.ClientBase, statement: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  return client.query(new CopyIn(statement, chunks)).done
}
