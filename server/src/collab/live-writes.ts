/**
 * The one way in which anybody but a browser writes into a live text (AE1–AE6): hunks against the text that was read, followed through what happened
 * since, checked and made in one synchronous transaction, durable before it is told.
 */
import {
  applyTextEdits,
  checkTextEdits,
  type EditProblem,
  editText,
  fewerHunks,
  followRanges,
  type HunkList,
  type JournalEntry,
  type PlannedHunk,
  planHunks,
  plannedEdits,
  revisionToParts,
  type TextEdit,
  toChanges,
} from '@skein/document'
import { type DocumentId, FILE_TEXT_BYTES_MAX, type Refusal, type Revision, SKEIN } from '@skein/protocol'
import * as Y from 'yjs'
import { type HunkFinder, isSmall } from '../commands/content/hunk-finder.ts'
import type { HunkReport, LiveText, Mark, WriteOutcome, WriteRequest } from '../commands/live-documents.ts'
import type { Clock } from './clock.ts'
import type { JournalKeeper } from './journal-keeper.ts'
import type { RebuiltJournal } from './journal-rebuild.ts'
import type { LateEdits } from './late-edits.ts'
import { anchorsIn, toMarks } from './live-marks.ts'
import type { OpenDocument } from './open-document.ts'

/** A text at a row, and the number of the change that came next. */
export interface ReadText {
  seq: number
  text: string
  number: number
}

export interface LiveWritesDeps {
  journals: JournalKeeper
  hunks: HunkFinder
  late: LateEdits
  clock: Clock
  /** The document in memory, with every row that any node has committed; null when there is none. */
  load(document: DocumentId): Promise<OpenDocument | null>
  /** The text at exactly one row, committed; refuses with `refusal` when the document went astray meanwhile. */
  readAt(open: OpenDocument, refusal: () => Refusal): Promise<ReadText>
  textAt(open: OpenDocument, at: ReadText): LiveText
  /** Whether so much waits for the database that nothing more may come (DL12). */
  isFull(): boolean
  rebuild(document: DocumentId, range: { from: number; to: number; now: string }): Promise<RebuiltJournal | null>
  refuse: { missing(): Refusal; unavailable(): Refusal; unconfirmed(): Refusal }
}

/** A document that leaves memory while it is written is taken up again; more often than that something else is wrong. */
const TRIES_MAX = 5
/** Somebody is typing who has touched a line within that time. */
const TYPING_MS = 1_500
const LOOK_AGAIN_MS = 100
/** Hunks of one write that may wait for a person; beyond it the writer has to read again. */
const REVIEWS_MAX = 200
/**
 * What hunks may cost, some fifty milliseconds of the node's time: each moves what Yjs knows of one client in memory, and follows every change since
 * the text was read. Texts in one piece that nobody has changed stay far below.
 */
const HUNKS_BY_PIECES_MAX = 30_000_000
const HUNKS_BY_CHANGES_MAX = 5_000_000
const HUNKS_LEAST = 50

/** The text that a writer has read, and what happened to it since, as long as that is known. */
interface Base {
  text: string
  entries(): readonly JournalEntry[] | null
}

export class LiveWrites {
  readonly #deps: LiveWritesDeps

  constructor(deps: LiveWritesDeps) {
    this.#deps = deps
  }

  async write(request: WriteRequest): Promise<WriteOutcome> {
    const { refuse, load } = this.#deps
    const progress: Progress = { reports: new Map(), isRetry: request.isRetry, hasWritten: false }
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const open = await load(request.document)
      if (!open) throw refuse.missing()
      // Whoever names no text means that of this moment: nothing may come between looking at it and writing.
      if (request.read === null) await request.checkRight()
      const base = await this.#findBase(open, request.read)
      if (request.read !== null) await request.checkRight()
      const outcome = base
        ? await this.#writeOn(open, base, request, progress)
        : { outcome: 'stale' as const, current: await this.#current(open) }
      // What was written before the document left memory, or by the try before, stays written: nobody may be told that nothing was.
      const isLost = outcome
        ? (progress.hasWritten || request.isRetry) && outcome.outcome !== 'written'
        : progress.hasWritten && request.read === null
      if (isLost) throw refuse.unconfirmed()
      if (outcome) return outcome
    }
    throw progress.hasWritten ? refuse.unconfirmed() : refuse.unavailable()
  }

  async #current(open: OpenDocument): Promise<LiveText> {
    return this.#deps.textAt(open, await this.#deps.readAt(open, this.#deps.refuse.unavailable))
  }

  /** Null when what happened since is not known any more. */
  async #findBase(open: OpenDocument, read: Revision | null): Promise<Base | null> {
    const { journals, readAt, rebuild, refuse } = this.#deps
    if (read === null) return this.#present(open)
    const { id, epoch } = open.facts
    const wanted = revisionToParts(read)
    if (wanted?.document !== id || wanted.epoch !== epoch) return null
    const known = journals.find(open, wanted.seq)
    if (known && journals.since(open, known.number)) {
      return { text: known.text, entries: () => journals.since(open, known.number) }
    }
    const now = await readAt(open, refuse.unavailable)
    if (now.seq === wanted.seq) return { text: now.text, entries: () => journals.since(open, now.number) }
    if (now.seq < wanted.seq) return null
    const rebuilt = await rebuild(id, { from: wanted.seq, to: now.seq, now: now.text })
    if (!rebuilt) return null
    const entries = () => {
      const later = journals.since(open, now.number)
      return later && [...rebuilt.entries, ...later]
    }
    return { text: rebuilt.text, entries }
  }

  #present(open: OpenDocument): Base {
    const number = this.#deps.journals.mark(open)
    return { text: open.text, entries: () => this.#deps.journals.since(open, number) }
  }

  /** Null when the document has left memory, or its journal what is needed of it: then it is taken up again. */
  async #writeOn(
    open: OpenDocument,
    read: Base,
    request: WriteRequest,
    progress: Progress,
  ): Promise<WriteOutcome | null> {
    const { clock, readAt, textAt, refuse } = this.#deps
    const placed = await this.#placeEdits(open, read, request, progress)
    if ('problem' in placed) return { outcome: 'unplaced', current: await this.#current(open), problem: placed }
    const until = clock.now() + request.waitMs
    for (;;) {
      const pass = this.#pass(open, placed, request, { isLast: clock.now() >= until, progress })
      if (pass === 'again') return null
      if (pass === 'stale' || pass === 'too-large') return { outcome: pass, current: await this.#current(open) }
      if (pass === 'done') break
      await clock.sleep(LOOK_AGAIN_MS)
      await request.checkRight()
    }
    const hunks = placed.hunks.flatMap((_hunk, i) => progress.reports.get(i) ?? [])
    const { matches } = placed
    if (!request.marks) {
      return { outcome: 'written', current: textAt(open, await readAt(open, refuse.unconfirmed)), hunks, matches }
    }
    const marked = await this.#readMarked(open, read, request)
    return marked && { outcome: 'written', ...marked, hunks, matches }
  }

  /** The text at a row, and the marks in it; null when they cannot be followed that far any more. */
  async #readMarked(
    open: OpenDocument,
    read: Base,
    { marks = [], writer }: WriteRequest,
  ): Promise<{ current: LiveText; marks: Mark[] } | null> {
    const { journals, readAt, textAt, refuse } = this.#deps
    const entries = open.isClosed ? null : read.entries()
    if (!entries) return null
    const now = toMarks(open, followRanges(marks, entries, writer.run))
    const number = journals.mark(open)
    const at = await readAt(open, refuse.unconfirmed)
    const later = journals.since(open, number)?.slice(0, at.number - number)
    if (!later) return null
    const ranges = followRanges(now, later, undefined)
    return { current: textAt(open, at), marks: now.map((mark, n) => ({ ...mark, ...ranges[n] })) }
  }

  /** Finds the edits in the text that was read; quotes that are not there may be meant for the present one. */
  async #placeEdits(
    open: OpenDocument,
    read: Base,
    request: WriteRequest,
    progress: Progress,
  ): Promise<Placed | EditProblem> {
    const { read: revision, wanted } = request
    // AE2: what is only similar may be what somebody has just changed, in a text that the writer has not named.
    const list = await this.#findHunks(read.text, request, progress, revision === null)
    if (!('problem' in list)) return toPlaced(open, read, list)
    // A run that was begun before may have replaced the quotes already: it must not find them in its own text.
    const isOfQuotes = 'edits' in wanted && wanted.edits.every((edit) => 'oldText' in edit)
    if (progress.isRetry || !isOfQuotes || open.isClosed || open.text === read.text) return list
    const present = this.#present(open)
    const inPresent = await this.#findHunks(present.text, request, progress, true)
    return 'problem' in inPresent ? list : toPlaced(open, present, inPresent)
  }

  /** In a large text that happens beside the loop; whatever is typed meanwhile stands in the journal, and rights may have gone. */
  async #findHunks(
    text: string,
    { wanted, checkRight }: WriteRequest,
    { hasWritten, isRetry }: Progress,
    isExactEnough: boolean,
  ): Promise<HunkList> {
    const question = { text, wanted, isExactEnough }
    const { hunks, refuse } = this.#deps
    const found = await hunks.find(question).catch((error: unknown) => {
      throw hasWritten || isRetry ? refuse.unconfirmed() : error
    })
    if (!isSmall(question)) await checkRight()
    return found
  }

  /** Decides and writes, without letting go of the loop in between. */
  #pass(
    open: OpenDocument,
    { base, hunks }: Placed,
    { writer, waitMs, late, isWhole = false }: WriteRequest,
    { isLast, progress }: { isLast: boolean; progress: Progress },
  ): 'again' | 'stale' | 'too-large' | 'done' | 'waiting' {
    const { reports } = progress
    const entries = open.isClosed ? null : base.entries()
    if (!entries) return 'again'
    const pending = hunks.flatMap((hunk, i) => (reports.has(i) ? [] : [{ hunk, i }]))
    const current = open.text
    const planned = planHunks({
      base: base.text,
      hunks: pending.map(({ hunk }) => hunk),
      entries,
      current,
      run: writer.run,
      isRetry: progress.isRetry,
      typing: waitMs > 0 ? this.#typing(open) : [],
    })
    const reviewsMax = isWhole ? 0 : REVIEWS_MAX
    if (planned.filter((plan) => plan.outcome === 'review').length > reviewsMax && reports.size === 0) return 'stale'
    const edits = plannedEdits(planned)
    checkTextEdits(current, edits)
    const isLarger = edits.reduce((sum, { remove, insert }) => sum + insert.length - remove, 0) > 0
    if (isLarger && isTooLarge(current, edits)) return 'too-large'
    const { isFull, refuse } = this.#deps
    if (edits.length > 0 && isFull()) throw progress.hasWritten ? refuse.unconfirmed() : refuse.unavailable()
    const toAnchors = anchorsIn(open)
    for (const [n, plan] of planned.entries()) {
      const { hunk, i } = pending[n] as (typeof pending)[number]
      if (plan.outcome === 'waiting' && !isLast) continue
      reports.set(i, { hunk, line: hunk.line, result: report(toAnchors, base.text, current, plan) })
    }
    if (edits.length > 0) {
      const clientId = open.edit(writer, (text) => applyTextEdits(text, edits))
      const isInsertion = edits.some(({ insert }) => insert !== '')
      const inserted = isInsertion ? { clientId, end: Y.getState(open.doc.store, clientId) } : null
      if (late) this.#deps.late.watch(open, { before: current, after: open.text, edits, inserted }, late)
      // When the write has to be taken up again, it finds what was made now.
      progress.isRetry = true
      progress.hasWritten = true
    }
    return reports.size === hunks.length ? 'done' : 'waiting'
  }

  #typing(open: OpenDocument): readonly JournalEntry[] {
    const recent = this.#deps.journals.recent(open, this.#deps.clock.now() - TYPING_MS)
    if (recent) return recent
    // Somebody typed just before anybody watched: it may have been anywhere.
    const everywhere = toChanges([{ from: 0, to: open.text.length, insert: open.text }], open.text.length)
    return [{ changes: everywhere, author: { actor: SKEIN }, at: 0 }]
  }
}

/** What a write has come to so far, over all its passes. */
interface Progress {
  /** By the number of the hunk. */
  reports: Map<number, HunkReport>
  isRetry: boolean
  hasWritten: boolean
}

type Found = Exclude<HunkList, EditProblem>
interface Placed extends Found {
  base: Base
}

const toPlaced = (open: OpenDocument, base: Base, { hunks, matches }: Found): Placed => {
  const pieces = Math.max(1, ...[...open.doc.store.clients.values()].map(({ length }) => length))
  const changes = Math.max(1, base.entries()?.length ?? 0)
  const affordable = Math.min(HUNKS_BY_PIECES_MAX / pieces, HUNKS_BY_CHANGES_MAX / changes)
  // A power of two: a second try of the same write is to find the hunks that the first one has made.
  const most = Math.max(HUNKS_LEAST, 2 ** Math.floor(Math.log2(affordable)))
  return { base, hunks: fewerHunks(base.text, hunks, most), matches }
}

const isTooLarge = (current: string, edits: readonly TextEdit[]): boolean => {
  const inserted = edits.reduce((sum, { insert }) => sum + insert.length, 0)
  // No unit takes more than three bytes: most texts need not be counted.
  if (3 * (current.length + inserted) <= FILE_TEXT_BYTES_MAX) return false
  return Buffer.byteLength(editText(current, edits)) > FILE_TEXT_BYTES_MAX
}

const report = (
  toAnchors: ReturnType<typeof anchorsIn>,
  base: string,
  current: string,
  plan: PlannedHunk,
): HunkReport['result'] => {
  if (plan.outcome === 'write' || plan.outcome === 'written') {
    return { outcome: plan.isMoved ? 'rebased' : 'applied' }
  }
  if (plan.outcome === 'noop') return { outcome: 'noop' }
  const { hunk, present, reason, others } = plan
  return {
    outcome: 'review',
    reason,
    baseText: base.slice(hunk.at, hunk.at + hunk.remove),
    presentText: current.slice(present.from, present.to),
    others: [...new Set(others.map(({ actor }) => actor))],
    ...toAnchors(present),
  }
}
