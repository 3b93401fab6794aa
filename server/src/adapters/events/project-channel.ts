/**
 * One project's channel inside one process: rows are read once for all who listen here, in order, and each listener
 * gets every row once, whatever happens while it joins.
 */
import type { eventQueries } from '@skein/db'
import type { ProjectEvent } from '@skein/protocol'

export type EventListener = (event: ProjectEvent, id: number | null) => void

/** Reads at most `rowsPerRead` rows after a number. */
export type ReadRows = (after: number) => Promise<eventQueries.EventRow[]>

export const rowsPerRead = 500
const retryMs = 1_000

interface Subscriber {
  /** The last row that it was given. */
  cursor: number
  listener: EventListener
}

export class ProjectChannel {
  readonly #read: ReadRows
  readonly #onError: (error: unknown) => void
  readonly #subscribers = new Set<Subscriber>()
  #joining = 0
  #cursor: number | undefined
  #isDue = false
  #reading: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(read: ReadRows, onError: (error: unknown) => void) {
    this.#read = read
    this.#onError = onError
  }

  /** Nobody listens, and nobody is on the way in. */
  get isIdle(): boolean {
    return this.#isEmpty && this.#joining === 0
  }

  get #isEmpty(): boolean {
    return this.#subscribers.size === 0
  }

  /** Lets a listener in after a row; what it missed since is read for it first. Returns how to leave. */
  async join(after: number, listener: EventListener): Promise<() => void> {
    const subscriber = { cursor: after, listener }
    this.#joining += 1
    try {
      while (this.#cursor !== undefined && subscriber.cursor < this.#cursor) {
        const rows = await this.#read(subscriber.cursor)
        for (const row of rows) this.#give(subscriber, row)
        if (rows.length === 0) break // pruned in between
      }
    } finally {
      this.#joining -= 1
    }
    if (this.#isEmpty) this.#cursor = subscriber.cursor
    this.#subscribers.add(subscriber)
    this.wake()
    return () => {
      this.#subscribers.delete(subscriber)
      if (this.#isEmpty) clearTimeout(this.#retry)
    }
  }

  /** There may be new rows. */
  wake(): void {
    this.#isDue = true
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined
      if (this.#isDue && !this.#isEmpty) this.wake() // woken after the last look and before this line
    })
  }

  /** Gives an event without a number to everybody here. */
  tell(event: ProjectEvent): void {
    for (const { listener } of [...this.#subscribers]) listener(event, null)
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isDue && !this.#isEmpty) {
        this.#isDue = false
        const rows = await this.#read(this.#cursor ?? 0)
        for (const row of rows) {
          this.#cursor = row.seq
          for (const subscriber of [...this.#subscribers]) this.#give(subscriber, row)
        }
        if (rows.length >= rowsPerRead) this.#isDue = true
      }
    } catch (error) {
      this.#onError(error)
      clearTimeout(this.#retry)
      if (!this.#isEmpty) this.#retry = setTimeout(() => this.wake(), retryMs).unref()
    }
  }

  #give(subscriber: Subscriber, row: eventQueries.EventRow): void {
    if (row.seq <= subscriber.cursor) return
    subscriber.cursor = row.seq
    subscriber.listener(row.event, row.seq)
  }
}
