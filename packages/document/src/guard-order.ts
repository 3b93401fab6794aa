/**
 * Whether the items of an update stand where they say: behind their origin and before their right origin. An honest client saw the two side
 * by side in that order, so they stand in it everywhere. Where they contradict each other Yjs puts the item somewhere, and elsewhere when the
 * same updates are read again in one go: replicas would part for good.
 *
 * Most of it is proven from the list and from the update alone. What is not, because others wrote at the same place in the meantime, is
 * tried on a copy.
 */
import * as Y from 'yjs'

export type Struct = Y.Item | Y.GC | Y.Skip
type Order = 'before' | 'not-before' | 'unproven'

/** Looks at neighbours, for one update: some milliseconds. Honest ones stand side by side but for what others wrote between them. */
const STEPS_MAX = 100_000
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
  // What waits in Yjs for what it is built on comes to its place with this update, and was not looked at before.
  let proof: Order = doc.store.pendingStructs && structs.length > 0 ? 'unproven' : 'before'
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !struct.rightOrigin) continue
    const { client, clock } = struct.id
    const known = Y.getState(doc.store, client)
    if (clock + struct.length <= known) continue
    // Of an item whose beginning is known the rest comes behind that.
    const origin = known > clock ? Y.createID(client, known - 1) : struct.origin
    if (!origin) continue
    const order = neighbours.compare(origin, struct.rightOrigin, DEPTH_MAX)
    if (order === 'not-before') return order
    if (order === 'unproven') proof = order
  }
  return proof
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
      if (++this.#steps > STEPS_MAX) return 'not-before'
    }
    return 'not-before'
  }
}

const tryOut = (doc: Y.Doc, update: Uint8Array): { isInOrder: boolean; effort: number } => {
  const copy = new Y.Doc()
  try {
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
    const known = Y.decodeStateVector(Y.encodeStateVector(copy))
    Y.applyUpdate(copy, update)
    let effort = 0
    let steps = 0
    const reaches = (start: Y.Item | null, to: Y.ID, way: 'left' | 'right'): boolean => {
      for (let item = start; item; item = item[way]) {
        const { id, length } = item
        if (id.client === to.client && id.clock <= to.clock && to.clock < id.clock + length) return true
        if (++steps > STEPS_MAX) return false
      }
      return false
    }
    for (const [client, structs] of copy.store.clients) {
      effort += structs.length
      const from = known.get(client) ?? 0
      for (const struct of structs) {
        if (!(struct instanceof Y.Item) || struct.id.clock < from) continue
        if (struct.origin && !reaches(struct.left, struct.origin, 'left')) return { isInOrder: false, effort }
        if (struct.rightOrigin && !reaches(struct.right, struct.rightOrigin, 'right'))
          return { isInOrder: false, effort }
      }
    }
    return { isInOrder: true, effort }
  } catch {
    // Yjs fails on it: better on a copy.
    return { isInOrder: false, effort: 0 }
  } finally {
    copy.destroy()
  }
}
