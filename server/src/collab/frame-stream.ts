/**
 * The way out of one WebSocket. Frames are written below `ws`, straight to the stream: a text that a hundred people look at is encoded once for all
 * of them, what leaves in one turn of the loop leaves in one write, and a large body is never copied. `ws` goes on reading, answering
 * pings and closing. Between whole frames that is safe, because nothing here is compressed or sent in fragments.
 */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { FrameSocket } from './socket.ts'

/** Final frame, binary. */
const BINARY = 0x82
const LENGTH_16 = 126
const LENGTH_64 = 127
const HEAD_BYTES_MAX = 10
/** A body of that size or more is handed on as it is; copying a smaller one is cheaper than another buffer in the write. */
const OWN_WRITE_BYTES = 4 * 1024
const OPEN = 1

/** Everything that leaves in one turn of the loop, of all sockets of a node. */
export class Outbox {
  #streams: FrameStream[] = []

  /** Writes what the stream holds at the end of this turn. */
  add(stream: FrameStream): void {
    if (this.#streams.push(stream) === 1) process.nextTick(() => this.#flush())
  }

  #flush(): void {
    const streams = this.#streams
    this.#streams = []
    for (const stream of streams) stream.flush()
  }
}

interface Frame {
  address: Uint8Array
  body: Uint8Array
  onSent: (() => void) | undefined
}

export class FrameStream implements FrameSocket {
  readonly #ws: WebSocket
  readonly #stream: Duplex
  readonly #outbox: Outbox
  #frames: Frame[] = []
  #bytes = 0

  constructor(ws: WebSocket, stream: Duplex, outbox: Outbox) {
    this.#ws = ws
    this.#stream = stream
    this.#outbox = outbox
  }

  get readyState(): FrameSocket['readyState'] {
    return this.#ws.readyState
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount + this.#bytes
  }

  send(address: Uint8Array, body: Uint8Array, onSent?: () => void): void {
    this.#bytes += HEAD_BYTES_MAX + address.length + body.length
    if (this.#frames.push({ address, body, onSent }) === 1) this.#outbox.add(this)
  }

  /** Writes what is waiting; what the socket was closed under is dropped. */
  flush(): void {
    const frames = this.#frames
    if (frames.length === 0) return
    const bytes = this.#bytes
    this.#frames = []
    this.#bytes = 0
    if (this.#ws.readyState !== OPEN) return
    const isSmall = frames.every(({ body, onSent }) => body.length < OWN_WRITE_BYTES && !onSent)
    if (isSmall) this.#stream.write(joinFrames(frames, bytes))
    else this.#writeApart(frames)
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  close(code: number, reason: string): void {
    // What was said before is said before the end.
    this.flush()
    this.#ws.close(code, reason)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  #writeApart(frames: readonly Frame[]): void {
    this.#stream.cork()
    for (const { address, body, onSent } of frames) {
      const head = Buffer.allocUnsafe(HEAD_BYTES_MAX + address.length)
      const at = writeHead(head, 0, address.length + body.length)
      head.set(address, at)
      this.#stream.write(head.subarray(0, at + address.length))
      this.#stream.write(body, onSent)
    }
    this.#stream.uncork()
  }
}

/** The frames one behind the other; `bytesMax` is room enough. */
const joinFrames = (frames: readonly Frame[], bytesMax: number): Buffer => {
  const joined = Buffer.allocUnsafe(bytesMax)
  let at = 0
  for (const { address, body } of frames) {
    at = writeHead(joined, at, address.length + body.length)
    joined.set(address, at)
    at += address.length
    joined.set(body, at)
    at += body.length
  }
  return joined.subarray(0, at)
}

/** Returns where the payload begins. Frames of a server are not masked. */
const writeHead = (bytes: Buffer, at: number, length: number): number => {
  bytes[at] = BINARY
  if (length < LENGTH_16) {
    bytes[at + 1] = length
    return at + 2
  }
  if (length < 65_536) {
    bytes[at + 1] = LENGTH_16
    return bytes.writeUInt16BE(length, at + 2)
  }
  bytes[at + 1] = LENGTH_64
  return bytes.writeBigUInt64BE(BigInt(length), at + 2)
}
