/** A client that speaks the protocol frame by frame, to send what no provider sends and to see every frame that leaves the server. */
import { readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { AUTH, FRAME, readFrame, SYNC } from '../wire.ts'
import { until } from './client.ts'

export interface SeenFrame {
  address: string
  kind: 'step1' | 'step2' | 'update' | 'status' | 'denied' | 'authenticated' | 'awareness' | 'close' | 'ping' | 'other'
  payload: Uint8Array<ArrayBufferLike>
  reason: string
}

const NOTHING: Uint8Array = new Uint8Array()

export class RawClient {
  readonly seen: SeenFrame[] = []
  readonly ws: WebSocket
  closeCode: number | null = null

  constructor(url: string, origin?: string) {
    this.ws = new WebSocket(url, origin === undefined ? {} : { origin })
    this.ws.on('message', (data) => this.seen.push(read(new Uint8Array(data as Buffer))))
    this.ws.on('error', () => {})
    this.ws.on('close', (code) => {
      this.closeCode = code
    })
  }

  /** Connects, shows the token, and asks with the state vector of `doc`. */
  static async open(url: string, address: string, token: string, doc = new Y.Doc()): Promise<RawClient> {
    const client = new RawClient(url)
    await client.connected()
    client.auth(address, token)
    client.step1(address, doc)
    await client.until((frame) => frame.kind === 'step1' || frame.kind === 'denied')
    return client
  }

  async connected(): Promise<void> {
    await until(() => this.kinds().includes('ping') || this.closeCode !== null, 'the first Ping')
  }

  kinds(address?: string): SeenFrame['kind'][] {
    return this.seen.filter((frame) => address === undefined || frame.address === address).map(({ kind }) => kind)
  }

  count(kind: SeenFrame['kind']): number {
    return this.seen.filter((frame) => frame.kind === kind).length
  }

  until(matches: (frame: SeenFrame) => boolean): Promise<void> {
    return until(() => this.seen.some(matches) || this.closeCode !== null, 'a frame')
  }

  untilClosed(): Promise<void> {
    return until(() => this.closeCode !== null, 'the socket is closed')
  }

  auth(address: string, token: string): void {
    this.#send(address, (e) => {
      writeVarUint(e, FRAME.auth)
      writeVarUint(e, AUTH.token)
      writeVarString(e, token)
    })
  }

  step1(address: string, doc: Y.Doc): void {
    this.sync(address, SYNC.step1, Y.encodeStateVector(doc))
  }

  step2(address: string, update: Uint8Array): void {
    this.sync(address, SYNC.step2, update)
  }

  update(address: string, update: Uint8Array): void {
    this.sync(address, SYNC.update, update)
  }

  awareness(address: string, update: Uint8Array): void {
    this.#send(address, (e) => {
      writeVarUint(e, FRAME.awareness)
      writeVarUint8Array(e, update)
    })
  }

  leave(address: string): void {
    this.#send(address, (e) => {
      writeVarUint(e, FRAME.close)
      writeVarString(e, 'left')
    })
  }

  pong(): void {
    this.bytes(Uint8Array.of(FRAME.pong))
  }

  bytes(frame: Uint8Array): void {
    this.ws.send(frame)
  }

  destroy(): void {
    this.ws.terminate()
  }

  /** Any sync frame. */
  sync(address: string, type: number, payload: Uint8Array): void {
    this.#send(address, (e) => {
      writeVarUint(e, FRAME.sync)
      writeVarUint(e, type)
      writeVarUint8Array(e, payload)
    })
  }

  #send(address: string, write: (encoder: Encoder) => void): void {
    const encoder = createEncoder()
    writeVarString(encoder, address)
    write(encoder)
    this.bytes(toUint8Array(encoder))
  }
}

const read = (bytes: Uint8Array): SeenFrame => {
  if (bytes.length === 1) return { address: '', kind: 'ping', payload: NOTHING, reason: '' }
  const { address, type, rest } = readFrame(bytes)
  const frame = (kind: SeenFrame['kind'], payload = NOTHING, reason = ''): SeenFrame => ({
    address,
    kind,
    payload,
    reason,
  })
  if (type === FRAME.sync || type === FRAME.syncReply) {
    const kind = (['step1', 'step2', 'update'] as const)[readVarUint(rest)] ?? 'other'
    return frame(kind, readVarUint8Array(rest))
  }
  if (type === FRAME.syncStatus) return frame('status', Uint8Array.of(readVarUint(rest)))
  if (type === FRAME.awareness) return frame('awareness', readVarUint8Array(rest))
  if (type === FRAME.close) return frame('close', NOTHING, readVarString(rest))
  if (type !== FRAME.auth) return frame('other')
  return readVarUint(rest) === AUTH.permissionDenied
    ? frame('denied', NOTHING, readVarString(rest))
    : frame('authenticated')
}
