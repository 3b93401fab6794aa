/**
 * Rows of other nodes: what they commit comes in through the relay, what this node commits goes out, and what was missed is read from the
 * store. The relay makes it fast, the store makes it right: whatever is lost on the way, memory comes to hold every row, in order (MN1–MN5).
 * When the store turns out to have lost rows that memory holds, memory brings them back before anybody reads the document anew (DL16).
 */
import type { DocumentId } from '@skein/protocol'
import type { Log } from '../observability/log.ts'
import { bringBack } from './bring-back.ts'
import type { Clock } from './clock.ts'
import type { CollabMetrics } from './collab-metrics.ts'
import type { CollabTimes } from './collab-times.ts'
import type { CommittedRow, DocumentLog } from './document-log.ts'
import type { DocumentHead, DocumentStore, MissedRows } from './document-store.ts'
import type { OpenDocument } from './open-document.ts'
import { NO_RELAY, type Relay, type RelayedRow } from './relay.ts'

export interface RowExchangeDeps {
  relay: Relay
  store: Pick<DocumentStore, 'heads' | 'loadMissed' | 'load' | 'commit'>
  documentLog: DocumentLog
  open: ReadonlyMap<DocumentId, OpenDocument>
  times: Pick<CollabTimes, 'gapMs' | 'headsMs'>
  clock: Clock
  metrics: Pick<CollabMetrics, 'relayed' | 'gapRepaired'>
  log: Log
}

/** Rows that came before their turn, of one document; what comes beyond it is read from the store instead. */
const HELD_BYTES_MAX = 4 * 1024 * 1024
const HELD_ROWS_MAX = 1_000
/** Documents that are read at the same time; commits have connections left. */
const READS_MAX = 2

/**
 * Looks at the heads within which the other nodes have brought back their part too, also if one look fails. Whoever came with it before that
 * would be taken for its author: who wrote under which client id may be lost as well.
 */
const OTHERS_NOTICE_ROUNDS = 2

/** A document whose rows are listened to. */
interface Room {
  /** Rows whose turn has not come, or that came while the document was being loaded; null: none. */
  held: Map<number, RelayedRow> | null
  heldBytes: number
  /** The highest row that is known to exist. */
  wanted: number
  reading: Promise<void> | null
  isDue: boolean
}

export class RowExchange {
  readonly #deps: RowExchangeDeps
  readonly #rooms = new Map<DocumentId, Room>()
  /** Those who wait for the next question about heads. */
  #asked: { documents: Set<DocumentId>; heads: Promise<ReadonlyMap<DocumentId, DocumentHead>> } | null = null
  /** Documents of which memory brings back what the store has lost. */
  readonly #bringing = new Map<DocumentId, Promise<void>>()
  #reads = 0
  readonly #waitingReads: (() => void)[] = []
  #isStopped = false
  #cancelRound = () => {}

  constructor(deps: RowExchangeDeps) {
    this.#deps = deps
  }

  /** Whether no other node is to be reckoned with. */
  get isAlone(): boolean {
    return this.#deps.relay === NO_RELAY
  }

  start(): void {
    this.#cancelRound = this.#deps.clock.after(this.#deps.times.headsMs, () => {
      void this.compareHeads().finally(() => {
        if (!this.#isStopped) this.start()
      })
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelRound()
  }

  /** DL16: the store has lost rows of the document, so perhaps of others too. */
  onRowsLost(document: DocumentId): void {
    const open = this.#deps.open.get(document)
    if (!open || open.isSuspect) return
    this.#loseRows(open)
    void this.compareHeads()
  }

  /** MN3: call it before the document is loaded, so that no row falls between what is read and what is heard. */
  async join(document: DocumentId): Promise<void> {
    this.#rooms.set(document, { held: null, heldBytes: 0, wanted: 0, reading: null, isDue: false })
    await this.#bringing.get(document)
    await this.#deps.relay.join(document)
  }

  /** It is loaded, and its log is open: what came meanwhile is taken over. */
  opened(document: DocumentId): void {
    const room = this.#rooms.get(document)
    const open = this.#findOpen(document)
    if (!room || !open) return
    this.#takeHeld(open, room)
    this.#expect(open, room, room.wanted)
  }

  leave(document: DocumentId): void {
    if (this.#rooms.delete(document)) this.#deps.relay.leave(document)
  }

  /** DL5: a row of this node, after its commit. */
  publish({ document, epoch, timeline, seq, payload }: Omit<CommittedRow, 'updates'>): void {
    if (this.isAlone) return
    this.#deps.relay.publish({ document, epoch, timeline, seq, payload })
    this.#deps.metrics.relayed('published')
  }

  /** A row of another node. */
  onRow(row: RelayedRow): void {
    const room = this.#rooms.get(row.document)
    if (!room) return
    this.#deps.metrics.relayed('received')
    const open = this.#findOpen(row.document)
    if (!open) this.#hold(room, row)
    else if (row.epoch !== open.facts.epoch) {
      // One of an older epoch was long on its way; one of a newer epoch means that ours has ended.
      if (row.epoch > open.facts.epoch) this.#abandon(open, 'lost')
    } else if (row.timeline !== open.facts.timeline) {
      // One of an older timeline may be lost; one of a newer one means that rows of ours may be.
      if (row.timeline > open.facts.timeline) void this.compareHeads()
    } else {
      if (row.seq > this.#deps.documentLog.seq(row.document)) this.#hold(room, row)
      this.#takeHeld(open, room)
      this.#expect(open, room, row.seq)
    }
  }

  /** MN2: row `seq` exists, and memory may lack rows below it: they are read, if they do not come in a moment by themselves. */
  onGap(document: DocumentId, seq: number): void {
    const room = this.#rooms.get(document)
    const open = this.#findOpen(document)
    if (room && open) this.#expect(open, room, seq)
  }

  /** MN4: resolves when memory holds every row that was committed before the call. Rejects when the store cannot be read. */
  async catchUp(document: DocumentId): Promise<void> {
    const asked = this.#findOpen(document)
    const highest = asked ? this.#deps.documentLog.highest(document) : 0
    const heads = await this.#askHeads(document)
    const open = this.#findOpen(document)
    const room = this.#rooms.get(document)
    if (!open || open !== asked || !room || !this.#compare(open, highest, heads.get(document))) return
    await this.#read(open, room)
  }

  /** MN4: one question about all open documents; those that are behind are read. */
  async compareHeads(): Promise<void> {
    const { documentLog, store } = this.#deps
    // What lands while the question is under way need not be in the answer.
    const asked = [...this.#deps.open.values()]
      .filter((open) => !open.isClosed)
      .map((open) => ({ open, document: open.facts.id, highest: documentLog.highest(open.facts.id) }))
    if (asked.length === 0) return
    try {
      const heads = await store.heads(asked.map(({ document }) => document))
      for (const { open, document, highest } of asked) {
        const room = this.#rooms.get(document)
        if (this.#findOpen(document) !== open || !room) continue
        // A row of our own that is on its way back looks like one that is missing.
        if (!this.#compare(open, highest, heads.get(document)) || documentLog.isFlying(document)) continue
        this.#expect(open, room, heads.get(document)?.head ?? 0)
      }
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'documents were not compared with their logs; tried again')
    }
  }

  #findOpen(document: DocumentId): OpenDocument | null {
    const open = this.#deps.open.get(document)
    return open && !open.isClosed ? open : null
  }

  /** Questions of one turn of the loop are asked as one. */
  #askHeads(document: DocumentId): Promise<ReadonlyMap<DocumentId, DocumentHead>> {
    if (this.#asked) {
      this.#asked.documents.add(document)
      return this.#asked.heads
    }
    const documents = new Set([document])
    const turn = new Promise<void>((resolve) => this.#deps.clock.soon(resolve))
    const heads = turn.then(() => {
      this.#asked = null
      return this.#deps.store.heads([...documents])
    })
    this.#asked = { documents, heads }
    return heads
  }

  /** Whether memory is behind the store; `highest`: the highest row that it held when the store was asked. */
  #compare(open: OpenDocument, highest: number, head: DocumentHead | undefined): boolean {
    const { id, epoch, timeline } = open.facts
    if (head?.epoch !== epoch) this.#abandon(open, head ? 'lost' : 'gone')
    else if (head.timeline !== timeline || head.head < highest) this.#loseRows(open)
    else return head.head > this.#deps.documentLog.seq(id)
    return false
  }

  /** DL16: nothing may build on what the store does not hold; whoever reads the document anew waits until it was brought back. */
  #loseRows(open: OpenDocument): void {
    const { id } = open.facts
    const publish = (row: Omit<CommittedRow, 'updates'>) => this.publish(row)
    const { store, clock, times, log } = this.#deps
    const before = this.#bringing.get(id) ?? Promise.resolve()
    const bringing = before
      .then(() => this.#inTurn(() => bringBack({ store, clock, log, publish, isStopped: () => this.#isStopped }, open)))
      .then(() => (this.isAlone ? undefined : clock.sleep(OTHERS_NOTICE_ROUNDS * times.headsMs)))
      .finally(() => {
        if (this.#bringing.get(id) === bringing) this.#bringing.delete(id)
      })
    this.#bringing.set(id, bringing)
    this.#abandon(open, 'lost')
  }

  /** MN5: its history has ended; the next who opens it gets the new one. */
  #abandon(open: OpenDocument, end: 'gone' | 'lost'): void {
    this.#deps.documentLog.abandon(open.facts.id, end)
    open.distrust()
  }

  #hold(room: Room, row: RelayedRow): void {
    room.wanted = Math.max(room.wanted, row.seq)
    room.held ??= new Map()
    if (room.held.has(row.seq)) return
    if (room.held.size >= HELD_ROWS_MAX || room.heldBytes + row.payload.length > HELD_BYTES_MAX) return
    room.held.set(row.seq, row)
    room.heldBytes += row.payload.length
  }

  #takeHeld(open: OpenDocument, room: Room): void {
    const { documentLog } = this.#deps
    const { id, epoch, timeline } = open.facts
    for (;;) {
      for (const [seq, row] of room.held ?? []) if (seq <= documentLog.seq(id)) this.#drop(room, row)
      const next = room.held?.get(documentLog.seq(id) + 1)
      if (!next) return
      this.#drop(room, next)
      if (next.epoch !== epoch || next.timeline !== timeline || !this.#take(open, next.seq, next.payload)) return
    }
  }

  #drop(room: Room, row: RelayedRow): void {
    if (!room.held?.delete(row.seq)) return
    room.heldBytes -= row.payload.length
    if (room.held.size === 0) room.held = null
  }

  /** MN1: the next row. False: Yjs failed on it, and the document is read anew. */
  #take(open: OpenDocument, seq: number, payload: Uint8Array): boolean {
    if (!open.takeOver(payload)) {
      this.#deps.log.error({ document: open.facts.id, seq }, 'a row of another node could not be applied')
      open.distrust()
      return false
    }
    this.#deps.documentLog.hear(open.facts.id, seq)
    return true
  }

  #expect(open: OpenDocument, room: Room, seq: number): void {
    room.wanted = Math.max(room.wanted, seq)
    const { clock, times, documentLog, log } = this.#deps
    const { id } = open.facts
    if (room.isDue || room.wanted <= documentLog.seq(id)) return
    room.isDue = true
    const look = () => {
      room.isDue = false
      if (open.isClosed || this.#rooms.get(id) !== room || room.wanted <= documentLog.seq(id)) return
      this.#read(open, room).catch((error: unknown) => {
        log.warn({ err: error, document: id }, 'rows of other nodes could not be read; tried again')
      })
    }
    // Nobody but the store has what is missing when there is no other node.
    if (this.isAlone) look()
    else clock.after(times.gapMs, look)
  }

  /** Reads what memory lacks; one read of a document at a time. */
  async #read(open: OpenDocument, room: Room): Promise<void> {
    // One that began before the call may have seen too little.
    while (room.reading) await room.reading.catch(() => {})
    if (open.isClosed) return
    room.reading = this.#readNow(open, room).finally(() => {
      room.reading = null
    })
    await room.reading
  }

  async #readNow(open: OpenDocument, room: Room): Promise<void> {
    const { store, documentLog, metrics } = this.#deps
    const { id } = open.facts
    const { highest, missed } = await this.#inTurn(async () => {
      const highest = documentLog.highest(id)
      return { highest, missed: await store.loadMissed(id, documentLog.seq(id)) }
    })
    if (open.isClosed || this.#rooms.get(id) !== room) return
    if (missed?.epoch !== open.facts.epoch) {
      this.#abandon(open, missed ? 'lost' : 'gone')
      return
    }
    if (missed.timeline !== open.facts.timeline || missed.head < highest) {
      this.#loseRows(open)
      return
    }
    metrics.gapRepaired()
    if (this.#takeMissed(open, missed)) this.#takeHeld(open, room)
  }

  async #inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reads >= READS_MAX) await new Promise<void>((resolve) => this.#waitingReads.push(resolve))
    this.#reads++
    try {
      return await read()
    } finally {
      this.#reads--
      this.#waitingReads.shift()?.()
    }
  }

  #takeMissed(open: OpenDocument, { state, uptoSeq, rows, clients }: MissedRows): boolean {
    const { documentLog } = this.#deps
    const { id } = open.facts
    open.learnOwners(clients)
    if (state && uptoSeq > documentLog.seq(id)) {
      if (!open.takeOverState(state)) {
        open.distrust()
        return false
      }
      documentLog.hear(id, uptoSeq)
    }
    for (const { seq, payload } of rows) {
      if (seq === documentLog.seq(id) + 1 && !this.#take(open, seq, payload)) return false
    }
    return true
  }
}
