/**
 * Presence inside a document: what of an awareness frame is taken over. Identity is what the server authenticated: a client speaks
 * for client ids of its own only, and its name and colour are stamped here. Other entries are left out silently, for stock
 * clients report others who seem to have gone.
 *
 * What another node shows was stamped there. It stands beside what is shown here, under the same rules: a client id is shown by one holder
 * at a time, and moves from one to the other only with the person it belongs to (they came back through another node, and their old socket
 * is not known to be dead yet).
 */
import type { Document } from '@hocuspocus/server'
import { AwarenessUser } from '@skein/protocol'
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'
import { applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'

export const AWARENESS_BYTES_MAX = 2048
/** Client ids of one address: the one in use, and the one of a document that was opened anew on it. */
const OWN_CLIENTS_MAX = 2
/** Client ids that other nodes may show in one document. */
const FOREIGN_CLIENTS_MAX = 2_000

/** One address, as somebody whom others see in the document. */
export interface Presenter {
  readonly user: AwarenessUser
  /** The client ids that it shows now, which are kept here: a frame may name hundreds, and thousands may be shown. */
  readonly shows: Set<number>
  /** Whether this actor may speak for the client id, which is theirs from now on if it was nobody's. */
  claim(clientId: number): boolean
}

/** Another node, for one of its people. */
export interface Foreigner {
  readonly user: AwarenessUser
  readonly node: string
  /** When it was heard last, by the clock of this node. */
  readonly heardAt: number
}

interface Shown {
  by: Presenter | Foreigner
  /**
   * Added to the clocks that the holder says. Whoever comes back brings the clock they left with, which everybody would take for old.
   */
  lift: number
}

/** Who shows each client id now. */
export type ShownBy = Map<number, Shown>

/** The document, as far as presence needs it. */
type Stage = Pick<Document, 'awareness'>

/** The origin of what other nodes show. */
export const FROM_OTHER_NODES = Symbol('other nodes')

/** Throws on bytes that are no awareness update. */
export const applyAwareness = (
  { awareness }: Stage,
  shownBy: ShownBy,
  update: Uint8Array,
  presenter: Presenter,
): void => {
  const taken: Entry[] = []
  for (const entry of readEntries(update)) {
    const before = shownBy.get(entry.clientId)
    if (!takeOver(shownBy, entry.clientId, presenter)) continue
    const state = entry.state && { ...entry.state, user: presenter.user }
    taken.push({ ...entry, state, clock: liftClock(awareness, shownBy, entry, before) })
  }
  if (taken.length > 0) applyAwarenessUpdate(awareness, writeEntries(taken), presenter)
}

/** Takes away what an address shows, when it is closed. */
export const removeAwareness = ({ awareness }: Stage, shownBy: ShownBy, presenter: Presenter): void => {
  const own = [...presenter.shows]
  for (const clientId of own) shownBy.delete(clientId)
  presenter.shows.clear()
  removeAwarenessStates(awareness, own, presenter)
}

/** Somebody who speaks for another node. */
export interface ForeignNode {
  readonly node: string
  readonly heardAt: number
  /** It names everybody whom it shows. */
  readonly isWhole: boolean
  /** Whether the person may speak for the client id, as for one of our own. */
  claim(clientId: number, userId: string): boolean
}

/**
 * Takes over what another node shows. Returns the client ids that have left it and are shown here, which it may not know. Throws on bytes
 * that are no awareness update.
 */
export const applyForeign = (
  { awareness }: Stage,
  shownBy: ShownBy,
  update: Uint8Array,
  from: ForeignNode,
): number[] => {
  const taken: Entry[] = []
  const left: number[] = []
  const ours: number[] = []
  const named = new Set<number>()
  for (const entry of readEntries(update)) {
    const { clientId, clock, state } = entry
    const before = shownBy.get(clientId)
    named.add(clientId)
    if (state === null) {
      if (!before) continue
      if (!('node' in before.by)) ours.push(clientId)
      else if (before.by.node === from.node) left.push(clientId)
      continue
    }
    // Of somebody who is here it is told what they showed there before they came.
    const isOld = before && !('node' in before.by) && clock <= (awareness.meta.get(clientId)?.clock ?? -1)
    if (isOld || !takeAbroad(shownBy, clientId, state.user, from)) continue
    taken.push({ ...entry, clock: liftClock(awareness, shownBy, entry, before) })
  }
  if (taken.length > 0) applyAwarenessUpdate(awareness, writeEntries(taken), FROM_OTHER_NODES)
  if (from.isWhole) {
    const unnamed = findForeign(shownBy, ({ node }) => node === from.node).filter((clientId) => !named.has(clientId))
    left.push(...unnamed)
  }
  removeForeign({ awareness }, shownBy, left)
  return ours
}

/** Takes these client ids of other nodes away. */
export const removeForeign = ({ awareness }: Stage, shownBy: ShownBy, clientIds: readonly number[]): void => {
  for (const clientId of clientIds) shownBy.delete(clientId)
  removeAwarenessStates(awareness, [...clientIds], FROM_OTHER_NODES)
}

/** Client ids that other nodes show, as far as `isMeant`. */
export const findForeign = (shownBy: ShownBy, isMeant: (foreigner: Foreigner) => boolean): number[] =>
  [...shownBy].filter(([, { by }]) => 'node' in by && isMeant(by)).map(([clientId]) => clientId)

/** What this node shows of these client ids, for other nodes. */
export const encodeOwn = ({ awareness }: Stage, shownBy: ShownBy, clientIds: Iterable<number>): Uint8Array => {
  const own = [...clientIds].filter((clientId) => {
    const shown = shownBy.get(clientId)
    return awareness.meta.has(clientId) && !(shown && 'node' in shown.by)
  })
  return encodeAwarenessUpdate(awareness, own)
}

/** GT9: lets the address show the client id from now on, if it may. */
const takeOver = (shownBy: ShownBy, clientId: number, presenter: Presenter): boolean => {
  const holder = shownBy.get(clientId)?.by
  if (holder === presenter) return true
  if (holder && holder.user.id !== presenter.user.id) return false
  if (presenter.shows.size >= OWN_CLIENTS_MAX || !presenter.claim(clientId)) return false
  handOver(shownBy, clientId, presenter)
  return true
}

const handOver = (shownBy: ShownBy, clientId: number, by: Presenter | Foreigner): void => {
  const before = shownBy.get(clientId)?.by
  if (before && 'shows' in before) before.shows.delete(clientId)
  if ('shows' in by) by.shows.add(clientId)
  shownBy.set(clientId, { by, lift: 0 })
}

/** Lets another node show the client id from now on, if its person may. */
const takeAbroad = (
  shownBy: ShownBy,
  clientId: number,
  stamp: unknown,
  { node, heardAt, claim }: ForeignNode,
): boolean => {
  const read = AwarenessUser.safeParse(stamp)
  if (!read.success) return false
  const user = read.data
  const before = shownBy.get(clientId)
  if (before ? before.by.user.id !== user.id : shownBy.size >= FOREIGN_CLIENTS_MAX) return false
  if (!claim(clientId, user.id)) return false
  if (before && 'node' in before.by && before.by.node === node) before.by = { node, user, heardAt }
  else handOver(shownBy, clientId, { node, user, heardAt })
  return true
}

/** The clock under which an entry is passed on: above all that was passed on before, when its holder is new or its client comes back. */
const liftClock = (
  { meta, states }: Document['awareness'],
  shownBy: ShownBy,
  { clientId, clock, state }: Entry,
  before: Shown | undefined,
): number => {
  const shown = shownBy.get(clientId) as Shown
  const known = meta.get(clientId)?.clock ?? -1
  const isNew = shown !== before || !states.has(clientId)
  if (state !== null && isNew && clock + shown.lift <= known) shown.lift = known + 1 - clock
  return clock + shown.lift
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

const writeEntries = (entries: readonly Entry[]): Uint8Array => {
  const encoder = createEncoder()
  writeVarUint(encoder, entries.length)
  for (const { clientId, clock, state } of entries) {
    writeVarUint(encoder, clientId)
    writeVarUint(encoder, clock)
    writeVarString(encoder, JSON.stringify(state))
  }
  return toUint8Array(encoder)
}
