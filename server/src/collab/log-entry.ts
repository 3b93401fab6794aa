/**
 * One document's part of the log: what waits for its commit, who waits for it, and which rows are in memory.
 *
 * Rows come from two sides: own commits, and those of other nodes. `applied` is the highest row below which memory lacks nothing. An own commit
 * may land beyond it; until the rows between are here too, memory is no row of the log, and nobody may look at it as one.
 */
import type { UpdateFrame } from '@skein/document'
import type { DocumentId } from '@skein/protocol'

export interface PendingUpdate {
  frame: UpdateFrame
  /** Client ids that write for the first time; bound to the actor of the frame in the same commit. */
  newClients: readonly number[]
  /** Whoever sent it, to whom it is not echoed; null for edits by the server. */
  from: object | null
  /** Yjs has parked it: it is kept, but nobody gets it before it is integrated. */
  isParked?: boolean
  /** When it came, in the time of the clock; set by the log. */
  at?: number
}

/** `gone`: the document was deleted; `lost`: the row can never be written. Nothing after either is kept. */
export type Outcome = 'committed' | 'gone' | 'lost'

/** What is in memory is not what the rows hold. */
export class DocumentAstray extends Error {
  readonly isGone: boolean

  constructor(document: DocumentId, isGone: boolean) {
    super(`Document ${document} ${isGone ? 'does not exist any more' : 'is not in memory what its rows hold'}`)
    this.isGone = isGone
  }
}

/** Somebody who wants to see the document exactly at one of its rows. */
interface Look {
  /** False: it threw, and is over. */
  take(): boolean
  resolve(seq: number): void
  reject(error: unknown): void
  tries: number
}

interface Flight {
  updates: readonly PendingUpdate[]
  /** Looks at memory with these updates, and the row that was below them then. */
  looks: { look: Look; after: number }[]
}

/** Of one look, each spoilt by a row of another node between what was seen and its commit; nobody types that much for so long. */
const LOOK_TRIES_MAX = 100

export class LogEntry {
  readonly document: DocumentId
  readonly epoch: number
  /** Of the store, in which the rows have their numbers. */
  readonly timeline: number
  isReleased = false
  #queue: PendingUpdate[] = []
  #flight: Flight | null = null
  #looks: Look[] = []
  #waits: { position: number; then(outcome: Outcome): void }[] = []
  #tail = 0
  #done = 0
  #applied: number
  /** Own rows beyond a gap; null: none, as nearly always. */
  #ahead: Set<number> | null = null
  #end: Exclude<Outcome, 'committed'> | null = null

  constructor(document: DocumentId, at: { epoch: number; timeline: number; head: number }) {
    this.document = document
    this.epoch = at.epoch
    this.timeline = at.timeline
    this.#applied = at.head
  }

  /** How many updates were appended since it was loaded. */
  get tail(): number {
    return this.#tail
  }

  /** The highest row of which, and of all before, nothing is missing in memory. */
  get applied(): number {
    return this.#applied
  }

  /** The highest row that is in memory, whether or not something is missing below it. */
  get highest(): number {
    return Math.max(this.#applied, ...(this.#ahead ?? []))
  }

  /** Whether rows of others are missing below an own one. */
  get hasGap(): boolean {
    return this.#ahead !== null
  }

  get isFlying(): boolean {
    return this.#flight !== null
  }

  /** Whether nothing of it can become durable any more. */
  get hasEnded(): boolean {
    return this.#end !== null
  }

  /** Whether everything that was appended is committed, or never will be. */
  get isDone(): boolean {
    return this.#end !== null || this.#done === this.#tail
  }

  append(update: PendingUpdate): void {
    this.#queue.push(update)
    this.#tail++
  }

  when(position: number, then: (outcome: Outcome) => void): void {
    if (this.#end) then(this.#end)
    else if (this.#done >= position) then('committed')
    else this.#waits.push({ position, then })
  }

  /** Calls `take` when memory is one row of the log, or will be once what is in the queue is committed; resolves with that row. */
  look<T>(take: () => T): Promise<{ seq: number; taken: T }> {
    return new Promise((resolve, reject) => {
      if (this.#end) {
        reject(new DocumentAstray(this.document, this.#end === 'gone'))
        return
      }
      let taken: T
      this.#looks.push({
        take: () => {
          try {
            taken = take()
            return true
          } catch (error) {
            reject(error)
            return false
          }
        },
        resolve: (seq) => resolve({ seq, taken }),
        reject,
        tries: 0,
      })
      this.lookNow()
    })
  }

  /** Hands out the queue for a commit. */
  takeOff(): readonly PendingUpdate[] {
    const updates = this.#queue
    this.#queue = []
    this.#flight = { updates, looks: [] }
    this.lookNow()
    return updates
  }

  /** The commit in flight is row `seq`. Returns the position of its first update, and whom it is to be told to. */
  land(seq: number): { first: number; told: ((outcome: Outcome) => void)[] } {
    const { updates, looks } = this.#takeFlight()
    const first = this.#done + 1
    this.#done += updates.length
    if (seq > this.#applied) {
      this.#ahead ??= new Set()
      this.#ahead.add(seq)
      this.#closeGap()
    }
    for (const { look, after } of looks) {
      if (seq === after + 1) look.resolve(seq)
      else this.#lookAgain(look)
    }
    const told = this.#waits.filter(({ position }) => position <= this.#done).map(({ then }) => then)
    this.#waits = this.#waits.filter(({ position }) => position > this.#done)
    return { first, told }
  }

  /** A row of another node is in memory, as all before it are. */
  hear(seq: number): void {
    if (seq > this.#applied) this.#applied = seq
    this.#closeGap()
    this.lookNow()
  }

  /** Nothing more will become durable. Returns whom it is to be told to, and the updates that are dropped. */
  lose(end: Exclude<Outcome, 'committed'>): {
    told: ((outcome: Outcome) => void)[]
    dropped: readonly PendingUpdate[]
  } {
    this.#end = end
    const looks = [...(this.#flight?.looks ?? []).map(({ look }) => look), ...this.#looks]
    const dropped = this.#queue
    const told = this.#waits.map(({ then }) => then)
    this.#flight = null
    this.#looks = []
    this.#queue = []
    this.#waits = []
    for (const look of looks) look.reject(new DocumentAstray(this.document, end === 'gone'))
    return { told, dropped }
  }

  /** Lets those look who wait for it, if memory is a row of the log now, or is to be one with the commit in flight. */
  lookNow(): void {
    if (this.#queue.length > 0 || this.#ahead || this.#end) return
    for (const look of this.#looks.splice(0)) {
      if (!look.take()) continue
      if (this.#flight) this.#flight.looks.push({ look, after: this.#applied })
      else look.resolve(this.#applied)
    }
  }

  #takeFlight(): Flight {
    const flight = this.#flight
    if (!flight) throw new Error(`Nothing of document ${this.document} is being committed`)
    this.#flight = null
    return flight
  }

  #closeGap(): void {
    if (!this.#ahead) return
    for (const seq of this.#ahead) if (seq <= this.#applied) this.#ahead.delete(seq)
    while (this.#ahead.delete(this.#applied + 1)) this.#applied++
    if (this.#ahead.size === 0) this.#ahead = null
  }

  #lookAgain(look: Look): void {
    look.tries++
    if (look.tries < LOOK_TRIES_MAX) this.#looks.push(look)
    else look.reject(new DocumentAstray(this.document, false))
  }
}
