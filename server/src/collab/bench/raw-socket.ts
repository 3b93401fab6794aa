/**
 * A WebSocket client as small as one can be, so that what is measured is the server: no mask (a mask of zeros), no compression, whole
 * messages without copies when they come in one piece.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

const BINARY = 0x82
const CLOSE = 8
const PING = 9
const PONG = 0x8a
const MASKED = 0x80
const END_OF_HEAD = Buffer.from('\r\n\r\n')

export class RawSocket {
  readonly opened: Promise<void>
  onMessage: (payload: Buffer) => void = () => {}
  /** Called when the other side has gone, with its close code if it said one. */
  onEnd: (code: number) => void = () => {}
  readonly #socket: Socket
  #isOpen = false
  /** What came and is not whole yet. */
  #parts: Buffer[] = []
  #bytes = 0
  /** How much has to be there before it is worth looking. */
  #needed = 0

  constructor(port: number, path: string) {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    this.#socket = socket
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
    this.opened = new Promise((resolve, reject) => {
      socket.on('data', (chunk) => this.#take(chunk, resolve, reject))
      socket.on('error', reject)
      socket.on('close', () => {
        this.onEnd(1006)
        reject(new Error('The server closed the connection'))
      })
    })
    this.opened.catch(() => {})
  }

  send(payload: Uint8Array): void {
    this.#write(BINARY, payload)
  }

  destroy(): void {
    this.onEnd = () => {}
    this.#socket.destroy()
  }

  /** Stops reading, as a machine does that has gone to sleep. */
  pause(): void {
    this.#socket.pause()
  }

  #write(opcode: number, payload: Uint8Array): void {
    const extra = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8
    const frame = Buffer.alloc(6 + extra + payload.length)
    frame[0] = opcode
    frame[1] = MASKED | (extra === 0 ? payload.length : extra === 2 ? 126 : 127)
    if (extra === 2) frame.writeUInt16BE(payload.length, 2)
    if (extra === 8) frame.writeBigUInt64BE(BigInt(payload.length), 2)
    frame.set(payload, 6 + extra)
    this.#socket.write(frame)
  }

  #take(chunk: Buffer, resolve: () => void, reject: (error: Error) => void): void {
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#needed) return
    let rest = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts)
    if (!this.#isOpen) {
      const end = rest.indexOf(END_OF_HEAD)
      if (end >= 0) {
        this.#isOpen = rest.subarray(0, 20).includes(' 101 ')
        if (this.#isOpen) resolve()
        else reject(new Error(rest.toString('latin1', 0, 60)))
        rest = rest.subarray(end + END_OF_HEAD.length)
      }
    }
    if (this.#isOpen) rest = this.#readFrames(rest)
    this.#parts = rest.length > 0 ? [rest] : []
    this.#bytes = rest.length
  }

  /** Hands out whole frames and returns what is left. */
  #readFrames(bytes: Buffer): Buffer {
    let at = 0
    this.#needed = 0
    while (bytes.length - at >= 2) {
      const short = (bytes[at + 1] as number) & 0x7f
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (bytes.length - at < head) break
      const length =
        short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
      if (bytes.length - at < head + length) {
        this.#needed = head + length
        break
      }
      const payload = bytes.subarray(at + head, at + head + length)
      const opcode = (bytes[at] as number) & 0x0f
      if (opcode === PING) this.#write(PONG, payload)
      else if (opcode === CLOSE) this.onEnd(length >= 2 ? payload.readUInt16BE(0) : 1005)
      else this.onMessage(payload)
      at += head + length
    }
    return bytes.subarray(at)
  }
}
