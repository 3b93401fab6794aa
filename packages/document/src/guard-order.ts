/**
 * Whether the items of an update stand where they say: behind their origin and before their right origin. An honest client saw the two side
 * by side in that order, so they stand in it everywhere. Where they contradict each other Yjs puts the item somewhere, and elsewhere when the
 * same updates are read again in one go: replicas would part for good.
 *
 * Most of it is proven from the list and from the update alone. What is not, because others wrote at the same place in the meantime, is
 * tried on a copy.
 */
import * as Y from 'yjs'
import { applyUpdate } from './apply-update.ts'

export type Struct = Y.Item | Y.GC | Y.Skip
type Order = 'before' | 'not-before' | 'unproven'

/** Looks at neighbours, for one update: a few milliseconds; beyond it a trial is cheaper, which takes time by the length of the document. */
const STEPS_MAX = 20_000
/** Items of an update that were written one inside the other. */
const DEPTH_MAX = 64

/** Of structs in the order of their clocks, without gaps between them; Yjs' search must not be asked outside their range. */
export const structAt = (structs: readonly Struct[] | undefined, clock: number): Struct | undefined => {
  const first = structs?.at(0)
  const last = structs?.at(-1)
  if (!structs || !first || !last || clock < first.id.clock || clock >= last.id.clock + last.length) return undefined
  return structs[Y.findIndexSS(structs as (Y.Item | Y.GC)[], clock)]
}

/** Whether every item of the update stands in one order with its neighbours; `effort` is how many structs were copied to find out. */
export const standsInOrder = (
  doc: Y.Doc,
  update: Uint8Array,
  structs: readonly Struct[],
): { isInOrder: boolean; effort: number } => {
  const proof = prove(doc, structs)
  if (proof !== 'unproven') return { isInOrder: proof === 'before', effort: 0 }
  return tryOut(doc, update)
}

const prove = (doc: Y.Doc, structs: readonly Struct[]): Order => {
  const neighbours = new Neighbours(doc, structs)
  if (bringsInParked(doc, structs)) return 'unproven'
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !struct.rightOrigin) continue
    const { client, clock } = struct.id
    const known = Y.getState(doc.store, client)
    if (clock + struct.length <= known) continue
    // Of an item whose beginning is known the rest comes behind that.
    const origin = known > clock ? Y.createID(client, known - 1) : struct.origin
    if (!origin) continue
    const order = neighbours.compare(origin, struct.rightOrigin, DEPTH_MAX)
    if (order !== 'before') return order
  }
  return 'before'
}

/**
 * Whether what waits in Yjs for what it is built on may come to its place with these structs; it was not looked at before. Yjs tries it only when
 * something has come that its note names. Things may wait for ever, and nobody's typing is to cost more for it.
 */
const bringsInParked = ({ store }: Y.Doc, structs: readonly Struct[]): boolean => {
  const missing = store.pendingStructs?.missing
  if (!missing) return false
  for (const struct of structs) {
    const wanted = missing.get(struct.id.client)
    if (wanted !== undefined && struct.id.clock + struct.length > wanted && !(struct instanceof Y.Skip)) return true
  }
  return missing.entries().some(([client, wanted]) => Y.getState(store, client) > wanted)
}

class Neighbours {
  readonly #doc: Y.Doc
  readonly #own: Map<number, Struct[]>
  #steps = 0

  constructor(doc: Y.Doc, structs: readonly Struct[]) {
    this.#doc = doc
    this.#own = Map.groupBy(structs, ({ id }) => id.client)
  }

  /** Whether one character stands before another one. */
  compare(a: Y.ID, b: Y.ID, depth: number): Order {
    const [x, y] = [this.#find(a), this.#find(b)]
    if (!x || !y || ++this.#steps > STEPS_MAX) return 'unproven'
    if (x.struct === y.struct) return a.clock < b.clock ? 'before' : 'not-before'
    if (x.isKnown && y.isKnown) return this.#walk(x.struct, y.struct)
    if (depth === 0) return 'unproven'
    const right = !x.isKnown && x.struct instanceof Y.Item ? x.struct.rightOrigin : null
    if (right && (Y.compareIDs(right, b) || this.compare(right, b, depth - 1) === 'before')) return 'before'
    const left = !y.isKnown && y.struct instanceof Y.Item ? y.struct.origin : null
    if (left && (Y.compareIDs(a, left) || this.compare(a, left, depth - 1) === 'before')) return 'before'
    return 'unproven'
  }

  #find({ client, clock }: Y.ID): { struct: Struct; isKnown: boolean } | null {
    const isKnown = clock < Y.getState(this.#doc.store, client)
    const struct = structAt(isKnown ? this.#doc.store.clients.get(client) : this.#own.get(client), clock)
    return struct ? { struct, isKnown } : null
  }

  #walk(from: Struct, to: Struct): Order {
    if (!(from instanceof Y.Item && to instanceof Y.Item)) return 'unproven'
    for (let item = from.right; item; item = item.right) {
      if (item === to) return 'before'
      if (++this.#steps > STEPS_MAX) return 'unproven'
    }
    return 'not-before'
  }
}

const tryOut = (doc: Y.Doc, update: Uint8Array): { isInOrder: boolean; effort: number } => {
  const copy = new Y.Doc()
  try {
    copyInto(copy, doc)
    const known = Y.decodeStateVector(Y.encodeStateVector(copy))
    applyUpdate(copy, update)
    const places = new Places(copy)
    let effort = 0
    for (const [client, structs] of copy.store.clients) {
      effort += structs.length
      const from = known.get(client) ?? 0
      const isInOrder = structs.every((struct) => struct.id.clock < from || places.isInOrder(struct))
      if (!isInOrder) return { isInOrder, effort }
    }
    return { isInOrder: true, effort }
  } catch {
    // Yjs fails on it: better on a copy.
    return { isInOrder: false, effort: 0 }
  } finally {
    copy.destroy()
  }
}

/** With what waits in Yjs as it waits there: encoded along with the rest, it could take the place of what is known. */
const copyInto = (copy: Y.Doc, doc: Y.Doc): void => {
  const { store } = doc
  const { pendingStructs, pendingDs } = store
  store.pendingStructs = null
  store.pendingDs = null
  try {
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  } finally {
    store.pendingStructs = pendingStructs
    store.pendingDs = pendingDs
  }
  copy.store.pendingStructs = pendingStructs && { ...pendingStructs, missing: new Map(pendingStructs.missing) }
  copy.store.pendingDs = pendingDs
}

/** The items of a document, numbered in the order in which they stand. */
class Places {
  readonly #store: Y.Doc['store']
  readonly #places = new Map<Y.Item, number>()

  constructor({ store }: Y.Doc) {
    this.#store = store
    for (const structs of store.clients.values()) {
      for (const struct of structs) if (struct instanceof Y.Item && struct.left === null) this.#number(struct)
    }
  }

  isInOrder(struct: Struct): boolean {
    if (!(struct instanceof Y.Item)) return true
    const { origin, rightOrigin } = struct
    const place = this.#places.get(struct)
    if (place === undefined) return false
    return (!origin || this.#placeOf(origin) < place) && (!rightOrigin || place < this.#placeOf(rightOrigin))
  }

  /** NaN, before and behind which nothing stands, for what is no item any more. */
  #placeOf({ client, clock }: Y.ID): number {
    const struct = structAt(this.#store.clients.get(client), clock)
    return (struct instanceof Y.Item ? this.#places.get(struct) : undefined) ?? Number.NaN
  }

  #number(first: Y.Item): void {
    for (let item: Y.Item | null = first; item; item = item.right) this.#places.set(item, this.#places.size)
  }
}
