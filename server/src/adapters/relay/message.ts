/**
 * What nodes send each other through Redis, byte by byte: a version, a kind, the node that speaks, then what the kind says. The document
 * is the channel's, so no message names it.
 *
 * Redis is a neighbour and not a part of the house: what comes from it is looked at like anything from outside, and what cannot be read
 * is no message. Nodes of another version may be among them while they are restarted one after the other; theirs are left out too, and what
 * they would have said is read from the database.
 */
import { AwarenessUser, FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import { createDecoder, readTailAsUint8Array, readUint8, readUint8Array, readVarUint } from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeUint8,
  writeUint8Array,
  writeVarString,
  writeVarUint,
} from 'lib0/encoding'
import { z } from 'zod'
import type { PersonInProject } from '../../collab/relay.ts'
import type { ProjectKey } from '../../commands/event-hub.ts'

export type Message =
  | { is: 'row'; epoch: number; timeline: number; seq: number; payload: Uint8Array }
  | { is: 'presence'; isWhole: boolean; update: Uint8Array }
  | { is: 'presence-asked' }
  | { is: 'people'; project: ProjectKey; people: PersonInProject[] }
  /** A node begins, or was cut off: it wants to know who is where. */
  | { is: 'hello' }
  | { is: 'alive' }
  | { is: 'goodbye' }

export interface Heard {
  node: string
  message: Message
}

const VERSION = 2
/** In this order on the wire: new ones go to the end. */
const KINDS: readonly Message['is'][] = ['row', 'presence', 'presence-asked', 'people', 'hello', 'alive', 'goodbye']
const NODE_BYTES = 16

/**
 * Larger ones are not sent, and not taken: Redis cuts a subscriber off for whom more than a few of them wait. A row of that size is read
 * from the database at the next look.
 */
export const MESSAGE_BYTES_MAX = 8 * 1024 * 1024
/** Presence of a document, of two thousand people. */
const PRESENCE_BYTES_MAX = 4 * 1024 * 1024
const PEOPLE_MAX = 10_000

const People = z.object({
  project: z.object({ projectId: ProjectId, workspaceId: WorkspaceId }),
  people: z.array(z.object({ person: AwarenessUser, fileIds: z.array(FileId) })).max(PEOPLE_MAX),
})

/** The message as node `node` (a UUID) says it. */
export function encodeMessage(node: string, message: Message): Uint8Array {
  const encoder = createEncoder()
  writeUint8(encoder, VERSION)
  writeUint8(encoder, KINDS.indexOf(message.is))
  writeUint8Array(encoder, Buffer.from(node.replaceAll('-', ''), 'hex'))
  writeBody(encoder, message)
  return toUint8Array(encoder)
}

function writeBody(encoder: Encoder, message: Message): void {
  switch (message.is) {
    case 'row':
      writeVarUint(encoder, message.epoch)
      writeVarUint(encoder, message.timeline)
      writeVarUint(encoder, message.seq)
      writeUint8Array(encoder, message.payload)
      break
    case 'presence':
      writeUint8(encoder, Number(message.isWhole))
      writeUint8Array(encoder, message.update)
      break
    case 'people':
      writeVarString(encoder, JSON.stringify({ project: message.project, people: message.people }))
      break
    case 'presence-asked':
    case 'hello':
    case 'alive':
    case 'goodbye':
      break
  }
}

/** Null for bytes that are no message of this version. */
export function decodeMessage(bytes: Uint8Array): Heard | null {
  if (bytes.length > MESSAGE_BYTES_MAX) return null
  try {
    const decoder = createDecoder(bytes)
    if (readUint8(decoder) !== VERSION) return null
    const kind = KINDS[readUint8(decoder)]
    const node = bytesToUuid(readUint8Array(decoder, NODE_BYTES))
    const message = kind && readBody(kind, decoder)
    return message ? { node, message } : null
  } catch {
    return null
  }
}

function readBody(kind: Message['is'], decoder: ReturnType<typeof createDecoder>): Message | null {
  switch (kind) {
    case 'row': {
      const [epoch, timeline, seq] = [readVarUint(decoder), readVarUint(decoder), readVarUint(decoder)]
      const payload = readTailAsUint8Array(decoder)
      return seq > 0 && payload.length > 0 ? { is: kind, epoch, timeline, seq, payload } : null
    }
    case 'presence': {
      const isWhole = readUint8(decoder) === 1
      const update = readTailAsUint8Array(decoder)
      return update.length > 0 && update.length <= PRESENCE_BYTES_MAX ? { is: kind, isWhole, update } : null
    }
    case 'people': {
      const length = readVarUint(decoder)
      const text = Buffer.from(readUint8Array(decoder, length)).toString()
      const read = People.safeParse(JSON.parse(text))
      return read.success ? { is: kind, ...read.data } : null
    }
    case 'presence-asked':
    case 'hello':
    case 'alive':
    case 'goodbye':
      return { is: kind }
  }
}

function bytesToUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
