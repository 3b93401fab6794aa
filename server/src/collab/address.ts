/**
 * One document on one socket: what the rules GT1–GT5 of SPEC.md have to know, and the way of its sync frames. Everything here happens in the
 * turn of the loop in which a frame arrives, so order is the order of the frames.
 */
import type { Connection } from '@hocuspocus/server'
import { isRestoredEpoch } from '@skein/document'
import { type ActorKey, type AwarenessUser, CLOSE } from '@skein/protocol'
import * as Y from 'yjs'
import type { AnswerLine, Asker } from './answer-line.ts'
import { applyAwareness, type Presenter, removeAwareness } from './awareness.ts'
import type { Clock } from './clock.ts'
import type { CollabMetrics } from './collab-metrics.ts'
import type { DocumentLog } from './document-log.ts'
import type { EditId, EditTrace } from './edit-trace.ts'
import type { OpenDocument, Viewer } from './open-document.ts'
import type { CollabSocket } from './socket.ts'
import type { WaitingRoom } from './waiting-room.ts'
import {
  encodeAddress,
  NOT_SAVED_BODY,
  permissionDeniedBody,
  SAVED_BODY,
  SYNC,
  type SyncType,
  syncBody,
} from './wire.ts'

export interface AddressDeps {
  log: DocumentLog
  metrics: CollabMetrics
  trace: EditTrace
  clock: Clock
  socket: CollabSocket
  /** Where the addresses of the socket stand for whole documents. */
  answers: AnswerLine
  waiting: WaitingRoom
  /** False only in the control experiment that shows what the gate is for: acknowledgements then leave from memory. */
  holds: boolean
  /** Cuts the whole socket, so that the client comes back and attaches anew. */
  cut(code: number, reason: string): void
}

/** What Hocuspocus attached after it let the address in. */
export interface Attachment {
  open: OpenDocument
  actor: ActorKey
  user: AwarenessUser
  isReadOnly: boolean
}

interface SyncFrame {
  type: SyncType
  payload: Uint8Array
  /** Of the address when the frame came; -1: it was counted before the client began to count anew. */
  generation: number
  isBeforePong: boolean
  at: number
  /** For whoever follows it. */
  edit: EditId
}

/** Twenty thousand client ids: page loads in which somebody typed into one file. */
const STATE_VECTOR_BYTES_MAX = 256 * 1024

/** An update of no structs and no deletions. */
const isNothing = (update: Uint8Array): boolean => update.length === 2 && update[0] === 0 && update[1] === 0

/** What a struct that the guard has to copy counts for, as bytes that were sent: both take about as long. */
const EFFORT_BYTES = 64

const NOTHING_KNOWN: ReadonlyMap<number, number> = new Map()

export class Address implements Viewer, Presenter, Asker {
  /** Where Hocuspocus stands with it; `cancelled`: the client closed it before it was open. */
  #door: 'closed' | 'opening' | 'cancelled' | 'open' | 'denied' = 'closed'
  syncedAt = Number.POSITIVE_INFINITY
  readonly shows = new Set<number>()
  readonly #deps: AddressDeps
  /** Its name, as each of its frames begins. */
  readonly #name: Uint8Array
  #attachment: Attachment | null = null
  #connection: Connection | null = null
  #generation = 0
  /** As the client sent it: it is not unfolded before somebody was let in. */
  #stateVector: Uint8Array | null = null
  /** What it says, once it was judged. */
  #known: ReadonlyMap<number, number> = NOTHING_KNOWN
  #beganAt = 0
  /** Whether the state vector of this generation is of the document's epoch. */
  #verdict: 'none' | 'accepted' | 'denied' = 'none'
  /** GT6: the newest SyncStep1 that stands in line for its answer. */
  #question: SyncFrame | null = null
  #waiting: SyncFrame[] = []
  #waitingAwareness: Uint8Array | null = null

  constructor(name: string, deps: AddressDeps) {
    this.#deps = deps
    this.#name = encodeAddress(name)
  }

  /** What Hocuspocus attached; null: nothing yet, or not any more. */
  get connection(): Connection | null {
    return this.#connection
  }

  get began(): Viewer['began'] {
    return { known: this.#known, at: this.#beganAt }
  }

  get attachment(): Attachment | null {
    return this.#attachment
  }

  get user(): AwarenessUser {
    if (!this.#attachment) throw new Error('An address that is not attached shows nobody')
    return this.#attachment.user
  }

  claim(clientId: number): boolean {
    return this.#attachment?.open.claim(clientId, this.#attachment.actor) ?? false
  }

  /** Whether the client still wants the document that Hocuspocus is about to attach. */
  get isWanted(): boolean {
    return this.#door === 'opening'
  }

  /** The client shows a token: true when Hocuspocus has to look at it. */
  beginOpening(): boolean {
    const isNew = this.#door === 'closed' || this.#door === 'denied'
    if (isNew || this.#door === 'cancelled') this.#door = 'opening'
    return isNew
  }

  /** The client closed it before it was open: true while Hocuspocus is still at it. */
  cancelOpening(): boolean {
    this.#forget()
    if (this.#door !== 'opening') return this.#door === 'cancelled'
    this.#door = 'cancelled'
    return true
  }

  /** Hocuspocus did not let it in. GT4: what it goes on sending is dropped. */
  deny(): void {
    this.#forget()
    this.#door = 'denied'
  }

  attach(connection: Connection, attachment: Attachment): void {
    this.#door = 'open'
    this.#connection = connection
    this.#attachment = attachment
    if (this.#waitingAwareness) this.#show(attachment, this.#waitingAwareness)
    this.#keepAwareness(null)
    this.#work()
  }

  /** GT1: it is closed, by either side. Nothing that was promised before is kept any more. */
  detach(): void {
    this.#door = 'closed'
    this.#forget()
    const attachment = this.#attachment
    this.#attachment = null
    this.#connection = null
    if (!attachment) return
    attachment.open.viewers.delete(this)
    removeAwareness(attachment.open.shell, attachment.open.shownBy, this)
  }

  /** An awareness update from the client. */
  onAwareness(update: Uint8Array): void {
    if (this.#attachment) this.#show(this.#attachment, update)
    else if (this.#door !== 'denied') {
      // A copy: the update stands in a frame of any size.
      this.#keepAwareness(update.slice())
      this.#cutIfFull()
    }
  }

  /** A sync frame from the client. Throws on a state vector that is too large. */
  onSync(type: SyncType, payload: Uint8Array, hasPonged: boolean): void {
    if (this.#door === 'denied') return
    if (type === SYNC.step1) {
      if (payload.length > STATE_VECTOR_BYTES_MAX) throw new RangeError('A state vector is too large')
      this.#beginGeneration(payload)
    }
    if (this.#verdict === 'denied') return
    const isBeforePong = type === SYNC.update && !hasPonged
    const edit = type === SYNC.step1 ? null : this.#deps.trace.begin(payload.length)
    this.#waiting.push({ type, payload, generation: this.#generation, isBeforePong, at: this.#deps.clock.now(), edit })
    this.#deps.waiting.enter(payload)
    this.#work()
    if (this.#waiting.length > 0) this.#cutIfFull()
  }

  /** GT6: it is this address' turn; `done` is called when the answer has left, or never will. Returns its bytes. */
  answer(done: () => void): number {
    const question = this.#question
    const open = this.#attachment?.open
    this.#question = null
    if (!question || !open || question.generation !== this.#generation) return 0
    if (open.isClosed) {
      this.cutOff()
      return 0
    }
    const { log, socket, metrics } = this.#deps
    const body = open.answer(question.payload)
    const position = log.tail(open.facts.id)
    this.syncedAt = position
    open.viewers.add(this)
    metrics.held(body.length)
    // Twenty bytes ask for a whole document.
    socket.spend(0, body.length)
    log.when(open.facts.id, position, (outcome) => {
      metrics.held(-body.length)
      if (outcome !== 'committed') this.cutOff()
      else if (question.generation === this.#generation) socket.sendAnswer(body, this.#name, done)
      else done()
    })
    socket.send(syncBody(SYNC.step1, open.stateVector), this.#name)
    return body.length
  }

  deliver(body: Uint8Array): void {
    this.#deps.socket.send(body, this.#name)
  }

  cutOff(): void {
    this.#deps.cut(CLOSE.goingAway, 'the document is read anew')
  }

  #forget(): void {
    this.#beginGeneration(null)
    this.#takeWaiting()
    this.#keepAwareness(null)
  }

  #keepAwareness(update: Uint8Array | null): void {
    if (this.#waitingAwareness) this.#deps.waiting.leave(this.#waitingAwareness)
    this.#waitingAwareness = update
    if (update) this.#deps.waiting.enter(update)
  }

  #cutIfFull(): void {
    if (!this.#deps.waiting.isFull) return
    this.#deps.metrics.refused('waiting')
    this.#deps.cut(CLOSE.tryLater, 'the document is not ready')
  }

  #takeWaiting(): SyncFrame[] {
    const frames = this.#waiting
    this.#waiting = []
    for (const { payload } of frames) this.#deps.waiting.leave(payload)
    return frames
  }

  #beginGeneration(stateVector: Uint8Array | null): void {
    this.#generation++
    this.#stateVector = stateVector
    this.#known = NOTHING_KNOWN
    this.#beganAt = this.#deps.clock.now()
    this.#verdict = 'none'
    this.#question = null
    this.#attachment?.open.viewers.delete(this)
    this.syncedAt = Number.POSITIVE_INFINITY
  }

  /** GT3: whether the client had this update in its document when it took the state vector. */
  #isCovered(update: Uint8Array): boolean {
    try {
      for (const [client, end] of Y.parseUpdateMeta(update).to) if (end > (this.#known.get(client) ?? 0)) return false
    } catch {
      // The guard will refuse it.
    }
    return true
  }

  /**
   * Edits wait until the document is there and the client's state vector was accepted, even those that came before it: only then are they
   * known to belong to its epoch.
   */
  #work(): void {
    const attachment = this.#attachment
    if (!attachment) return
    if (this.#verdict === 'none') {
      if (!this.#stateVector) return
      this.#judgeStateVector(attachment, this.#stateVector)
      this.#stateVector = null
    }
    const frames = this.#takeWaiting()
    if (this.#verdict !== 'accepted') return
    for (const frame of frames) {
      if (frame.isBeforePong && this.#isCovered(frame.payload)) frame.generation = -1
      if (frame.type !== SYNC.step1) this.#take(attachment, frame)
      else if (frame.generation === this.#generation) {
        this.#question = frame
        this.#deps.answers.ask(this)
      }
    }
  }

  /**
   * DL13: a client that holds a retired seed is of an epoch that has ended; so is one that holds something of a restored document, but nothing
   * that is known here.
   */
  #judgeStateVector({ open }: Attachment, stateVector: Uint8Array): void {
    try {
      const known = Y.decodeStateVector(stateVector)
      if (known.size > 0) this.#known = known
    } catch {
      this.#verdict = 'denied'
      this.#deps.metrics.refused('malformed')
      this.#deps.cut(CLOSE.policy, 'malformed')
      return
    }
    const { retired, owners, epoch } = open.facts
    const clients = [...this.#known.keys()]
    const isRetired = clients.some((client) => retired.has(client))
    const isOfLostTime = isRestoredEpoch(epoch) && clients.length > 0 && !clients.some((client) => owners.has(client))
    const isDenied = isRetired || isOfLostTime
    this.#verdict = isDenied ? 'denied' : 'accepted'
    if (!isDenied) return
    this.#deps.metrics.refused('epoch-changed')
    this.#deps.socket.send(permissionDeniedBody('epoch-changed'), this.#name)
  }

  #take(attachment: Attachment, frame: SyncFrame): void {
    const { log, metrics, trace, cut, socket } = this.#deps
    const { open, actor, isReadOnly } = attachment
    if (open.isClosed) {
      this.cutOff()
      return
    }
    if (log.isFull) {
      metrics.refused('log-full')
      cut(CLOSE.tryLater, 'edits cannot be saved now')
      return
    }
    // What a client without anything of its own answers; it is nobody's, and no document need be built for it.
    if (isNothing(frame.payload)) {
      this.#acknowledge(attachment, frame)
      return
    }
    const verdict = open.judge(frame.payload, actor)
    if (verdict.outcome === 'refused') {
      metrics.refused(verdict.reason)
      trace.refuse(frame.edit, open.facts.id, verdict.reason)
      // Coming back with the same would change nothing.
      const isFinal = verdict.reason === 'too-large' || verdict.reason === 'text-full'
      cut(isFinal ? CLOSE.tooLarge : CLOSE.policy, verdict.reason)
      return
    }
    // What had to be tried on a copy of the document took time that everybody shares.
    if (verdict.effort) socket.spend(0, verdict.effort * EFFORT_BYTES)
    const isKept = frame.type === SYNC.step2 || frame.isBeforePong
    if (isReadOnly) this.#acknowledgeReader(attachment, frame)
    else if (open.apply(frame.payload, { actor, newClients: verdict.newClients, from: this, isKept })) {
      trace.append(frame.edit, open.facts.id, log.tail(open.facts.id))
      this.#acknowledge(attachment, frame)
    } else {
      metrics.refused('apply-failed')
      cut(CLOSE.policy, 'apply-failed')
      open.distrust()
    }
  }

  /** GT2: one SyncStatus for each frame, in order, when everything up to the document's tail of now is committed. */
  #acknowledge({ open }: Attachment, { generation, at, edit }: SyncFrame): void {
    const { log, metrics, trace, clock, socket, holds } = this.#deps
    const { id } = open.facts
    const send = () => {
      if (generation !== this.#generation) return
      socket.send(SAVED_BODY, this.#name)
      metrics.acknowledged((clock.now() - at) / 1000)
      trace.acknowledge(edit, id, clock.now() - at)
    }
    if (!holds) {
      send()
      return
    }
    socket.countUnacknowledged(1)
    log.when(id, log.tail(id), (outcome) => {
      socket.countUnacknowledged(-1)
      if (outcome !== 'committed') return this.cutOff()
      trace.commit(edit, id, log.seq(id))
      send()
    })
  }

  /** Who may only read is told so for everything that is new, and "saved" for what we have already. */
  #acknowledgeReader(attachment: Attachment, frame: SyncFrame): void {
    if (this.#isKnown(attachment.open.doc, frame.payload)) this.#acknowledge(attachment, frame)
    else if (frame.generation === this.#generation) this.#deps.socket.send(NOT_SAVED_BODY, this.#name)
  }

  /** Whether the document has all of the update; what is quickly seen to be new is not looked for among all that was ever deleted. */
  #isKnown(doc: Y.Doc, update: Uint8Array): boolean {
    for (const [client, end] of Y.parseUpdateMeta(update).to) if (end > Y.getState(doc.store, client)) return false
    const structs = doc.store.clients.values().reduce((sum, { length }) => sum + length, 0)
    this.#deps.socket.spend(0, structs * EFFORT_BYTES)
    return Y.snapshotContainsUpdate(Y.snapshot(doc), update)
  }

  #show({ open }: Attachment, update: Uint8Array): void {
    applyAwareness(open.shell, open.shownBy, update, this)
  }
}
