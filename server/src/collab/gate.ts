/**
 * The gate of one socket. Hocuspocus takes it for the WebSocket; in truth it stands between the two.
 *
 * One rule: nothing of a document's text leaves the server before it is committed, and an acknowledgement means durable. Sync frames
 * and presence never reach Hocuspocus: the gate hands them to their address. Hocuspocus does what it is good at: it lets documents
 * in, loads and unloads them, and tells everybody about presence. SPEC.md has the rules.
 */
import type { Connection, WebSocketLike } from '@hocuspocus/server'
import { CLOSE, DocumentId } from '@skein/protocol'
import { type Decoder, hasContent, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { Address, type AddressDeps, type Attachment } from './address.ts'
import { AnswerLine } from './answer-line.ts'
import type { Doorkeeper } from './authentication.ts'
import { AWARENESS_BYTES_MAX } from './awareness.ts'
import type { Clock } from './clock.ts'
import type { CollabMetrics } from './collab-metrics.ts'
import type { DocumentLog } from './document-log.ts'
import type { EditTrace } from './edit-trace.ts'
import { type NodeLimits, Rate } from './limits.ts'
import type { OpenDocument } from './open-document.ts'
import { PresencePace } from './presence-pace.ts'
import type { CollabSocket } from './socket.ts'
import { WaitingRoom } from './waiting-room.ts'
import {
  AUTH,
  encodeAddress,
  FRAME,
  isPing,
  isPong,
  PING_FRAME,
  permissionDeniedBody,
  readFrame,
  readSyncType,
  SYNC,
} from './wire.ts'

/** Documents of one socket: tabs of one person. */
const ADDRESSES_MAX = 256
/** Two ids and what is between; far more than any of ours has. */
const ADDRESS_LENGTH_MAX = 256
/** An address, a token, and the version of a client. */
const AUTH_BYTES_MAX = 8 * 1024
/** What one socket may send before its documents are there: a long time offline, typed and pasted. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024
/** Tokens and SyncStep1 of one socket: each asks the database, or for a whole document. A page that comes back asks for all it has open. */
const QUESTIONS_RATE = { framesPerSecond: 32, bytesPerSecond: 1024 * 1024, burstSeconds: 20 }
/** Everybody gets every edit: those of a stadium are read in another way. */
const VIEWERS_MAX = 5_000

export interface GateDeps {
  log: DocumentLog
  metrics: CollabMetrics
  trace: EditTrace
  clock: Clock
  holds: boolean
  limits: NodeLimits
  /** Called whenever somebody attaches to a document or leaves it. */
  onPresence(open: OpenDocument): void
}

export class Gate implements WebSocketLike {
  readonly identity: Doorkeeper
  /** What waits of all addresses; whoever knows where the socket comes from says which room it stands in. */
  readonly waiting = new WaitingRoom(WAITING_BYTES_MAX)
  readonly #socket: CollabSocket
  readonly #deps: GateDeps
  readonly #addresses = new Map<string, Address>()
  readonly #addressDeps: AddressDeps
  readonly #questions: Rate
  readonly #paces = new WeakMap<Address, PresencePace>()
  /** The rate of each person who has opened something here; nearly always one. */
  readonly #people = new Map<string, Rate>()
  #forward: (frame: Uint8Array) => void = () => {}
  #onFrame: () => void = () => {}
  #isClosing = false
  #isClientClosing = false
  #hasPonged = false

  constructor(socket: CollabSocket, identity: Doorkeeper, deps: GateDeps) {
    this.identity = identity
    this.#socket = socket
    this.#deps = deps
    const { log, metrics, trace, clock, holds } = deps
    const cut = (code: number, reason: string) => this.close(code, reason)
    this.#questions = new Rate(QUESTIONS_RATE, clock)
    this.#addressDeps = {
      log,
      metrics,
      trace,
      clock,
      socket,
      holds,
      cut,
      waiting: this.waiting,
      answers: new AnswerLine(),
    }
  }

  /** Begins; `forward` is Hocuspocus' ear, `onFrame` its clock of idle clients. GT3: the first frame on a socket is a Ping. */
  start(forward: (frame: Uint8Array) => void, onFrame: () => void): void {
    this.#forward = forward
    this.#onFrame = onFrame
    this.#socket.send(PING_FRAME)
  }

  get readyState(): number {
    return this.#socket.readyState
  }

  /** What is open on this socket. */
  *attachments(): Generator<Attachment> {
    for (const { attachment } of this.#addresses.values()) if (attachment) yield attachment
  }

  close(code: number = CLOSE.goingAway, reason = ''): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#socket.close(code, reason)
  }

  /** The socket is closed: what still waits for a document waits in vain. */
  end(): void {
    this.#isClosing = true
    this.waiting.close()
    for (const userId of this.#people.keys()) this.#deps.limits.leave(userId, this)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** Keeps a quiet connection, and what stands between, from taking each other for dead. */
  keepAlive(quietMs: number): void {
    if (this.#socket.isOpen && this.#deps.clock.now() - this.#socket.sentAt > quietMs) this.#socket.send(PING_FRAME)
  }

  /** What Hocuspocus says. */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.#isClosing || !(data instanceof Uint8Array)) return
    const { address, type, rest } = readFrame(data)
    if (type === FRAME.awareness) this.#socket.sendPresence(data)
    else if (type === FRAME.close) this.#onServerClose()
    else if (type === FRAME.auth) {
      if (readVarUint(rest) === AUTH.permissionDenied) {
        const reason = readVarString(rest)
        this.#deps.metrics.refused(reason)
        this.#addresses.get(address)?.deny()
        // A stock client that is denied does not ask again; one whose socket closes does.
        if (reason === 'unavailable') this.close(CLOSE.tryLater, 'the document cannot be read now')
        if (this.identity.isGuessing) this.close(CLOSE.policy, 'too many tokens')
      }
      this.#socket.send(data)
    }
    // Sync frames are ours alone: one from Hocuspocus would be text that nobody knows to be committed.
  }

  /** What the client says. */
  receive(frame: Uint8Array): void {
    if (this.#isClosing) return
    this.#onFrame()
    this.#socket.spend(1, frame.length)
    for (const rate of this.#people.values()) this.#slowDown(rate, frame, 'person')
    if (frame.length === 1) {
      if (isPong(frame)) this.#hasPonged = true
      else if (isPing(frame)) this.#socket.send(PING_FRAME)
      return
    }
    this.#closeIfItThrows(() => this.#route(frame))
  }

  /** So many bytes have come of a frame that is not whole yet. */
  arrive(bytes: number): void {
    this.waiting.arrive(bytes)
    if (bytes === 0 || !this.waiting.isFull || this.#isClosing) return
    this.#deps.metrics.refused('waiting')
    this.close(CLOSE.tryLater, 'too much is under way')
  }

  #closeIfItThrows(take: () => void): void {
    try {
      take()
    } catch {
      this.#deps.metrics.refused('malformed')
      this.close(CLOSE.policy, 'malformed')
    }
  }

  /** Reads nothing from the socket until the rate has recovered from the frame. */
  #slowDown(rate: Rate, frame: Uint8Array, whose: 'person' | 'document' | 'questions'): void {
    const delayMs = rate.spend(frame.length)
    if (delayMs === 0) return
    this.#deps.metrics.refused(`too-fast-${whose}`)
    this.#socket.pauseFor(delayMs)
  }

  #route(frame: Uint8Array): void {
    const { address: name, type, rest } = readFrame(frame)
    if (name.length > ADDRESS_LENGTH_MAX) throw new RangeError('An address is too long')
    const address = this.#addressOf(name)
    if (!address) this.close(CLOSE.policy, 'too many documents')
    else if (type === FRAME.sync || type === FRAME.syncReply) {
      const sync = readSyncType(rest)
      if (sync === SYNC.step1) this.#slowDown(this.#questions, frame, 'questions')
      const { attachment } = address
      // Nothing is taken from who may only read, so they take nothing of what the document takes either.
      if (attachment && !attachment.isReadOnly) {
        this.#slowDown(this.#deps.limits.rateOf(attachment.open), frame, 'document')
      }
      address.onSync(sync, readVarUint8Array(rest), this.#hasPonged)
    } else if (type === FRAME.awareness) {
      const update = readVarUint8Array(rest)
      if (update.length <= AWARENESS_BYTES_MAX) this.#paceOf(address).take(update)
      else this.#deps.metrics.refused('awareness-too-large')
    } else if (type === FRAME.auth) {
      if (frame.length > AUTH_BYTES_MAX) throw new RangeError('A token is too long')
      this.#slowDown(this.#questions, frame, 'questions')
      this.#onToken(name, address, frame, rest)
    } else if (type === FRAME.close) this.#onClientClose(name, address)
    // Clients ask with it for presence, which they are told anyhow; all else has no meaning here.
    else if (type !== FRAME.queryAwareness) this.#deps.metrics.refused('frame-type')
  }

  /** Hocuspocus gets no token but a whole one for a possible document: it writes every other to the console, and knows no bad names. */
  #onToken(name: string, address: Address, frame: Uint8Array, rest: Decoder): void {
    if (readVarUint(rest) !== AUTH.token) {
      this.#deps.metrics.refused('frame-type')
      return
    }
    readVarString(rest)
    if (hasContent(rest)) readVarString(rest)
    if (!DocumentId.safeParse(name.split('\0', 1)[0]).success) {
      this.#deps.metrics.refused('not-found')
      this.#addresses.delete(name)
      this.#socket.send(permissionDeniedBody('not-found'), encodeAddress(name))
    }
    // A token for a document that is open, or about to be, changes nothing.
    else if (address.beginOpening()) this.#forward(frame)
  }

  #paceOf(address: Address): PresencePace {
    const known = this.#paces.get(address)
    if (known) return known
    const show = (update: Uint8Array) => {
      if (!this.#isClosing) this.#closeIfItThrows(() => address.onAwareness(update))
    }
    const pace = new PresencePace(this.#deps.clock, show)
    this.#paces.set(address, pace)
    return pace
  }

  #addressOf(name: string): Address | null {
    const known = this.#addresses.get(name)
    if (known) return known
    if (this.#addresses.size >= ADDRESSES_MAX) return null
    const address = new Address(name, this.#addressDeps)
    this.#addresses.set(name, address)
    return address
  }

  /** Hocuspocus let the address in, and loaded the document. */
  attach(connection: Connection, attachment: Attachment): void {
    const name = connection.messageAddress
    const address = this.#addresses.get(name)
    if (!address?.isWanted || this.#isClosing) {
      address?.cancelOpening()
      this.#addresses.delete(name)
      this.#drop(connection)
      return
    }
    if (!this.#isWithinLimits(attachment)) return
    connection.onClose(() => {
      if (this.#addresses.get(name) === address) this.#addresses.delete(name)
      address.detach()
      this.#deps.onPresence(attachment.open)
    })
    address.attach(connection, attachment)
    this.#deps.onPresence(attachment.open)
  }

  /** GT14, GT15. */
  #isWithinLimits({ user, open }: Attachment): boolean {
    const { limits, metrics } = this.#deps
    const person = limits.enter(user.id, this)
    if (person && this.#people.size === 0) this.waiting.moveInto(person.waiting)
    if (person) this.#people.set(user.id, person.rate)
    const isFull = open.viewers.size >= VIEWERS_MAX
    if (person && !isFull) return true
    metrics.refused(person ? 'viewers' : 'sockets-of-person')
    this.close(CLOSE.tryLater, person ? 'too many look at this document' : 'too many connections of one person')
    return false
  }

  #onClientClose(name: string, address: Address): void {
    this.#addresses.delete(name)
    if (address.connection) this.#drop(address.connection)
    else if (address.cancelOpening()) this.#addresses.set(name, address)
  }

  /**
   * Closes a document for its client: at once and not through Hocuspocus' queue, or a document that is opened again in the same moment
   * would be closed too; and without an answer, which the client would take for the end of what it has just opened.
   */
  #drop(connection: Connection): void {
    this.#isClientClosing = true
    connection.close({ code: 1000, reason: 'closed by the client' })
    this.#isClientClosing = false
  }

  /** A stock client whose document alone is closed never comes back to it; one whose socket closes does. */
  #onServerClose(): void {
    if (!this.#isClientClosing) this.close(CLOSE.goingAway, 'the document was closed')
  }
}
