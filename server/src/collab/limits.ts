/**
 * Limits beyond one socket (GT14, GT15): what one person may do over all their sockets, and what one document takes from all who write in
 * it. A sender over such a limit is not read for a while, which costs them nothing but time; no limit counts edits by network address, so
 * an office behind one is never shut out.
 */
import type { Clock } from './clock.ts'
import { SOURCE_BYTES_MAX, WaitingRoom } from './waiting-room.ts'

/** Sockets of one person on one node: tabs, devices and programs. */
const PERSON_SOCKETS_MAX = 100
/** What one person sends over all sockets: four times what one socket may. */
const PERSON_RATE: RateTerms = { framesPerSecond: 8_000, bytesPerSecond: 32 * 1024 * 1024 }
/** What one document takes from all writers: far above a lecture hall that types at once, whose every letter goes to everybody. */
const DOCUMENT_RATE: RateTerms = { framesPerSecond: 20_000, bytesPerSecond: 32 * 1024 * 1024 }

export interface RateTerms {
  framesPerSecond: number
  bytesPerSecond: number
  /** For how many seconds of it may come at once after a pause; default 2. */
  burstSeconds?: number
}

/** Two token buckets, of frames and of bytes; may go into debt by one frame of any size. */
export class Rate {
  readonly #terms: RateTerms
  readonly #clock: Clock
  readonly #framesMax: number
  readonly #bytesMax: number
  #frames: number
  #bytes: number
  #filledAt: number

  constructor(terms: RateTerms, clock: Clock) {
    this.#terms = terms
    this.#clock = clock
    const { framesPerSecond, bytesPerSecond, burstSeconds = 2 } = terms
    this.#framesMax = framesPerSecond * burstSeconds
    this.#bytesMax = bytesPerSecond * burstSeconds
    this.#frames = this.#framesMax
    this.#bytes = this.#bytesMax
    this.#filledAt = clock.now()
  }

  /** Counts a frame; returns how many milliseconds its sender should not be read, 0 for none. */
  spend(bytes: number): number {
    const { framesPerSecond, bytesPerSecond } = this.#terms
    const now = this.#clock.now()
    const seconds = (now - this.#filledAt) / 1000
    this.#filledAt = now
    this.#frames = Math.min(this.#frames + seconds * framesPerSecond, this.#framesMax) - 1
    this.#bytes = Math.min(this.#bytes + seconds * bytesPerSecond, this.#bytesMax) - bytes
    return Math.max(0, -this.#frames / framesPerSecond, -this.#bytes / bytesPerSecond) * 1000
  }
}

/** One person on this node, over all their sockets. */
interface Person {
  readonly rate: Rate
  /** What they have sent that nobody could look at yet. */
  readonly waiting: WaitingRoom
  readonly sockets: Set<object>
}

export class NodeLimits {
  readonly #clock: Clock
  readonly #room: WaitingRoom
  readonly #people = new Map<string, Person>()
  readonly #documents = new WeakMap<object, Rate>()

  /** `room`: that of the node. */
  constructor(clock: Clock, room: WaitingRoom) {
    this.#clock = clock
    this.#room = room
  }

  /** GT14: counts a socket to a person; calling it again changes nothing. Null: they have too many. */
  enter(userId: string, socket: object): Pick<Person, 'rate' | 'waiting'> | null {
    const person = this.#people.get(userId) ?? this.#newPerson()
    if (!person.sockets.has(socket) && person.sockets.size >= PERSON_SOCKETS_MAX) return null
    person.sockets.add(socket)
    this.#people.set(userId, person)
    return person
  }

  leave(userId: string, socket: object): void {
    const person = this.#people.get(userId)
    person?.sockets.delete(socket)
    if (person?.sockets.size === 0) this.#people.delete(userId)
  }

  /** GT15: what the document still takes. */
  rateOf(document: object): Rate {
    const known = this.#documents.get(document)
    if (known) return known
    const rate = new Rate(DOCUMENT_RATE, this.#clock)
    this.#documents.set(document, rate)
    return rate
  }

  #newPerson(): Person {
    const waiting = new WaitingRoom(SOURCE_BYTES_MAX, this.#room)
    return { rate: new Rate(PERSON_RATE, this.#clock), waiting, sockets: new Set() }
  }
}
