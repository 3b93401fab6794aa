/**
 * One document in memory: the Y.Doc that Hocuspocus holds, who may write under which client id, who looks at it, and the way from an
 * update to the log.
 *
 * Updates enter here and not through Hocuspocus' own message handler: that one answers before anything is durable, swallows errors of
 * Yjs, and passes every frame through a dozen promises.
 */
import type { Document } from '@hocuspocus/server'
import {
  applyState,
  applyUpdate,
  decodeUpdateFrames,
  documentText,
  judgeUpdate,
  type Opening,
  type UpdateFrame,
  type Verdict,
} from '@skein/document'
import { type ActorKey, TEXT_NAME } from '@skein/protocol'
import * as Y from 'yjs'
import type { ShownBy } from './awareness.ts'
import type { Clock } from './clock.ts'
import type { DocumentFacts } from './document-facts.ts'
import type { CommittedRow, DocumentLog } from './document-log.ts'
import type { ClientOwner } from './document-picture.ts'
import { encodeIntegrated, findParked, isSameParked, isWaiting } from './parked.ts'
import { SYNC, syncBody } from './wire.ts'

/** Somebody who gets the committed updates of a document. */
export interface Viewer {
  /** Position up to which they have everything already. */
  readonly syncedAt: number
  /** What its client had when it last attached, as a state vector, and when that was. */
  readonly began: { readonly known: ReadonlyMap<number, number>; readonly at: number }
  /** `body` is a sync frame without its address. */
  deliver(body: Uint8Array): void
  /** Cuts them off, so that they attach anew. */
  cutOff(): void
}

/** Who makes a change: an actor, and the piece of its work that it belongs to. Of each piece one object, which is the origin in Yjs. */
export interface Writer {
  readonly actor: ActorKey
  readonly run?: string
}

/** Where a change comes from, beside who makes it. Absent: from the server, or from another node. */
export interface Sender {
  readonly from?: Viewer | null
  /** What the client had kept from before it attached, not what it typed since. */
  readonly isKept?: boolean
}

interface Authorship extends Writer, Sender {
  newClients: readonly number[]
  /** The viewer who sent it; null for the server. */
  from: Viewer | null
}

/** Answers to state vectors that are kept until the next update; most who open a file at once have the same one: nothing. */
const CACHED_ANSWERS_MAX = 4

/** What a document takes in memory without its text, a struct of Yjs, and a UTF-16 unit of text with its copies. */
const DOCUMENT_BYTES = 16 * 1024
const STRUCT_BYTES = 200
const UNIT_BYTES = 3

/** Client ids of one person that nobody has written under: page loads that only read. The oldest is forgotten. */
const CLAIMS_MAX = 64

/** What a document that was not built yet is built from, and told by. */
interface Unbuilt {
  opening: Opening
  build(): void
}

/** A document that was answered for from stored bytes is built so much later, when its first client has had them, unless somebody needs it before. */
const BUILD_AFTER_MS = 50
/** The state vector of somebody who has nothing. */
const NOTHING = '\0'

export class OpenDocument {
  readonly facts: DocumentFacts
  /** The document of Hocuspocus, with its connections and presence; what it holds may not be there yet. */
  readonly shell: Document
  readonly viewers = new Set<Viewer>()
  readonly shownBy: ShownBy = new Map()
  /** An update failed halfway: what is in memory cannot be trusted any more. */
  isSuspect = false
  /** Times of the last use and of the last change, by the clock. */
  usedAt: number
  changedAt = 0
  readonly #log: DocumentLog
  readonly #clock: Clock
  /** These three are made when they are needed: of many documents that are open most are only read. */
  #answers: Map<string, Uint8Array> | null = null
  /** Who showed a client id first under which nobody has written yet: they may be writing under it offline. */
  #claims: Map<number, ActorKey> | null = null
  #ownClients: Map<ActorKey, number> | null = null
  #answeredAt = 0
  #text: string | null = null
  #writer: (Writer & Sender) | null = null
  #changes = 0
  /** DL15: what stands for the document until it is built. */
  #unbuilt: Unbuilt | null = null
  /** Updates that the transaction in hand produced. */
  #produced: Uint8Array[] = []

  /** `unbuilt`: `doc` is empty, and is filled when somebody needs what it holds. */
  constructor(facts: DocumentFacts, doc: Document, log: DocumentLog, clock: Clock, unbuilt: Unbuilt | null = null) {
    this.facts = facts
    this.shell = doc
    this.#log = log
    this.#clock = clock
    this.usedAt = clock.now()
    this.#unbuilt = unbuilt
    if (!unbuilt) this.#listen()
  }

  /** The document with all that it holds. Throws when it cannot be built; it is closed then. */
  get doc(): Document {
    if (this.#unbuilt) this.#build(this.#unbuilt)
    return this.shell
  }

  get isClosed(): boolean {
    return this.shell.isDestroyed || this.isSuspect
  }

  get text(): string {
    this.#text ??= documentText(this.doc)
    return this.#text
  }

  /** Who makes the change that observers of the document are just being told of; null: it was loaded. */
  get writer(): (Writer & Sender) | null {
    return this.#writer
  }

  /** Roughly what it takes in memory: structs of Yjs weigh far more than their text. */
  get bytes(): number {
    if (this.#unbuilt) return DOCUMENT_BYTES + this.#unbuilt.opening.update.length
    let structs = 0
    for (const list of this.doc.store.clients.values()) structs += list.length
    return DOCUMENT_BYTES + structs * STRUCT_BYTES + this.doc.getText(TEXT_NAME).length * UNIT_BYTES
  }

  /** Grows with every change in memory. */
  get changes(): number {
    return this.#changes
  }

  judge(update: Uint8Array, sender: ActorKey): Verdict {
    // What the sender has claimed but not written is still to be bound to them.
    const ownerOf = (clientId: number) => {
      const owner = this.#ownerOf(clientId)
      return owner === sender && !this.facts.owners.has(clientId) ? undefined : owner
    }
    return judgeUpdate({ doc: this.doc, update, sender, ownerOf })
  }

  /** GT8: whether the actor may speak for the client id, which is theirs from now on if it was nobody's. */
  claim(clientId: number, actor: ActorKey): boolean {
    const owner = this.#ownerOf(clientId)
    if (owner !== undefined) return owner === actor
    this.#claims ??= new Map()
    const own = [...this.#claims].filter(([, claimant]) => claimant === actor)
    if (own.length >= CLAIMS_MAX) this.#claims.delete((own[0] as [number, ActorKey])[0])
    this.#claims.set(clientId, actor)
    return true
  }

  #ownerOf(clientId: number): ActorKey | undefined {
    return this.facts.owners.get(clientId) ?? this.#claims?.get(clientId)
  }

  /**
   * Applies an update that the guard let through and appends it to the log (DL1). False: Yjs failed on it; then nothing of it is logged and
   * the document must be built anew from the log.
   */
  apply(update: Uint8Array, by: Authorship): boolean {
    const before = findParked(this.doc)
    const isDone = this.#transact(by, () => applyUpdate(this.doc, update, by.from))
    if (!isDone) return false
    const parked = findParked(this.doc)
    const hasMoved = !isSameParked(parked, before)
    // What Yjs parks for later fires no event, yet it is acknowledged and must come back after a restart.
    const isParked = parked !== null && hasMoved && isWaiting(this.doc, update)
    // What waited for it came in with it: that the sender has not seen.
    const from = before !== null && hasMoved ? null : by.from
    this.#append({ ...by, from }, isParked ? update : null)
    return true
  }

  /**
   * An edit by the server: one synchronous transaction under a client id of the actor's own, which it returns, not yet durable when it returns.
   */
  edit(writer: Writer, change: (text: Y.Text) => void): number {
    const { actor } = writer
    const known = this.#ownClients?.get(actor)
    const clientId = known ?? this.#freshClientId()
    const { doc } = this
    const before = doc.clientID
    doc.clientID = clientId
    const isDone = this.#transact(writer, () => doc.transact(() => change(doc.getText(TEXT_NAME)), writer))
    doc.clientID = before
    if (!isDone) {
      this.distrust()
      throw new Error(`An edit of document ${this.facts.id} failed halfway; it is built anew from its log`)
    }
    if (this.#produced.length > 0) {
      this.#ownClients ??= new Map()
      this.#ownClients.set(actor, clientId)
    }
    this.#append({ ...writer, newClients: known === undefined ? [clientId] : [], from: null }, null)
    return clientId
  }

  /** The answer to a client's state vector. */
  answer(stateVector: Uint8Array): Uint8Array {
    const key = Buffer.from(stateVector.buffer, stateVector.byteOffset, stateVector.byteLength).toString('latin1')
    const cached = this.#answers?.get(key)
    if (cached) return cached
    const ready = key === NOTHING ? this.#unbuilt?.opening.update : undefined
    if (ready) this.#buildSoon()
    const answer = syncBody(SYNC.step2, ready ?? encodeIntegrated(this.doc, stateVector))
    this.#answers ??= new Map()
    this.#answeredAt = this.#clock.now()
    if (this.#answers.size < CACHED_ANSWERS_MAX) this.#answers.set(key, answer)
    return answer
  }

  /** What the document holds, as a state vector. */
  get stateVector(): Uint8Array {
    return this.#unbuilt?.opening.stateVector ?? Y.encodeStateVector(this.doc)
  }

  /** Lets go of answers made before then: those who come together have come. */
  forgetAnswers(before: number): void {
    if (this.#answers && this.#answeredAt < before) this.#answers = null
  }

  /** Gives a committed row to all who look at the document, except what they sent or have. */
  deliver({ updates }: Pick<CommittedRow, 'updates'>): number {
    let frames = 0
    for (const { update, from, position } of updates) {
      let body: Uint8Array | undefined
      for (const viewer of this.viewers) {
        if (from === viewer || position <= viewer.syncedAt) continue
        body ??= syncBody(SYNC.update, update)
        viewer.deliver(body)
        frames++
      }
    }
    return frames
  }

  /**
   * MN1: takes over a row that another node has committed: it is not logged again, and goes to all who look at the document. False: Yjs
   * failed on it, and the document must be built anew from the log.
   */
  takeOver(payload: Uint8Array): boolean {
    try {
      for (const frame of decodeUpdateFrames(payload)) {
        this.#learnOwnersOf(frame)
        if (!this.#takeOver(frame, () => applyUpdate(this.doc, frame.update, frame))) return false
      }
      return true
    } catch {
      this.isSuspect = true
      return false
    }
  }

  /** MN1: as `takeOver`, of rows that stand in a compacted V2 state alone. */
  takeOverState(state: Uint8Array): boolean {
    return this.#takeOver(null, () => applyState(this.doc, state))
  }

  /** Who writes under which client id, as the log says. */
  learnOwners(clients: readonly ClientOwner[]): void {
    for (const { clientId, actor } of clients) {
      if (!this.facts.owners.has(clientId)) this.facts.owners.set(clientId, actor)
    }
  }

  /** Ends the trust in what is in memory: everybody is cut off, and the next who opens the document gets it from the log. */
  distrust(): void {
    this.isSuspect = true
    for (const viewer of [...this.viewers]) viewer.cutOff()
  }

  #listen(): void {
    this.shell.on('update', (update: Uint8Array) => {
      this.#produced.push(update)
      this.#text = null
      this.#answers = null
      this.#changes++
      this.changedAt = this.#clock.now()
    })
  }

  #buildSoon(): void {
    this.#clock.after(BUILD_AFTER_MS, () => {
      try {
        if (this.#unbuilt && !this.isClosed) this.#build(this.#unbuilt)
      } catch {
        // Its viewers were cut off, and it is read anew.
      }
    })
  }

  #build({ build }: Unbuilt): void {
    this.#unbuilt = null
    try {
      build()
      this.#listen()
    } catch (error) {
      this.distrust()
      throw error
    }
  }

  #transact(writer: (Writer & Sender) | null, change: () => void): boolean {
    this.#produced = []
    this.#writer = writer
    try {
      change()
      this.usedAt = this.#clock.now()
      return true
    } catch {
      this.#produced = []
      this.isSuspect = true
      return false
    } finally {
      this.#writer = null
    }
  }

  #takeOver(writer: Writer | null, change: () => void): boolean {
    const hadParked = findParked(this.doc) !== null
    if (!this.#transact(writer, change)) return false
    const updates = this.#produced.map((update) => ({ update, from: null, position: Number.POSITIVE_INFINITY }))
    this.#produced = []
    if (updates.length === 0) return true
    const { id } = this.facts
    if (!hadParked) this.deliver({ updates })
    // It may have brought in what was parked here and is not committed yet: nobody sees that before it is.
    else this.#log.when(id, this.#log.tail(id), (outcome) => outcome === 'committed' && this.deliver({ updates }))
    return true
  }

  /** MN7: a client id belongs to whoever wrote under it first in the log. */
  #learnOwnersOf({ actor, update }: UpdateFrame): void {
    const { owners } = this.facts
    const isKnown = Y.parseUpdateMeta(update)
      .from.keys()
      .every((client) => owners.has(client))
    if (isKnown) return
    for (const struct of Y.decodeUpdate(update).structs) {
      if (!(struct instanceof Y.Skip) && !owners.has(struct.id.client)) owners.set(struct.id.client, actor)
    }
  }

  /** Hands what the transaction produced to the log; then what of it was parked, raw. The first one binds the new client ids. */
  #append({ actor, run, newClients, from }: Authorship, parked: Uint8Array | null): void {
    const updates: { update: Uint8Array; isParked?: boolean }[] = this.#produced.map((update) => ({ update }))
    if (parked) updates.push({ update: parked, isParked: true })
    for (const [i, { update, ...rest }] of updates.entries()) {
      const frame = run === undefined ? { actor, update } : { actor, run, update }
      const pending = { frame, newClients: i === 0 ? newClients : [], from, ...rest }
      this.#log.append(this.facts.id, pending)
    }
    if (updates.length > 0) for (const clientId of newClients) this.facts.owners.set(clientId, actor)
    this.#produced = []
  }

  #freshClientId(): number {
    for (;;) {
      const clientId = Math.floor(this.#clock.random() * 2 ** 32)
      const isTaken = this.#ownerOf(clientId) !== undefined || this.doc.store.clients.has(clientId)
      if (!isTaken && clientId !== this.doc.clientID) return clientId
    }
  }
}
