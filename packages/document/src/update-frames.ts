/**
 * The payload of one row of the log: the updates of one commit, in order, each with its author.
 *
 * A pure deletion names no client id, so its author is known only from the connection; that is why authors stand beside the raw updates.
 * Frame: a byte (1: a new author follows, 0: the author of the frame before), author as actor and run (empty: none), raw V1 update.
 */
import type { ActorKey } from '@skein/protocol'
import { createDecoder, hasContent, readUint8, readVarString, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint8Array } from 'lib0/encoding'

export interface UpdateFrame {
  actor: ActorKey
  /** The piece of an agent's work that it belongs to. */
  run?: string
  update: Uint8Array
}

export const encodeUpdateFrames = (frames: readonly UpdateFrame[]): Uint8Array => {
  const encoder = createEncoder()
  let last: UpdateFrame | undefined
  for (const frame of frames) {
    const isSameAuthor = last !== undefined && last.actor === frame.actor && last.run === frame.run
    writeUint8(encoder, isSameAuthor ? 0 : 1)
    if (!isSameAuthor) {
      writeVarString(encoder, frame.actor)
      writeVarString(encoder, frame.run ?? '')
    }
    writeVarUint8Array(encoder, frame.update)
    last = frame
  }
  return toUint8Array(encoder)
}

/** Throws on bytes that `encodeUpdateFrames` did not write. The updates are views of `payload`. */
export const decodeUpdateFrames = (payload: Uint8Array): UpdateFrame[] => {
  const decoder = createDecoder(payload)
  const frames: UpdateFrame[] = []
  let actor: ActorKey | undefined
  let run = ''
  while (hasContent(decoder)) {
    if (readUint8(decoder) === 1) {
      actor = readVarString(decoder) as ActorKey
      run = readVarString(decoder)
    }
    if (actor === undefined) throw new Error('The first frame of an update row names no author')
    const update = readVarUint8Array(decoder)
    frames.push(run === '' ? { actor, update } : { actor, run, update })
  }
  return frames
}
