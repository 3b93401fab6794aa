/**
 * The log of live documents in this process: a queue for each document, and one commit at a time for all of them.
 *
 * There is no timer between an edit and its commit. While one commit is in flight everything queues, and the next one takes all of it
 * (DL2), so that a busy server batches by itself and an idle one commits at once. What happens to a document is told by its position:
 * the number of updates that were appended to it since it was loaded. Two commits at a time, of different documents, brought
 * nothing when it was measured: the disk takes one flush after the other, and each then took twice as long.
 */
import { encodeUpdateFrames } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import type { Log } from '../observability/log.ts'
import type { Clock } from './clock.ts'
import type { CommitItem, DocumentStore, Landing } from './document-store.ts'
import { LogEntry, type Outcome, type PendingUpdate } from './log-entry.ts'

/** One row of the log, just committed by this node. */
export interface CommittedRow {
  document: DocumentId
  epoch: number
  timeline: number
  seq: number
  payload: Uint8Array
  /** Those to be given to viewers, in order; `position` is the tail of the document after the update, `at` when it came, if it came here. */
  updates: readonly { update: Uint8Array; from: object | null; position: number; at?: number | undefined }[]
}

export interface DocumentLogOptions {
  commit: DocumentStore['commit']
  /** Called in commit order, after the waiting acknowledgements: the place for what has to learn of every commit. */
  onCommit(row: CommittedRow): void
  /** DL14: what is in memory of the document is not what its rows hold, and must not be shown or kept any more. */
  onAstray(document: DocumentId): void
  /** DL16: the store does not hold the rows that memory holds; called before the document goes astray. */
  onRowsLost(document: DocumentId): void
  /** Rows of other nodes are missing below an own one. */
  onGap(document: DocumentId, seq: number): void
  onBatch(documents: number, updates: number, seconds: number): void
  /** It is tried again. */
  onFailure(): void
  clock: Clock
  log: Log
}

/** Bytes of updates that are not committed yet, of all documents; beyond it nobody may send more. */
const QUEUE_BYTES_MAX = 64 * 1024 * 1024
/** Bytes of one commit; the rest goes with the next one. */
const BATCH_BYTES_MAX = 16 * 1024 * 1024
/**
 * Under load, which is when the last commit held several updates, the next one may wait that long after it, unless so many updates wait: fewer,
 * larger commits. Somebody alone who waits for each acknowledgement is not kept waiting for others who do not come.
 */
const FLUSH_GAP_MS = 4
const FLUSH_UPDATES_MIN = 16
const BUSY_UPDATES_MIN = 4
const RETRY_DELAY_MS_MAX = 2_000

export class DocumentLog {
  readonly #options: DocumentLogOptions
  readonly #entries = new Map<DocumentId, LogEntry>()
  readonly #dirty = new Set<LogEntry>()
  #queuedBytes = 0
  #queuedUpdates = 0
  /** Of the last commit. */
  #lastUpdates = 0
  #isFlying = false
  #cancelTimer: (() => void) | null = null
  #flushedAt = Number.NEGATIVE_INFINITY

  constructor(options: DocumentLogOptions) {
    this.#options = options
  }

  /** Begins to keep a document that was loaded up to row `head`. */
  open(document: DocumentId, at: { epoch: number; timeline: number; head: number }): void {
    if (this.#entries.has(document)) throw new Error(`The log of document ${document} is open already`)
    this.#entries.set(document, new LogEntry(document, at))
  }

  /** Forgets the document as soon as everything of it is committed. */
  release(document: DocumentId): void {
    const entry = this.#entries.get(document)
    if (!entry) return
    entry.isReleased = true
    this.#forgetReleased(entry)
  }

  append(document: DocumentId, update: PendingUpdate): void {
    const entry = this.#entryOf(document)
    if (entry.hasEnded) return
    update.at = this.#options.clock.now()
    entry.append(update)
    this.#queuedBytes += update.frame.update.length
    this.#queuedUpdates++
    this.#dirty.add(entry)
    this.#kick()
  }

  tail(document: DocumentId): number {
    return this.#entryOf(document).tail
  }

  /** The highest row up to which memory lacks nothing; what memory holds when the document is settled. */
  seq(document: DocumentId): number {
    return this.#entryOf(document).applied
  }

  /** The highest row that memory holds, whether or not something is missing below it. */
  highest(document: DocumentId): number {
    return this.#entryOf(document).highest
  }

  /** Whether everything that was appended is committed, or never will be. */
  isDone(document: DocumentId): boolean {
    return this.#entries.get(document)?.isDone ?? true
  }

  /** Whether memory is exactly row `seq` of the document: nothing waits for a commit, and nothing of others is missing below an own row. */
  isSettled(document: DocumentId): boolean {
    const entry = this.#entries.get(document)
    return !entry || entry.hasEnded || (entry.isDone && !entry.hasGap)
  }

  /** Whether a commit of the document is under way: its row may stand in the database already. */
  isFlying(document: DocumentId): boolean {
    return this.#entries.get(document)?.isFlying === true
  }

  /** MN1: a row of another node is in memory, as all before it are. */
  hear(document: DocumentId, seq: number): void {
    this.#tell(() => this.#entryOf(document).hear(seq))
  }

  /** The document does not exist any more, or its history has ended: nothing of it becomes durable from now on. */
  abandon(document: DocumentId, end: 'gone' | 'lost'): void {
    const entry = this.#entries.get(document)
    // What is in flight finds out by itself.
    if (entry && !entry.hasEnded && !entry.isFlying) this.#lose(entry, end)
  }

  /** Calls `then` when the updates up to `position` are committed; at once when they are. Calls come in order of position. */
  when(document: DocumentId, position: number, then: (outcome: Outcome) => void): void {
    this.#entryOf(document).when(position, then)
  }

  /** Resolves when everything that was appended until now is committed; also for documents that are not open. */
  settle(document: DocumentId): Promise<void> {
    const entry = this.#entries.get(document)
    if (!entry || entry.isDone) return Promise.resolve()
    return new Promise((resolve) => entry.when(entry.tail, () => resolve()))
  }

  /**
   * Looks at a document exactly at one of its rows: `take` is called when memory holds that row, all before it, and nothing else; it is called
   * again when another node has got in between. The promise resolves once the row is committed. Rejects with DocumentAstray.
   */
  cut<T>(document: DocumentId, take: () => T): Promise<{ seq: number; taken: T }> {
    return this.#entryOf(document).look(take)
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get queuedUpdates(): number {
    return this.#queuedUpdates
  }

  /** Whether so much waits for the database that nothing more may come. */
  get isFull(): boolean {
    return this.#queuedBytes > QUEUE_BYTES_MAX
  }

  /** Resolves when everything appended until now is committed. */
  async settleAll(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((document) => this.settle(document)))
  }

  #entryOf(document: DocumentId): LogEntry {
    const entry = this.#entries.get(document)
    if (!entry) throw new Error(`The log of document ${document} is not open`)
    return entry
  }

  #forgetReleased(entry: LogEntry): void {
    if (entry.isReleased && entry.isDone) this.#entries.delete(entry.document)
  }

  #kick(): void {
    if (this.#isFlying || this.#dirty.size === 0) return
    const { clock } = this.#options
    const isAtOnce = this.#queuedUpdates >= FLUSH_UPDATES_MIN || this.#lastUpdates < BUSY_UPDATES_MIN
    const waitMs = isAtOnce ? 0 : this.#flushedAt + FLUSH_GAP_MS - clock.now()
    if (waitMs > 0) {
      this.#cancelTimer ??= clock.after(waitMs, () => {
        this.#cancelTimer = null
        this.#start()
      })
      return
    }
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#start()
  }

  #start(): void {
    if (this.#isFlying) return
    this.#isFlying = true
    // What else this turn of the loop reads from the sockets goes with the same commit.
    this.#options.clock.soon(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    const { clock, onBatch } = this.#options
    const batch = this.#takeBatch()
    const startedAt = clock.now()
    const landings = await this.#commitDurably(batch.map(({ item }) => item))
    const seconds = (clock.now() - startedAt) / 1000
    const updates = batch.reduce((sum, part) => sum + part.updates.length, 0)
    this.#lastUpdates = updates
    this.#tell(() => onBatch(batch.length, updates, seconds))
    for (const part of batch) this.#land(part, landings.get(part.item.document) ?? { outcome: 'gone' })
    this.#isFlying = false
    this.#flushedAt = clock.now()
    this.#kick()
  }

  #takeBatch(): Batch {
    const batch: Batch = []
    let bytes = 0
    for (const entry of this.#dirty) {
      if (bytes > BATCH_BYTES_MAX) break
      this.#dirty.delete(entry)
      const updates = entry.takeOff()
      const payload = encodeUpdateFrames(updates.map(({ frame }) => frame))
      const clients = updates.flatMap(({ frame, newClients }) =>
        newClients.map((clientId) => ({ clientId, actor: frame.actor })),
      )
      const { document, epoch, timeline, highest } = entry
      const item = { document, epoch, payload, onto: { timeline, seq: highest }, clients }
      batch.push({ entry, updates, item })
      this.#queuedUpdates -= updates.length
      bytes += payload.length
    }
    return batch
  }

  /** DL6, DL12: tries until the database says what became of it. A row that it refuses for good takes no other with it. */
  async #commitDurably(items: readonly CommitItem[]): Promise<Landings> {
    const { commit, clock, log, onFailure } = this.#options
    for (let attempt = 0; ; attempt++) {
      try {
        return await commit(items)
      } catch (error) {
        const documents = items.length
        log.error({ err: error, documents, attempt }, 'edits could not be committed; they are kept and tried again')
        this.#tell(onFailure)
        if (isLasting(error)) {
          if (items.length === 1) return new Map(items.map(({ document }) => [document, NEVER]))
          const parts: [DocumentId, Landing | typeof NEVER][] = []
          for (const item of items) parts.push(...(await this.#commitDurably([item])))
          return new Map(parts)
        }
        await clock.sleep(Math.min(50 * 2 ** attempt, RETRY_DELAY_MS_MAX) * (0.5 + clock.random() / 2))
      }
    }
  }

  #land({ entry, updates, item }: Batch[number], landing: Landing | typeof NEVER): void {
    const { document, epoch, timeline } = entry
    this.#queuedBytes -= updates.reduce((sum, { frame }) => sum + frame.update.length, 0)
    if (landing.outcome !== 'committed') {
      if (landing.outcome === 'refused')
        this.#options.log.warn({ document, reason: landing.reason }, 'edits have no place')
      if (landing.outcome === 'refused' && landing.reason === 'rows-lost')
        this.#tell(() => this.#options.onRowsLost(document))
      this.#lose(entry, landing.outcome === 'gone' ? 'gone' : 'lost')
      return
    }
    const { seq } = landing
    const { first, told } = entry.land(seq)
    for (const then of told) this.#tell(() => then('committed'))
    const visible = updates.flatMap(({ frame, from, isParked, at }, i) =>
      isParked ? [] : [{ update: frame.update, from, position: first + i, at }],
    )
    this.#tell(() =>
      this.#options.onCommit({ document, epoch, timeline, seq, payload: item.payload, updates: visible }),
    )
    this.#tell(() => entry.lookNow())
    if (entry.hasGap) this.#tell(() => this.#options.onGap(document, seq))
    this.#forgetReleased(entry)
  }

  /** DL14: no look at it can be true, and whoever holds it has to read it anew. */
  #lose(entry: LogEntry, end: 'gone' | 'lost'): void {
    const { document } = entry
    const { told, dropped } = entry.lose(end)
    this.#dirty.delete(entry)
    this.#queuedUpdates -= dropped.length
    this.#queuedBytes -= dropped.reduce((sum, { frame }) => sum + frame.update.length, 0)
    for (const then of told) this.#tell(() => then(end))
    this.#options.log.warn({ document, end }, 'a document in memory is not what its rows hold; it is read anew')
    this.#tell(() => this.#options.onAstray(document))
    this.#forgetReleased(entry)
  }

  /** Nobody who listens can stop the log. */
  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#options.log.error({ err: error }, 'a listener of the document log failed')
    }
  }
}

/** The database refuses the row, and always will. */
const NEVER = { outcome: 'never' } as const
type Landings = ReadonlyMap<DocumentId, Landing | typeof NEVER>
type Batch = { entry: LogEntry; updates: readonly PendingUpdate[]; item: CommitItem }[]

/** Errors about the data itself (SQLSTATE classes 22 and 23, and 54): trying again changes nothing. */
const isLasting = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(22|23|54)...$/.test(String(error.code))
