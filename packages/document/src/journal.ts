/**
 * What happened to a text since somebody read it, and by whom (AE1): change sets in order, each with its author.
 *
 * It is kept in memory for texts that programs read, within bounds, and made anew from the log where it does not reach. What one person types
 * within moments is one entry; a place that somebody has read up to is never inside an entry.
 */
import { type ChangeSet, ChangeSet as Changes } from '@codemirror/state'
import type { ActorKey } from '@skein/protocol'

/** Who made a change: an actor, and the piece of its work that it belongs to (typing has none). */
export interface ChangeAuthor {
  readonly actor: ActorKey
  readonly run?: string
}

export interface JournalEntry {
  readonly changes: ChangeSet
  readonly author: ChangeAuthor
  /** Milliseconds, of the clock of whoever keeps the journal; the last of the entry. */
  readonly at: number
}

export const JOURNAL_ENTRIES_MAX = 5_000
/** Of a journal in memory, in UTF-16 units: inserted text, and what its places take. */
export const JOURNAL_SIZE_MAX = 4 * 1024 * 1024
export const JOURNAL_AGE_MS_MAX = 10 * 60_000
const NEIGHBOUR_MS_MAX = 2_000
/** An entry that grew beyond it takes no more neighbours: merging costs its size. */
const MERGED_SIZE_MAX = 4_000
/** A place that was changed, as that many units: its lengths, and the objects around its text. */
const PLACE_SIZE = 50

export class Journal {
  #entries: JournalEntry[] = []
  /** Number of the first entry that is still kept. */
  #first = 0
  #size = 0
  #isSealed = true

  /** What it takes in memory, in UTF-16 units. */
  get size(): number {
    return this.#size
  }

  /** The number that the next entry gets. */
  get end(): number {
    return this.#first + this.#entries.length
  }

  /** The same, for somebody who reads the text now: what comes later is never merged into what they have seen. */
  mark(): number {
    this.#isSealed = true
    return this.end
  }

  append(entry: JournalEntry): void {
    if (entry.changes.empty) return
    const last = this.#isSealed ? undefined : this.#entries.at(-1)
    if (last && isNeighbour(last, entry)) {
      this.#entries.pop()
      this.#size -= sizeOf(last.changes)
      this.#push({ ...entry, changes: last.changes.compose(entry.changes) })
    } else this.#push(entry)
    this.#isSealed = false
    this.#forgetOld(entry.at)
  }

  /** Entries from that number on; null when some of them are not kept any more. */
  since(number: number): readonly JournalEntry[] | null {
    if (number < this.#first || number > this.end) return null
    return this.#entries.slice(number - this.#first)
  }

  /** The last entries, those not older than that. */
  recent(since: number): readonly JournalEntry[] {
    const at = this.#entries.findIndex((entry) => entry.at >= since)
    return at === -1 ? [] : this.#entries.slice(at)
  }

  #push(entry: JournalEntry): void {
    this.#entries.push(entry)
    this.#size += sizeOf(entry.changes)
  }

  #forgetOld(now: number): void {
    let old = 0
    for (const { changes, at } of this.#entries) {
      const isOver = this.#entries.length - old > JOURNAL_ENTRIES_MAX || this.#size > JOURNAL_SIZE_MAX
      if (!isOver && at >= now - JOURNAL_AGE_MS_MAX) break
      this.#size -= sizeOf(changes)
      old++
    }
    this.#entries.splice(0, old)
    this.#first += old
  }
}

/** One operation of a Yjs text event. */
export interface TextDelta {
  retain?: number | undefined
  delete?: number | undefined
  insert?: unknown
}

/**
 * The change set of a Yjs text event on a plain text of that length; null when something that is no text came or went, whose positions
 * a plain text does not have.
 */
export const deltaToChanges = (delta: readonly TextDelta[], length: number): ChangeSet | null => {
  const changes: { from: number; to?: number; insert?: string }[] = []
  let at = 0
  for (const { retain, delete: removed, insert } of delta) {
    if (retain !== undefined) at += retain
    else if (removed !== undefined) {
      changes.push({ from: at, to: at + removed })
      at += removed
    } else if (typeof insert === 'string') changes.push({ from: at, insert })
    else return null
    if (at > length) return null
  }
  return toChanges(changes, length)
}

/** A change set whose inserted texts stay as they are: CodeMirror would take a `\r` for the end of a line. */
export const toChanges = (
  changes: readonly { from: number; to?: number; insert?: string }[],
  length: number,
): ChangeSet => Changes.of(changes, length, '\n')

const isNeighbour = (last: JournalEntry, next: JournalEntry): boolean =>
  last.author.actor === next.author.actor &&
  last.author.run === undefined &&
  next.author.run === undefined &&
  next.at - last.at < NEIGHBOUR_MS_MAX &&
  sizeOf(last.changes) < MERGED_SIZE_MAX

const sizeOf = (changes: ChangeSet): number => {
  let size = 0
  changes.iterChangedRanges((_fromA, _toA, fromB, toB) => {
    size += PLACE_SIZE + toB - fromB
  }, true)
  return size
}
