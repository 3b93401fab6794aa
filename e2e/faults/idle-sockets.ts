/**
 * People who have files open and do nothing, as light as can be: a frame for the token and a frame for the state vector of each document, and the
 * answer to a Ping. Ten thousand of them fit into a test.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { WebSocket } from 'ws'

const TYPE = { sync: 0, auth: 2, syncReply: 4, ping: 9, pong: 10 } as const
const SYNC_STEP_2 = 1
const RECONNECT_MS_MIN = 500
const RECONNECT_MS_MAX = 5_500

export interface IdleTarget {
  /** Of `/collab`. */
  socketUrl: string
  token: string
  documentId: string
}

export class IdleSocket {
  readonly #target: IdleTarget
  readonly #session: number
  readonly #comesBack: boolean
  readonly #synced = new Set<string>()
  #ws: WebSocket | null = null
  #isEnded = false
  /** How often the socket was closed by anybody but us. */
  drops = 0
  /** Of all frames that have come. */
  receivedBytes = 0

  /** `session` tells sockets of one document apart. */
  constructor(target: IdleTarget, session: number, comesBack = true) {
    this.#target = target
    this.#session = session
    this.#comesBack = comesBack
  }

  /** Whether the document has come since the last connection. */
  get isSynced(): boolean {
    return this.#synced.size > 0
  }

  /** Documents that have come since the last connection. */
  get syncedCount(): number {
    return this.#synced.size
  }

  connect(): void {
    const ws = new WebSocket(this.#target.socketUrl, { perMessageDeflate: false })
    this.#ws = ws
    ws.on('open', () => this.open(this.#target.documentId))
    ws.on('message', (data: Buffer) => this.#onFrame(ws, data))
    ws.on('error', () => {})
    ws.on('close', () => {
      this.#synced.clear()
      if (this.#isEnded) return
      this.drops++
      if (!this.#comesBack) return
      const delayMs = RECONNECT_MS_MIN + Math.random() * (RECONNECT_MS_MAX - RECONNECT_MS_MIN)
      void sleep(delayMs).then(() => this.#isEnded || this.connect())
    })
  }

  /** Opens one more document on the socket. */
  open(documentId: string): void {
    const address = `${documentId}\0${this.#session}`
    this.#ws?.send(
      frame(address, TYPE.auth, (encoder) => {
        writeVarUint(encoder, 0)
        writeVarString(encoder, this.#target.token)
      }),
    )
    this.#ws?.send(
      frame(address, TYPE.sync, (encoder) => {
        writeVarUint(encoder, 0)
        writeVarUint8Array(encoder, Uint8Array.of(0))
      }),
    )
  }

  send(bytes: Uint8Array): void {
    this.#ws?.send(bytes)
  }

  /** Reads no further; what comes fills the buffers between. */
  pause(): void {
    this.#ws?.pause()
  }

  resume(): void {
    this.#ws?.resume()
  }

  end(): void {
    this.#isEnded = true
    this.#ws?.terminate()
  }

  #onFrame(ws: WebSocket, data: Buffer): void {
    this.receivedBytes += data.length
    if (data.length === 1) {
      if (data[0] === TYPE.ping) ws.send(Uint8Array.of(TYPE.pong))
      return
    }
    const decoder = createDecoder(data)
    const address = readVarString(decoder)
    const type = readVarUint(decoder)
    if ((type === TYPE.sync || type === TYPE.syncReply) && readVarUint(decoder) === SYNC_STEP_2)
      this.#synced.add(address)
  }
}

function frame(address: string, type: number, write: (encoder: Encoder) => void): Uint8Array {
  const encoder = createEncoder()
  writeVarString(encoder, address)
  writeVarUint(encoder, type)
  write(encoder)
  return toUint8Array(encoder)
}
