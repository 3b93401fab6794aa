/**
 * The second door: any other Yjs client, over the y-websocket protocol, one document for each socket (GT17). Its frames are those of the first
 * door without an address and without acknowledgements, so nothing here decides anything: an address is put before what comes in and taken
 * from what goes out, and everything between is the same gate, guard and log.
 *
 * The token stands in the address of the socket, because such clients can send it nowhere else; nothing may write that address down.
 */
import { CLOSE } from '@skein/protocol'
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'
import type { CollabMetrics } from './collab-metrics.ts'
import type { FrameSocket } from './socket.ts'
import { AUTH, encodeAddress, FRAME, PONG_FRAME, readFrame } from './wire.ts'

export const YJS_PATH = '/yjs/'

/** What the address of the socket says. */
export interface YjsRequest {
  document: string
  token: string
}

/** Reads `/yjs/<documentId>?token=…`; null when it names no document. */
export function readYjsRequest(url: string): YjsRequest | null {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const document = /^\/yjs\/([^/%]+)$/.exec(pathname)?.[1]
  return document ? { document, token: searchParams.get('token') ?? '' } : null
}

/**
 * Stock clients take these for the server's last word and do not come back; all other codes they take for a passing trouble. Each is an HTTP
 * status plus 4000.
 */
const FINAL = { badRequest: 4400, unauthenticated: 4401, notFound: 4404, epochChanged: 4409, tooLarge: 4413 } as const

const DENIED: Readonly<Record<string, number>> = {
  unauthenticated: FINAL.unauthenticated,
  'not-found': FINAL.notFound,
  'project-deleted': FINAL.notFound,
  'epoch-changed': FINAL.epochChanged,
}

const Y_PERMISSION_DENIED = 0
/** Presence of nobody: the client hears that the line is alive, and does nothing. */
const NOBODY_BODY = Uint8Array.of(FRAME.awareness, 1, 0)
const NO_ADDRESS = new Uint8Array()
/** So often a client that never says anything is asked whether it is there; half of what it may be silent. */
const ASK_MS = 20_000

export interface WebSocketBelow {
  ping(): void
}

/** What goes out, in the other protocol's frames. */
export class YjsFrames implements FrameSocket {
  readonly #below: FrameSocket
  readonly #ws: WebSocketBelow
  readonly #now: () => number
  #askedAt: number
  #isToldReadOnly = false

  /** `now` in milliseconds. */
  constructor(below: FrameSocket, ws: WebSocketBelow, now: () => number) {
    this.#below = below
    this.#ws = ws
    this.#now = now
    this.#askedAt = now()
  }

  get readyState(): FrameSocket['readyState'] {
    return this.#below.readyState
  }

  get bufferedAmount(): number {
    return this.#below.bufferedAmount
  }

  send(address: Uint8Array, body: Uint8Array, onSent?: () => void): void {
    if (this.#now() - this.#askedAt > ASK_MS) {
      this.#askedAt = this.#now()
      this.#ws.ping()
    }
    // Of what Hocuspocus says, the address stands in the frame; a single byte is a Ping.
    const isWhole = address.length === 0 && body.length > 1
    const own = isWhole ? body.subarray(readFrame(body).rest.pos - 1) : body
    const type = own[0]
    if (type === FRAME.sync || type === FRAME.awareness) this.#below.send(NO_ADDRESS, own, onSent)
    else if (type === FRAME.ping) this.#below.send(NO_ADDRESS, NOBODY_BODY)
    else if (type === FRAME.auth) this.#sayDenial(own)
    else if (type === FRAME.syncStatus && own[1] === 0) this.#sayReadOnly()
  }

  pause(): void {
    this.#below.pause()
  }

  resume(): void {
    this.#below.resume()
  }

  close(code: number, reason: string): void {
    // What was wrong with it would be as wrong the next time.
    const isFinal = code === CLOSE.policy || code === CLOSE.tooLarge
    const final = code === CLOSE.policy ? FINAL.badRequest : FINAL.tooLarge
    this.#below.close(isFinal ? final : code, reason)
  }

  terminate(): void {
    this.#below.terminate()
  }

  #sayDenial(body: Uint8Array): void {
    const rest = createDecoder(body.subarray(1))
    if (readVarUint(rest) !== AUTH.permissionDenied) return
    const reason = readVarString(rest)
    this.#below.send(NO_ADDRESS, deniedBody(reason))
    this.#below.close(DENIED[reason] ?? CLOSE.tryLater, reason)
  }

  /** There are no acknowledgements here, so it is said once and not for each edit. */
  #sayReadOnly(): void {
    if (this.#isToldReadOnly) return
    this.#isToldReadOnly = true
    this.#below.send(NO_ADDRESS, deniedBody('read-only'))
  }
}

const deniedBody = (reason: string): Uint8Array => {
  const encoder = createEncoder()
  writeVarUint(encoder, FRAME.auth)
  writeVarUint(encoder, Y_PERMISSION_DENIED)
  writeVarString(encoder, reason)
  return toUint8Array(encoder)
}

/** What comes in, as frames of the gate; `receive` is its ear. Everything else that one could say to the gate is not for this door. */
export class YjsEar {
  readonly #address: Uint8Array
  readonly #receive: (frame: Uint8Array) => void
  readonly #metrics: Pick<CollabMetrics, 'refused'>

  constructor(document: string, receive: (frame: Uint8Array) => void, metrics: Pick<CollabMetrics, 'refused'>) {
    this.#address = encodeAddress(document)
    this.#receive = receive
    this.#metrics = metrics
  }

  /** Shows the token, for a client that cannot. It counts nothing, so nothing was counted before (GT3). */
  open(token: string): void {
    this.#receive(PONG_FRAME)
    const encoder = createEncoder()
    writeUint8Array(encoder, this.#address)
    writeVarUint(encoder, FRAME.auth)
    writeVarUint(encoder, AUTH.token)
    writeVarString(encoder, token)
    this.#receive(toUint8Array(encoder))
  }

  hear(frame: Uint8Array): void {
    const type = frame[0]
    if (type === FRAME.sync || type === FRAME.awareness || type === FRAME.queryAwareness) {
      const whole = new Uint8Array(this.#address.length + frame.length)
      whole.set(this.#address)
      whole.set(frame, this.#address.length)
      this.#receive(whole)
    } else this.#metrics.refused('frame-type')
  }

  /** The client is there, though it says nothing. */
  hearPong(): void {
    this.#receive(PONG_FRAME)
  }
}
