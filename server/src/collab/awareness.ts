/**
 * Presence inside a document: what of a client's awareness frame is taken over. Identity is what the server authenticated: a client speaks
 * for client ids of its own only, and its name and colour are stamped here. Other entries are left out silently, for stock
 * clients report others who seem to have gone.
 */
import type { Document } from '@hocuspocus/server'
import type { AwarenessUser } from '@skein/protocol'
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'
import { applyAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'

export const AWARENESS_BYTES_MAX = 2048
/** Client ids of one address: the one in use, and the one of a document that was opened anew on it. */
const OWN_CLIENTS_MAX = 2

/** One address, as somebody whom others see in the document. */
export interface Presenter {
  user: AwarenessUser
  /** Whether this actor may speak for the client id, which is theirs from now on if it was nobody's. */
  claim(clientId: number): boolean
}

/** Which address shows each client id now. A person whose old socket is not known to be dead yet takes theirs over. */
export type ShownBy = Map<number, Presenter>

/** Throws on bytes that are no awareness update. */
export const applyAwareness = (
  { awareness }: Document,
  shownBy: ShownBy,
  update: Uint8Array,
  presenter: Presenter,
): void => {
  const entries = readEntries(update).filter(({ clientId }) => takeOver(shownBy, clientId, presenter))
  if (entries.length === 0) return
  const stamped = createEncoder()
  writeVarUint(stamped, entries.length)
  for (const { clientId, clock, state } of entries) {
    const knownClock = awareness.meta.get(clientId)?.clock ?? -1
    // A client that comes back brings the clock it left with, which everybody would take for old.
    const isReturning = state !== null && !awareness.states.has(clientId) && clock <= knownClock
    writeVarUint(stamped, clientId)
    writeVarUint(stamped, isReturning ? knownClock + 1 : clock)
    writeVarString(stamped, JSON.stringify(state && { ...state, user: presenter.user }))
  }
  applyAwarenessUpdate(awareness, toUint8Array(stamped), presenter)
}

/** Takes away what an address shows, when it is closed. */
export const removeAwareness = ({ awareness }: Document, shownBy: ShownBy, presenter: Presenter): void => {
  const own = [...shownBy].filter(([, holder]) => holder === presenter).map(([clientId]) => clientId)
  for (const clientId of own) shownBy.delete(clientId)
  removeAwarenessStates(awareness, own, presenter)
}

/** GT9: lets the address show the client id from now on, if it may. */
const takeOver = (shownBy: ShownBy, clientId: number, presenter: Presenter): boolean => {
  const holder = shownBy.get(clientId)
  if (holder === presenter) return true
  if (holder && holder.user.id !== presenter.user.id) return false
  const shown = [...shownBy.values()].filter((other) => other === presenter).length
  if (shown >= OWN_CLIENTS_MAX || !presenter.claim(clientId)) return false
  shownBy.set(clientId, presenter)
  return true
}

interface Entry {
  clientId: number
  clock: number
  state: Record<string, unknown> | null
}

const readEntries = (update: Uint8Array): Entry[] => {
  const decoder = createDecoder(update)
  const entries: Entry[] = []
  for (let left = readVarUint(decoder); left > 0; left--) {
    const clientId = readVarUint(decoder)
    const clock = readVarUint(decoder)
    const state: unknown = JSON.parse(readVarString(decoder))
    if (typeof state !== 'object' || Array.isArray(state)) throw new Error('An awareness state is not an object')
    entries.push({ clientId, clock, state: state as Entry['state'] })
  }
  return entries
}
