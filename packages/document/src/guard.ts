/**
 * The guard: what an update must keep to before it is logged or applied. Pure; it reads the document and changes nothing.
 *
 * Yjs trusts its input: a 32-byte update can make a document unreadable for ever, an 11-byte one takes 190 MB, and any client may write
 * under another's client id. V1 only: in V2 a tiny payload can unfold without end. Decoding reads struct by struct and allocates
 * nothing by declared counts, so a count that the bytes do not hold fails at the end of the bytes; and it ends at the first struct too
 * many, for time goes by their number: five megabytes of the smallest would hold everybody up for a second.
 */
import { FILE_TEXT_BYTES_MAX, TEXT_NAME, UPDATE_BYTES_MAX } from '@skein/protocol'
import * as Y from 'yjs'
import { isInsidePair } from './code-points.ts'
import { standsInOrder, structAt } from './guard-order.ts'

/** UTF-16 units of a text that takes no more text: a file at its limit, and room for several who fill it in the same moment. */
const TEXT_UNITS_MAX = FILE_TEXT_BYTES_MAX + 1024 * 1024
/** Updates that wait in Yjs for others they build upon; merging them is quadratic. */
const PENDING_BYTES_MAX = 256 * 1024
/** Client ids that one update may bring: one for each page load that ended without a connection. */
const NEW_CLIENTS_MAX = 256
/** Beyond it a value could exhaust the stack of whoever reads it with less stack left than we have here. */
const VALUE_DEPTH_MAX = 32
/**
 * Structs of one update, and ranges of its delete set: some thirty milliseconds to judge, as many to apply. A paper that was written in 260,000
 * edits has eleven thousand.
 */
const PIECES_MAX = 32_768
/** Values that are no text: ours is one in each document. */
const VALUES_MAX = 1_024
const VALUE_BYTES_MAX = 64 * 1024
const CLIENT_ID_MAX = 2 ** 32 - 1
const CLOCK_MAX = 2 ** 31

export type GuardRefusal =
  | 'too-large'
  | 'text-full'
  | 'malformed'
  | 'out-of-bounds'
  | 'foreign-content'
  | 'foreign-client'
  | 'too-many-clients'
  | 'too-many-pending'
  | 'split-character'
  | 'contradictory'

/** `effort`: structs of the document that had to be copied to judge; whoever sends much of that is to be slowed down. */
export type Verdict =
  | { outcome: 'accepted'; newClients: number[]; effort?: number }
  | { outcome: 'refused'; reason: GuardRefusal }

export interface GuardQuestion<Owner> {
  doc: Y.Doc
  update: Uint8Array
  sender: Owner
  /** Who first wrote under this client id; undefined when nobody did. */
  ownerOf(clientId: number): Owner | undefined
}

/** Judges one update; `newClients` are the client ids to be bound to the sender in the commit that holds the update. */
export const judgeUpdate = <Owner>(question: GuardQuestion<Owner>): Verdict => {
  const { doc, update } = question
  if (update.length > UPDATE_BYTES_MAX) return refuse('too-large')
  let decoded: DecodedUpdate
  try {
    decoded = Y.decodeUpdateV2(update, BoundedDecoder)
  } catch (error) {
    return refuse(error instanceof OutOfBounds ? error.refusal : 'malformed')
  }
  if (!isInBounds(decoded)) return refuse('out-of-bounds')
  if (!decoded.structs.every(hasKnownContent)) return refuse('foreign-content')
  if (isFull(doc) && decoded.structs.some((struct) => isNewText(doc, struct))) return refuse('text-full')
  if (isParkedBeyondBound(doc, decoded, update.length)) return refuse('too-many-pending')
  if (splitsCharacter(doc, decoded)) return refuse('split-character')
  const verdict = judgeClients(question, decoded)
  if (verdict.outcome === 'refused') return verdict
  const { isInOrder, effort } = standsInOrder(doc, update, decoded.structs)
  if (!isInOrder) return refuse('contradictory')
  return effort > 0 ? { ...verdict, effort } : verdict
}

type DecodedUpdate = ReturnType<typeof Y.decodeUpdate>
type Struct = DecodedUpdate['structs'][number]

class OutOfBounds extends Error {
  readonly refusal: GuardRefusal

  constructor(refusal: GuardRefusal) {
    super(refusal)
    this.refusal = refusal
  }
}

/** Reads V1, and stops where an update has more of anything than it may have. */
class BoundedDecoder extends Y.UpdateDecoderV1 {
  #structs = 0
  #ranges = 0
  #values = 0
  #valueBytes = 0

  override readInfo(): number {
    if (++this.#structs > PIECES_MAX) throw new OutOfBounds('too-large')
    return super.readInfo()
  }

  /** Called for each client of the delete set, who may have no range at all. */
  override resetDsCurVal(): void {
    this.#countRange()
  }

  override readDsLen(): number {
    this.#countRange()
    return super.readDsLen()
  }

  override readAny(): unknown {
    return this.#readValue(() => super.readAny())
  }

  override readJSON(): unknown {
    return this.#readValue(() => super.readJSON())
  }

  #countRange(): void {
    if (++this.#ranges > PIECES_MAX) throw new OutOfBounds('too-large')
  }

  #readValue(read: () => unknown): unknown {
    const from = this.restDecoder.pos
    const value = read()
    this.#valueBytes += this.restDecoder.pos - from
    if (++this.#values > VALUES_MAX || this.#valueBytes > VALUE_BYTES_MAX) throw new OutOfBounds('foreign-content')
    return value
  }
}

const refuse = (reason: GuardRefusal): Verdict => ({ outcome: 'refused', reason })

const isRange = (client: number, clock: number, length: number): boolean =>
  client <= CLIENT_ID_MAX && length >= 1 && clock + length <= CLOCK_MAX

const isIdInBounds = (id: Y.ID | null): boolean => id === null || isRange(id.client, id.clock, 1)

/** On itself, or on what its own client wrote after it: Yjs would look for that in vain, and throw. */
const isBuiltOnLater = (id: Y.ID, on: Y.ID | null): boolean =>
  on !== null && on.client === id.client && on.clock >= id.clock

const isInBounds = ({ structs, ds }: DecodedUpdate): boolean => {
  const endByClient = new Map<number, number>()
  for (const struct of structs) {
    // A client's structs follow one another; a client that comes twice is nothing that Yjs writes.
    if ((endByClient.get(struct.id.client) ?? struct.id.clock) !== struct.id.clock) return false
    endByClient.set(struct.id.client, struct.id.clock + struct.length)
    if (!isRange(struct.id.client, struct.id.clock, struct.length)) return false
    if (!(struct instanceof Y.Item)) continue
    // Before it is integrated, an item's parent is the id of another item or the name of a root.
    const parent = struct.parent instanceof Y.ID ? struct.parent : null
    const { id, origin, rightOrigin } = struct
    if (![origin, rightOrigin, parent].every((on) => isIdInBounds(on) && !isBuiltOnLater(id, on))) return false
  }
  for (const [client, deletes] of ds.clients) {
    if (!deletes.every(({ clock, len }) => isRange(client, clock, len))) return false
  }
  return true
}

/** Sub-documents and values nested without end have no place in a file. */
const hasKnownContent = (struct: Struct): boolean => {
  if (!(struct instanceof Y.Item)) return true
  const { content } = struct
  if (content instanceof Y.ContentDoc) return false
  if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON) return isShallow(content.arr)
  if (content instanceof Y.ContentEmbed) return isShallow(content.embed)
  if (content instanceof Y.ContentFormat) return isShallow(content.value)
  return true
}

const isShallow = (value: unknown): boolean => {
  let level: unknown[] = [value]
  for (let depth = 0; depth < VALUE_DEPTH_MAX; depth++) {
    level = level.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []))
    if (level.length === 0) return true
  }
  return false
}

/** It was not refused when it came so far, so it may only get shorter; what is stored stays readable. */
const isFull = (doc: Y.Doc): boolean => doc.getText(TEXT_NAME).length > TEXT_UNITS_MAX

const isNewText = (doc: Y.Doc, struct: Struct): boolean =>
  struct instanceof Y.Item &&
  struct.content.isCountable() &&
  struct.id.clock + struct.length > Y.getState(doc.store, struct.id.client)

const isParkedBeyondBound = (doc: Y.Doc, { structs }: DecodedUpdate, bytes: number): boolean => {
  const parked = (doc.store.pendingStructs?.update.length ?? 0) + (doc.store.pendingDs?.length ?? 0)
  if (parked + bytes <= PENDING_BYTES_MAX) return false
  const seen = new Set<number>()
  return structs.some(({ id }) => {
    if (seen.has(id.client)) return false
    seen.add(id.client)
    return id.clock > Y.getState(doc.store, id.client)
  })
}

const judgeClients = <Owner>({ doc, sender, ownerOf }: GuardQuestion<Owner>, { structs }: DecodedUpdate): Verdict => {
  const newClients = new Set<number>()
  for (const struct of structs) {
    const { client, clock } = struct.id
    if (struct instanceof Y.Skip || clock + struct.length <= Y.getState(doc.store, client)) continue
    const owner = ownerOf(client)
    if (owner === undefined) newClients.add(client)
    else if (owner !== sender) return refuse('foreign-client')
  }
  if (newClients.size > NEW_CLIENTS_MAX) return refuse('too-many-clients')
  return { outcome: 'accepted', newClients: [...newClients] }
}

/** Whether the update would cut a string of the document, or one of its own, inside a surrogate pair. */
const splitsCharacter = (doc: Y.Doc, { structs, ds }: DecodedUpdate): boolean => {
  const ownStructs = Map.groupBy(structs, ({ id }) => id.client)
  const isCut = (client: number, clock: number): boolean => {
    const isKnown = clock < Y.getState(doc.store, client)
    const struct = structAt(isKnown ? doc.store.clients.get(client) : ownStructs.get(client), clock)
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return false
    return isInsidePair(struct.content.str, clock - struct.id.clock)
  }
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue
    const { origin, rightOrigin, id, content } = struct
    if (origin !== null && isCut(origin.client, origin.clock + 1)) return true
    if (rightOrigin !== null && isCut(rightOrigin.client, rightOrigin.clock)) return true
    const known = Y.getState(doc.store, id.client) - id.clock
    if (content instanceof Y.ContentString && isInsidePair(content.str, known)) return true
  }
  for (const [client, deletes] of ds.clients) {
    if (deletes.some(({ clock, len }) => isCut(client, clock) || isCut(client, clock + len))) return true
  }
  return false
}
