/**
 * The log of live documents in this process: a queue for each document, and one commit at a time for all of them.
 *
 * There is no timer between an edit and its commit. While one commit is in flight everything queues, and the next one takes all of it
 * (DL2), so that a busy server batches by itself and an idle one commits at once. What happens to a document is told by its position:
 * the number of updates that were appended to it since it was loaded.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { documentLogQueries } from '@skein/db'
import { encodeUpdateFrames, type UpdateFrame } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import type { Log } from '../observability/log.ts'

export interface PendingUpdate {
  frame: UpdateFrame
  /** Client ids that write for the first time; bound to the actor of the frame in the same commit. */
  newClients: readonly number[]
  /** Whoever sent it, to whom it is not echoed; null for edits by the server. */
  from: object | null
  /** Yjs has parked it: it is kept, but nobody gets it before it is integrated. */
  isParked?: boolean
}

/** One row of the log, just committed. */
export interface CommittedRow {
  document: DocumentId
  seq: number
  payload: Uint8Array
  /** Those to be given to viewers, in order; `position` is the tail of the document after the update. */
  updates: readonly { update: Uint8Array; from: object | null; position: number }[]
}

/** `gone`: the document was deleted; `lost`: the database refuses the row for good. Nothing after either is kept. */
export type Outcome = 'committed' | 'gone' | 'lost'

/** What is in memory is not what the rows hold. */
export class DocumentAstray extends Error {
  readonly isGone: boolean

  constructor(document: DocumentId, isGone: boolean) {
    super(`Document ${document} ${isGone ? 'does not exist any more' : 'is not in memory what its rows hold'}`)
    this.isGone = isGone
  }
}

export interface DocumentLogOptions {
  commit(items: readonly documentLogQueries.CommitItem[]): Promise<Map<DocumentId, number>>
  /** Called in commit order, after the waiting acknowledgements: the place for what has to learn of every commit. */
  onCommit(row: CommittedRow): void
  /** DL14: what is in memory of the document is not what its rows hold, and must not be shown or kept any more. */
  onAstray(document: DocumentId): void
  onBatch(documents: number, updates: number, seconds: number): void
  log: Log
}

interface Cut {
  take(): unknown
  resolve(seq: number): void
  reject(error: DocumentAstray): void
}

interface Entry {
  document: DocumentId
  queue: PendingUpdate[]
  /** Cuts that wait for the queue to be taken, and those that wait for the commit in flight. */
  queuedCuts: Cut[]
  flyingCuts: Cut[]
  isFlying: boolean
  tail: number
  done: number
  seq: number
  waits: { position: number; then(outcome: Outcome): void }[]
  /** How it ended before its time; nothing more is appended then. */
  end: Exclude<Outcome, 'committed'> | null
  isReleased: boolean
}

/** Bytes of updates that are not committed yet, of all documents; beyond it nobody may send more. */
const QUEUE_BYTES_MAX = 64 * 1024 * 1024
/** Bytes of one commit; the rest goes with the next one. */
const BATCH_BYTES_MAX = 16 * 1024 * 1024
/** Under load a commit may wait that long after the last one ended, unless so many updates wait: fewer, larger commits. */
const FLUSH_GAP_MS = 4
const FLUSH_UPDATES_MIN = 16
const RETRY_DELAY_MS_MAX = 2_000

export class DocumentLog {
  readonly #options: DocumentLogOptions
  readonly #entries = new Map<DocumentId, Entry>()
  readonly #dirty = new Set<Entry>()
  #queuedBytes = 0
  #queuedUpdates = 0
  #isFlying = false
  #timer: NodeJS.Timeout | undefined
  #flushedAt = 0

  constructor(options: DocumentLogOptions) {
    this.#options = options
  }

  /** Begins to keep a document that was loaded up to row `seq`. */
  open(document: DocumentId, seq: number): void {
    if (this.#entries.has(document)) throw new Error(`The log of document ${document} is open already`)
    this.#entries.set(document, {
      document,
      queue: [],
      queuedCuts: [],
      flyingCuts: [],
      isFlying: false,
      tail: 0,
      done: 0,
      seq,
      waits: [],
      end: null,
      isReleased: false,
    })
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
    if (entry.end) return
    entry.queue.push(update)
    entry.tail++
    this.#queuedBytes += update.frame.update.length
    this.#queuedUpdates++
    this.#dirty.add(entry)
    this.#kick()
  }

  tail(document: DocumentId): number {
    return this.#entryOf(document).tail
  }

  /** The last committed row. */
  seq(document: DocumentId): number {
    return this.#entryOf(document).seq
  }

  isSettled(document: DocumentId): boolean {
    const entry = this.#entries.get(document)
    return !entry || entry.end !== null || entry.done === entry.tail
  }

  /** Calls `then` when the updates up to `position` are committed; at once when they are. Calls come in order of position. */
  when(document: DocumentId, position: number, then: (outcome: Outcome) => void): void {
    const entry = this.#entryOf(document)
    if (entry.end) then(entry.end)
    else if (entry.done >= position) then('committed')
    else entry.waits.push({ position, then })
  }

  /** Resolves when everything that was appended until now is committed; also for documents that are not open. */
  settle(document: DocumentId): Promise<void> {
    if (this.isSettled(document)) return Promise.resolve()
    return new Promise((resolve) => this.when(document, this.tail(document), () => resolve()))
  }

  /**
   * Looks at a document exactly at one of its rows: `take` is called when nothing of the document lies outside that row and those before
   * it; the promise resolves once the row is committed. Rejects with DocumentAstray.
   */
  cut<T>(document: DocumentId, take: () => T): Promise<{ seq: number; taken: T }> {
    const entry = this.#entryOf(document)
    return new Promise((resolve, reject) => {
      let taken: T
      const cut: Cut = {
        take: () => {
          taken = take()
        },
        resolve: (seq) => resolve({ seq, taken }),
        reject,
      }
      if (entry.end) reject(new DocumentAstray(document, entry.end === 'gone'))
      else if (entry.queue.length > 0) entry.queuedCuts.push(cut)
      else {
        cut.take()
        if (entry.isFlying) entry.flyingCuts.push(cut)
        else cut.resolve(entry.seq)
      }
    })
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

  #entryOf(document: DocumentId): Entry {
    const entry = this.#entries.get(document)
    if (!entry) throw new Error(`The log of document ${document} is not open`)
    return entry
  }

  #forgetReleased(entry: Entry): void {
    if (entry.isReleased && (entry.end !== null || entry.done === entry.tail)) this.#entries.delete(entry.document)
  }

  #kick(): void {
    if (this.#isFlying || this.#dirty.size === 0) return
    const waitMs = this.#queuedUpdates >= FLUSH_UPDATES_MIN ? 0 : this.#flushedAt + FLUSH_GAP_MS - performance.now()
    if (waitMs > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#start()
      }, waitMs)
      return
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#start()
  }

  #start(): void {
    this.#isFlying = true
    // What else this turn of the loop reads from the sockets goes with the same commit.
    setImmediate(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    const batch = this.#takeBatch()
    const items = batch.map(({ entry, updates, payload }) => ({
      document: entry.document,
      payload,
      clients: updates.flatMap(({ frame, newClients }) =>
        newClients.map((clientId) => ({ clientId, actor: frame.actor })),
      ),
    }))
    const startedAt = performance.now()
    const landings = await this.#commitDurably(items)
    const seconds = (performance.now() - startedAt) / 1000
    const updates = batch.reduce((sum, part) => sum + part.updates.length, 0)
    this.#tell(() => this.#options.onBatch(batch.length, updates, seconds))
    for (const part of batch) this.#land(part, landings.get(part.entry.document) ?? 'gone')
    this.#isFlying = false
    this.#flushedAt = performance.now()
    this.#kick()
  }

  #takeBatch(): Batch {
    const batch: Batch = []
    let bytes = 0
    for (const entry of this.#dirty) {
      if (bytes > BATCH_BYTES_MAX) break
      this.#dirty.delete(entry)
      const updates = entry.queue
      entry.queue = []
      entry.isFlying = true
      for (const cut of entry.queuedCuts) this.#tell(() => cut.take())
      entry.flyingCuts.push(...entry.queuedCuts.splice(0))
      const payload = encodeUpdateFrames(updates.map(({ frame }) => frame))
      batch.push({ entry, updates, payload })
      this.#queuedUpdates -= updates.length
      bytes += payload.length
    }
    return batch
  }

  /** DL6, DL12: tries until the database says what became of it. A row that it refuses for good takes no other with it. */
  async #commitDurably(items: readonly documentLogQueries.CommitItem[]): Promise<Landings> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#options.commit(items)
      } catch (error) {
        const documents = items.length
        this.#options.log.error(
          { err: error, documents, attempt },
          'edits could not be committed; they are kept and tried again',
        )
        if (isLasting(error)) {
          if (items.length === 1) return new Map(items.map(({ document }) => [document, 'lost']))
          const parts: [DocumentId, number | 'lost'][] = []
          for (const item of items) parts.push(...(await this.#commitDurably([item])))
          return new Map(parts)
        }
        const delayMs = Math.min(50 * 2 ** attempt, RETRY_DELAY_MS_MAX) * (0.5 + Math.random() / 2)
        await sleep(delayMs, undefined, { ref: false })
      }
    }
  }

  #land({ entry, updates, payload }: Batch[number], seq: number | 'gone' | 'lost'): void {
    this.#queuedBytes -= updates.reduce((sum, { frame }) => sum + frame.update.length, 0)
    entry.isFlying = false
    if (typeof seq === 'string') {
      this.#lose(entry, seq)
      return
    }
    const isAlone = seq === entry.seq + 1
    const first = entry.done + 1
    entry.done += updates.length
    entry.seq = seq
    const isDone = ({ position }: { position: number }) => position <= entry.done
    const waits = entry.waits.filter(isDone)
    entry.waits = entry.waits.filter((wait) => !isDone(wait))
    for (const wait of waits) this.#tell(() => wait.then('committed'))
    const visible = updates.flatMap(({ frame, from, isParked }, i) =>
      isParked ? [] : [{ update: frame.update, from, position: first + i }],
    )
    this.#tell(() => this.#options.onCommit({ document: entry.document, seq, payload, updates: visible }))
    if (!isAlone) this.#stray(entry, false)
    for (const cut of entry.flyingCuts.splice(0)) cut.resolve(seq)
    this.#forgetReleased(entry)
  }

  #lose(entry: Entry, end: 'gone' | 'lost'): void {
    entry.end = end
    this.#dirty.delete(entry)
    this.#queuedUpdates -= entry.queue.length
    this.#queuedBytes -= entry.queue.splice(0).reduce((sum, { frame }) => sum + frame.update.length, 0)
    for (const wait of entry.waits.splice(0)) this.#tell(() => wait.then(end))
    this.#stray(entry, end === 'gone')
    this.#forgetReleased(entry)
  }

  /** DL14: no cut of it can be true, and whoever holds it has to read it anew. */
  #stray(entry: Entry, isGone: boolean): void {
    const { document } = entry
    this.#options.log.warn({ document, isGone }, 'a document in memory is not what its rows hold; it is read anew')
    const cuts = [...entry.flyingCuts.splice(0), ...entry.queuedCuts.splice(0)]
    for (const cut of cuts) cut.reject(new DocumentAstray(document, isGone))
    this.#tell(() => this.#options.onAstray(document))
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

/** The new row of each document; one that does not exist any more is absent. */
type Landings = Map<DocumentId, number | 'lost'>
type Batch = { entry: Entry; updates: PendingUpdate[]; payload: Uint8Array }[]

/** Errors about the data itself (SQLSTATE classes 22 and 23, and 54): trying again changes nothing. */
const isLasting = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(22|23|54)...$/.test(String(error.code))
