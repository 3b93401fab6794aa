/**
 * One document open on one socket, in the dialect of its server: stock Hocuspocus (Skein speaks it too), or y-websocket (the relay passes it
 * on).
 */
import {
  createEncoder,
  toUint8Array,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { AUTH, FRAME, SYNC, type SyncType } from '../wire.ts'
import { RawSocket } from './raw-socket.ts'

export type Dialect = 'hocuspocus' | 'y-websocket'

export interface SeatPlan {
  port: number
  dialect: Dialect
  document: string
  /** Stands behind the document's name in the address; with it a client may open one document several times. */
  session: string | null
  token: string
  /** What the client has already, as a state vector in base64. */
  known: string
}

const NOTHING_NEW = Uint8Array.of(0, 0)
const PING = 9
const PONG = Uint8Array.of(10)

export class Seat {
  /** Called for each Update, which may hold several keys, with the time at which it was read. */
  onUpdate: (update: Uint8Array, at: number) => void = () => {}
  onAcknowledged: (at: number) => void = () => {}
  /** Called when the server closes the socket. */
  onEnd: (error: Error) => void = () => {}
  /** Resolves when the answer to the state vector is there, and what the server wanted in turn was acknowledged, where it acknowledges. */
  readonly synced: Promise<void>
  /** Called with the answer to the state vector, an update. */
  onAnswer: (update: Uint8Array) => void = () => {}
  readonly #socket: RawSocket
  readonly #address: Uint8Array
  #isAnswered = false
  #isAcknowledged: boolean
  #finish: () => void = () => {}

  constructor(plan: SeatPlan) {
    const isHocuspocus = plan.dialect === 'hocuspocus'
    this.#socket = new RawSocket(plan.port, isHocuspocus ? '/collab' : `/${plan.document}`)
    this.#address = isHocuspocus ? encodeAddress(plan) : new Uint8Array()
    this.#isAcknowledged = !isHocuspocus
    this.synced = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#socket.onEnd = (code) => {
        const error = new Error(`A socket of document ${plan.document} was closed: ${code}`)
        reject(error)
        this.onEnd(error)
      }
      this.#socket.opened.then(() => this.#begin(plan, isHocuspocus), reject)
    })
    this.#socket.onMessage = (message) => this.#read(message)
  }

  send(update: Uint8Array): void {
    this.#sync(SYNC.update, update)
  }

  close(): void {
    this.#socket.destroy()
  }

  #begin({ token, known }: SeatPlan, isHocuspocus: boolean): void {
    if (isHocuspocus) {
      const auth = createEncoder()
      writeUint8Array(auth, this.#address)
      writeVarUint(auth, FRAME.auth)
      writeVarUint(auth, AUTH.token)
      writeVarString(auth, token)
      this.#socket.send(toUint8Array(auth))
    }
    this.#sync(SYNC.step1, Buffer.from(known, 'base64'))
  }

  #sync(type: SyncType, payload: Uint8Array): void {
    const frame = createEncoder()
    writeUint8Array(frame, this.#address)
    writeUint8Array(frame, Uint8Array.of(FRAME.sync, type))
    writeVarUint8Array(frame, payload)
    this.#socket.send(toUint8Array(frame))
  }

  #read(message: Buffer): void {
    if (message.length === 1) {
      if (message[0] === PING) this.#socket.send(PONG)
      return
    }
    const type = message[this.#address.length]
    const step = message[this.#address.length + 1]
    if (type === FRAME.syncStatus) {
      this.#isAcknowledged = true
      this.onAcknowledged(performance.now())
      this.#settle()
    }
    if (type !== FRAME.sync && type !== FRAME.syncReply) return
    if (step === SYNC.update) this.onUpdate(readPayload(message, this.#address.length + 2), performance.now())
    if (step === SYNC.step1) this.#sync(SYNC.step2, NOTHING_NEW)
    if (step === SYNC.step2) {
      this.#isAnswered = true
      this.onAnswer(readPayload(message, this.#address.length + 2))
      this.#settle()
    }
  }

  #settle(): void {
    if (this.#isAnswered && this.#isAcknowledged) this.#finish()
  }
}

const encodeAddress = ({ document, session }: SeatPlan): Uint8Array => {
  const encoder = createEncoder()
  writeVarString(encoder, session === null ? document : `${document}\0${session}`)
  return toUint8Array(encoder)
}

const readPayload = (message: Buffer, at: number): Uint8Array => {
  let length = 0
  for (let shift = 0; ; shift += 7) {
    const byte = message[at++] as number
    length |= (byte & 0x7f) << shift
    if (byte < 0x80) return message.subarray(at, at + length)
  }
}
