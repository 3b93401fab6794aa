/**
 * What becomes of each hunk that a writer made on a text it has read, in the text as it is now (AE4, AE5). Pure: it decides, it does not write.
 *
 * The rule that nobody's typing is lost is one comparison: a hunk removes something only where exactly what its writer has read still stands.
 * Everything else here is about sense: a hunk that would melt with what somebody typed right beside it goes to review too.
 */
import type { ReviewReason } from '@skein/protocol'
import type { ChangeAuthor, JournalEntry } from './journal.ts'
import { endOfLine, lineStart } from './line-views.ts'
import { firstAt, followHunks, type Place, touchedRanges } from './place.ts'
import type { TextEdit } from './text-edit.ts'

export type Decision =
  /** Writable at this place; `isMoved` when that is not where its writer saw it. */
  | { outcome: 'write'; from: number; to: number; isMoved: boolean }
  /** The same run has written it before. */
  | { outcome: 'written'; isMoved: boolean }
  /** What it would make is there already. */
  | { outcome: 'noop' }
  | { outcome: 'waiting' | 'review'; reason: ReviewReason }

export type PlannedHunk = Decision & {
  readonly hunk: TextEdit
  /** The range of the present text that belongs to the hunk, with what others typed at its edges. */
  readonly present: { from: number; to: number }
  readonly others: readonly ChangeAuthor[]
}

export interface ApplyInput {
  /** The text that was read, and hunks in it: ordered, apart. */
  base: string
  hunks: readonly TextEdit[]
  /** Everything that happened between `base` and `current`. */
  entries: readonly JournalEntry[]
  current: string
  run?: string | undefined
  /** The run was begun before and may have written: its hunks are looked for among its own changes. */
  isRetry?: boolean | undefined
  /** Changes of the last moments, up to now: where they touch a line of a hunk, somebody is typing. */
  typing?: readonly JournalEntry[]
}

/** AE5: whether exactly what the writer has read stands there. */
export const standsThere = (current: string, from: number, to: number, read: string): boolean =>
  from <= to && current.slice(from, to) === read

/** Decides about each hunk. `isThere` is AE5; the tests show what is lost without it. */
export const planHunks = (input: ApplyInput, isThere = standsThere): PlannedHunk[] => {
  const { base, hunks, entries, current, run } = input
  const places = followHunks(hunks, entries, input)
  const typed = touchedRanges(input.typing ?? [], (author) => run === undefined || author.run !== run)
  const isTypedOn = touchedLines(current, typed)
  return hunks.map((hunk, i) => {
    const place = places[i] as Place
    const decision = decide({ base, hunk, place, current, isThere })
    const isBusy = decision.outcome === 'write' && isTypedOn(place)
    return {
      ...(isBusy ? ({ outcome: 'waiting', reason: 'typing' } as const) : decision),
      hunk,
      present: { from: place.outerFrom, to: place.outerTo },
      others: [...place.others],
    }
  })
}

/** The edits that make the writable hunks, for the text that they were planned for. */
export const plannedEdits = (planned: readonly PlannedHunk[]): TextEdit[] =>
  planned.flatMap((plan) =>
    plan.outcome === 'write' ? [{ at: plan.from, remove: plan.to - plan.from, insert: plan.hunk.insert }] : [],
  )

interface Case {
  base: string
  hunk: TextEdit
  place: Place
  current: string
  isThere: typeof standsThere
}

const decide = (about: Case): Decision => {
  const { base, hunk, place, current, isThere } = about
  const isMoved = place.from !== hunk.at || place.to !== hunk.at + hunk.remove
  if (place.writtenAt !== null) return { outcome: 'written', isMoved: place.writtenAt !== hunk.at }
  const isTouched = place.isBroken || place.outerFrom !== place.from || place.outerTo !== place.to
  const read = base.slice(hunk.at, hunk.at + hunk.remove)
  if (isTouched || !standsThere(current, place.from, place.to, read)) {
    if (current.slice(place.outerFrom, place.outerTo) === hunk.insert) return { outcome: 'noop' }
  }
  if (place.isBroken) return { outcome: 'review', reason: 'changed' }
  if (hunk.remove === 0) {
    const at = findPoint(about)
    return at === null
      ? { outcome: 'review', reason: 'beside' }
      : { outcome: 'write', from: at, to: at, isMoved: at !== hunk.at }
  }
  if (!isThere(current, place.from, place.to, read)) return { outcome: 'review', reason: 'changed' }
  if (!fitsBetween(about, read)) return { outcome: 'review', reason: 'beside' }
  return { outcome: 'write', from: place.from, to: place.to, isMoved }
}

/** Whether a replacement still makes sense beside what others typed at its edges. */
const fitsBetween = ({ base, hunk, place, current }: Case, read: string): boolean => {
  const { from, to, outerFrom, outerTo } = place
  const before = current.slice(outerFrom, from)
  const after = current.slice(to, outerTo)
  // Whole lines go or change, and somebody typed at the start of the first one: they are at work in it.
  const isWholeLines = isLineStart(base, hunk.at) && read.endsWith('\n')
  if (before !== '' && isWholeLines && !before.endsWith('\n')) return false
  if (before !== '' && isJoined(current.slice(0, from), hunk.insert || current.slice(to))) return false
  return after === '' || !isJoined(hunk.insert || current.slice(0, from), current.slice(to))
}

/** Where a pure insertion goes: behind what others inserted at the same point, or else before it; null when neither makes sense. */
const findPoint = ({ base, hunk, place, current }: Case): number | null => {
  const { outerFrom, outerTo } = place
  if (outerFrom === outerTo) return outerFrom
  const isOfLines = isLineStart(base, hunk.at) && hunk.insert.endsWith('\n')
  const beginsLine = isLineEnd(base, hunk.at) && hunk.insert.startsWith('\n')
  const fits = (at: number) => (!isOfLines || isLineStart(current, at)) && (!beginsLine || isLineEnd(current, at))
  if (fits(outerTo) && !isJoined(current.slice(outerFrom, outerTo), hunk.insert)) return outerTo
  if (fits(outerFrom) && !isJoined(hunk.insert, current.slice(outerFrom, outerTo))) return outerFrom
  return null
}

const WORD_BEFORE = /[\p{L}\p{N}\p{M}_]$/u
const WORD_AFTER = /^[\p{L}\p{N}_]/u
const MARK_AFTER = /^[\p{M}\u200d]/u

/** Whether the end of one text and the start of the other would be read as one word or one character. */
const isJoined = (left: string, right: string): boolean => {
  const [end, start] = [left.slice(-2), right.slice(0, 2)]
  if (end === '' || start === '') return false
  return MARK_AFTER.test(start) || end.endsWith('\u200d') || (WORD_BEFORE.test(end) && WORD_AFTER.test(start))
}

const isLineStart = (text: string, at: number): boolean => at === 0 || text[at - 1] === '\n'
const isLineEnd = (text: string, at: number): boolean => at === text.length || text[at] === '\n'

/** Tells whether one of the ranges lies on a line of a hunk's place, or at its edge. */
const touchedLines = (text: string, ranges: readonly { from: number; to: number }[]): ((place: Place) => boolean) => {
  const apart: { from: number; to: number }[] = []
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = apart.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else apart.push({ from, to })
  }
  const [first, last] = [measuredLines(text), measuredLines(text)]
  return ({ outerFrom, outerTo }) => {
    if (apart.length === 0) return false
    const { start } = first(outerFrom)
    const touched = apart[firstAt(apart, ({ to }) => to >= start)]
    return touched !== undefined && touched.from <= last(outerTo).end
  }
}

/** Gives the line of a position, the last one from memory. */
const measuredLines = (text: string): ((at: number) => { start: number; end: number }) => {
  let line = { start: 0, end: -1 }
  return (at) => {
    if (at < line.start || at > line.end) line = { start: lineStart(text, at), end: endOfLine(text, at) }
    return line
  }
}
