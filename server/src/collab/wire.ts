/**
 * The frames of the stock Hocuspocus protocol, as the gate reads and writes them: an address, a type, then what the type says. An
 * address is a document's name, or `name\0session` for a client that opens one document several times on a socket.
 */
import type { DenialReason } from '@skein/protocol'
import { createDecoder, type Decoder, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'

export const FRAME = {
  sync: 0,
  awareness: 1,
  auth: 2,
  queryAwareness: 3,
  syncReply: 4,
  close: 7,
  syncStatus: 8,
  ping: 9,
  pong: 10,
} as const

export const SYNC = { step1: 0, step2: 1, update: 2 } as const
export type SyncType = (typeof SYNC)[keyof typeof SYNC]

export const AUTH = { token: 0, permissionDenied: 1 } as const

/** The frame that any stock provider answers with a Pong, after it has sent everything that it kept while offline. */
export const PING_FRAME = Uint8Array.of(FRAME.ping)

export const PONG_FRAME = Uint8Array.of(FRAME.pong)

/** GT13: asks whether the socket still carries anything. */
export const isPing = (frame: Uint8Array): boolean => frame.length === 1 && frame[0] === FRAME.ping

export const isPong = (frame: Uint8Array): boolean => frame.length === 1 && frame[0] === FRAME.pong

export interface Frame {
  address: string
  type: number
  /** Stands behind the type. */
  rest: Decoder
}

/** Throws on bytes that are no frame. */
export const readFrame = (bytes: Uint8Array): Frame => {
  const rest = createDecoder(bytes)
  return { address: readVarString(rest), type: readVarUint(rest), rest }
}

/** Throws on a type that the protocol does not know. */
export const readSyncType = (rest: Decoder): SyncType => {
  const type = readVarUint(rest)
  if (type !== SYNC.step1 && type !== SYNC.step2 && type !== SYNC.update)
    throw new Error(`There is no sync type ${type}`)
  return type
}

/** What every frame of an address begins with. */
export const encodeAddress = (address: string): Uint8Array => {
  const encoder = createEncoder()
  writeVarString(encoder, address)
  return toUint8Array(encoder)
}

/** Acknowledgements, as bodies: they stand behind the address. */
export const SAVED_BODY = Uint8Array.of(FRAME.syncStatus, 1)
export const NOT_SAVED_BODY = Uint8Array.of(FRAME.syncStatus, 0)

export const permissionDeniedBody = (reason: DenialReason): Uint8Array => {
  const encoder = createEncoder()
  writeVarUint(encoder, FRAME.auth)
  writeVarUint(encoder, AUTH.permissionDenied)
  writeVarString(encoder, reason)
  return toUint8Array(encoder)
}

/** What stands behind the address in a sync frame: built once for all who get it, and without an encoder, which takes more than the frame. */
export const syncBody = (type: SyncType, payload: Uint8Array): Uint8Array => {
  const { length } = payload
  let lengthBytes = 1
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) lengthBytes++
  const body = new Uint8Array(2 + lengthBytes + length)
  body[0] = FRAME.sync
  body[1] = type
  let at = 2
  for (let rest = length; at < 1 + lengthBytes; rest >>>= 7) body[at++] = (rest & 0x7f) | 0x80
  body[at++] = length >>> (7 * (lengthBytes - 1))
  body.set(payload, at)
  return body
}
