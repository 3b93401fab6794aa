/** The body of a push: commands as pkt-lines, then the pack, which is passed on as it comes. */
import type { Writable } from 'node:stream'
import { Oid, Refusal } from '@skein/protocol'
import type { PushCommand } from '../commands/receive/push-commands.ts'
import { lengthBytes, readLength } from './pkt-line.ts'
import { untilReady } from './request-body.ts'

/** A mirror of some thousand refs; it is refused in words, one by one. */
const commandBytesMax = 1024 * 1024

export interface PushRequest {
  commands: PushCommand[]
  capabilities: ReadonlySet<string>
  pack: PackStream
}

/** Reads the commands; the pack stays to be read. Throws a Refusal when this is not how Git pushes. */
export async function readPush(chunks: AsyncGenerator<Buffer, undefined>): Promise<PushRequest> {
  const pack = new PackStream(chunks)
  const commands: PushCommand[] = []
  let capabilities: string | null = null
  for (let bytes = 0; ; ) {
    const length = readLength(await pack.take(lengthBytes))
    if (length === null) throw malformed()
    if (length === 0) break
    bytes += length
    if (bytes > commandBytesMax) throw new Refusal('body-too-large', 'This push names too many refs.')
    const line = (await pack.take(length - lengthBytes)).toString('utf8')
    // Where the client's history ends; what it leans on must be here anyhow.
    if (/^shallow [0-9a-f]{40}\n?$/.test(line)) continue
    const [command = '', rest] = line.split('\0')
    capabilities ??= rest ?? ''
    commands.push(parseCommand(command))
  }
  return { commands, capabilities: new Set((capabilities ?? '').trim().split(' ')), pack }
}

function parseCommand(line: string): PushCommand {
  const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\s\p{Cc}]{1,500})\n?$/u.exec(line)
  if (match === null) throw malformed()
  const [, from = '', to = '', ref = ''] = match
  return { ref, from: readOid(from), to: readOid(to) }
}

const readOid = (text: string): Oid | null => (/^0+$/.test(text) ? null : Oid.parse(text))

const malformed = () => new Refusal('invalid-request', 'This is not a push as Git sends it.')

/** Bytes as they come, some of them taken from the front, the rest passed on. */
export class PackStream {
  readonly #chunks: AsyncGenerator<Buffer, undefined>
  #front: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncGenerator<Buffer, undefined>) {
    this.#chunks = chunks
  }

  /** Exactly so many bytes; throws a Refusal when fewer come. */
  async take(bytes: number): Promise<Buffer> {
    while (this.#front.length < bytes) {
      const { value } = await this.#chunks.next()
      if (value === undefined) throw malformed()
      this.#front = Buffer.concat([this.#front, value])
    }
    const taken = this.#front.subarray(0, bytes)
    this.#front = this.#front.subarray(bytes)
    return taken
  }

  /** Writes the rest and ends the stream; what nobody reads any more is still taken from the client, who only then hears an answer. */
  async sendTo(target: Writable): Promise<void> {
    for await (const chunk of this.#rest()) {
      if (!target.destroyed && !target.write(chunk)) await untilReady(target)
    }
    target.end()
  }

  async discard(): Promise<void> {
    for await (const _ of this.#rest());
  }

  async *#rest(): AsyncGenerator<Buffer> {
    if (this.#front.length > 0) yield this.#front
    this.#front = Buffer.alloc(0)
    yield* this.#chunks
  }
}
