/**
 * Edits that come late (GS5): for a while after a pull has written into a text, whoever had not seen that may still send what they typed before.
 * Yjs merges it, so nothing is lost; but where it meets lines of the pull, or lines beside them, the outcome is nobody's, and a person has to look.
 *
 * Somebody has not seen a write when their client attached after it without having it, or sends within two seconds of it: that long a frame may be
 * under way. Clients of other nodes are known by that time alone. Everything is in memory, bounded, and gone after a while or a restart: the text
 * is safe in any case, only the hint is lost.
 */
import {
  type ChangedLines,
  changedLines,
  deltaToChanges,
  lineStart,
  mapped,
  nextLine,
  rangesOf,
  type TextEdit,
  wholeLines,
} from '@skein/document'
import { type ActorKey, TEXT_NAME } from '@skein/protocol'
import type * as Y from 'yjs'
import type { LateEdit, WriteRequest } from '../commands/live-documents.ts'
import type { Clock } from './clock.ts'
import { anchorsIn } from './live-marks.ts'
import type { OpenDocument } from './open-document.ts'

/** How long what somebody typed may be under way. */
const UNDER_WAY_MS = 2_000
/** Edits of one stretch are told together. */
const TELL_AFTER_MS = 200
/** Writes that are watched at the same time, and all their lines together, in UTF-16 units: those watched for longest go first. */
const WATCHES_MAX = 5_000
const SIZE_MAX = 16 * 1024 * 1024

/** A write that was just made. */
export interface Made {
  before: string
  after: string
  edits: readonly TextEdit[]
  /** The client id under which it was made, and where its characters end; null: it only removed. */
  inserted: { clientId: number; end: number } | null
}

interface Place extends ChangedLines {
  by: Set<ActorKey>
  isToTell: boolean
}

export class LateEdits {
  readonly #clock: Clock
  readonly #watches = new Set<Watch>()
  #size = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Writes that are watched now. */
  get watched(): number {
    return this.#watches.size
  }

  /** Watches the lines of a write from now on; call it in the turn of the loop in which the write was made. */
  watch(open: OpenDocument, made: Made, late: NonNullable<WriteRequest['late']>): void {
    // Where something that is no text stands in it, positions are not those of the text.
    if (open.doc.getText(TEXT_NAME).length !== made.after.length) return
    const watch = new Watch(open, made, late, this.#clock, () => {
      if (this.#watches.delete(watch)) this.#size -= watch.size
    })
    this.#watches.add(watch)
    this.#size += watch.size
    for (const oldest of this.#watches) {
      if (this.#watches.size <= WATCHES_MAX && this.#size <= SIZE_MAX) return
      oldest.end()
    }
  }
}

/** One write, and the places that it changed, followed for a while. */
class Watch {
  readonly size: number
  readonly #open: OpenDocument
  readonly #made: Made
  readonly #madeAt: number
  readonly #places: Place[]
  readonly #clock: Clock
  readonly #tell: (edits: readonly LateEdit[]) => void
  readonly #stop: () => void
  #length: number
  #isTelling = false

  constructor(
    open: OpenDocument,
    made: Made,
    { forMs, tell }: NonNullable<WriteRequest['late']>,
    clock: Clock,
    onEnd: () => void,
  ) {
    this.#open = open
    this.#made = made
    this.#madeAt = clock.now()
    this.#clock = clock
    this.#tell = tell
    this.#places = changedLines(made.before, made.after, made.edits).map((lines) => ({
      ...lines,
      by: new Set<ActorKey>(),
      isToTell: false,
    }))
    this.size = this.#places.reduce((sum, { before, after }) => sum + before.length + after.length, 0)
    const text = open.doc.getText(TEXT_NAME)
    this.#length = made.after.length
    const cancel = clock.after(forMs, () => this.end())
    const end = () => this.end()
    const observe = ({ delta }: Y.YTextEvent) => this.#follow(text, delta)
    this.#stop = () => {
      cancel()
      text.unobserve(observe)
      open.shell.off('destroy', end)
      onEnd()
    }
    text.observe(observe)
    open.shell.on('destroy', end)
  }

  end(): void {
    this.#stop()
  }

  #follow(text: Y.Text, delta: Y.YTextEvent['delta']): void {
    const changes = deltaToChanges(delta, this.#length)
    if (!changes) {
      this.end()
      return
    }
    this.#length = changes.newLength
    const ranges = rangesOf(changes)
    for (const place of this.#places) {
      // What is typed before a line belongs to it; its own end stands where the next one begins.
      place.from = mapped(place.from, ranges, -1)
      place.to = mapped(place.to, ranges, -1)
    }
    const { writer } = this.#open
    if (!writer || writer.run !== undefined || this.#hasSeen(writer)) return
    const now = text.toString()
    const edited = ranges.map(({ fromB, toB }) => ({ from: lineStart(now, fromB), to: nextLine(now, toB) }))
    for (const place of this.#places) {
      const lines = wholeLines(now, place)
      if (!edited.some(({ from, to }) => from <= lines.to && to >= lines.from)) continue
      place.isToTell = true
      place.by.add(writer.actor)
    }
    if (this.#isTelling || !this.#places.some(({ isToTell }) => isToTell)) return
    this.#isTelling = true
    this.#clock.after(TELL_AFTER_MS, () => {
      this.#isTelling = false
      if (!this.#open.isClosed) this.#tell(toLateEdits(this.#open, this.#places))
    })
  }

  /** Whether whoever sent an edit knew of the write when they made it. */
  #hasSeen({ from, isKept = false }: NonNullable<OpenDocument['writer']>): boolean {
    const sinceMs = this.#clock.now() - this.#madeAt
    if (!from) return sinceMs >= UNDER_WAY_MS
    const { known, at } = from.began
    if (at <= this.#madeAt) return sinceMs >= UNDER_WAY_MS
    const { inserted } = this.#made
    if (inserted && (known.get(inserted.clientId) ?? 0) >= inserted.end) return true
    return !isKept && this.#clock.now() - at >= UNDER_WAY_MS
  }
}

/** The places that were met since they were told last, as they are now. */
const toLateEdits = (open: OpenDocument, places: readonly Place[]): LateEdit[] => {
  const toAnchors = anchorsIn(open)
  const { text } = open
  return places.flatMap((place, n) => {
    if (!place.isToTell) return []
    place.isToTell = false
    const { before, after, by } = place
    const range = wholeLines(text, place)
    const present = text.slice(range.from, range.to)
    return [{ place: n, before, after, present, by: [...by], ...toAnchors(range) }]
  })
}
