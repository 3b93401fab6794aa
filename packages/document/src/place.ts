/**
 * Where the hunks of a writer stand in the text as it is now, and what happened there meanwhile (AE4).
 *
 * A hunk keeps two ranges. The inner one holds what the writer replaces and nothing that was typed at its edges; the outer one holds that too.
 * The end of a change that touches an edge counts as touching: CodeMirror's own mapping would lose sight of a replacement right beside.
 */

import type { ChangeAuthor, JournalEntry } from './journal.ts'
import type { TextEdit } from './text-edit.ts'

export interface Place {
  /** Inner range; of a pure insertion beside which others inserted, `from` lies behind `to`. */
  from: number
  to: number
  outerFrom: number
  outerTo: number
  /** Somebody removed something of it, or across it. */
  isBroken: boolean
  /** Where this very run has made the hunk already; null: it has not. */
  writtenAt: number | null
  /** Whose changes touched it. */
  readonly others: Set<ChangeAuthor>
}

/** A range before a change, and after it. */
export interface Range {
  fromA: number
  toA: number
  fromB: number
  toB: number
}

/** Follows the hunks, given in a text, through the changes that were made to it since. Changes of `run` itself are nobody else's. */
export const followHunks = (
  hunks: readonly TextEdit[],
  entries: readonly JournalEntry[],
  { run, isRetry = false }: { run?: string | undefined; isRetry?: boolean | undefined },
): Place[] => {
  const places = hunks.map(
    ({ at, remove }): Place => ({
      from: at,
      to: at + remove,
      outerFrom: at,
      outerTo: at + remove,
      isBroken: false,
      writtenAt: null,
      others: new Set<ChangeAuthor>(),
    }),
  )
  for (const { changes, author } of entries) {
    const ranges = rangesOf(changes)
    const isOwn = run !== undefined && author.run === run
    const [first, last] = [ranges[0], ranges.at(-1)]
    if (!first || !last) continue
    // Most changes lie far from most hunks, which stand in order.
    for (let i = firstAt(places, ({ outerTo }) => outerTo >= first.fromA); i < places.length; i++) {
      const place = places[i] as Place
      if (place.outerFrom > last.toA) shift(place, last.toB - last.toA)
      else {
        if (isOwn && isRetry) place.writtenAt ??= findWritten(place, hunks[i] as TextEdit, changes)
        touch(place, ranges, isOwn ? null : author)
        move(place, ranges)
      }
    }
  }
  return places
}

/** Follows ranges through changes: what `run` itself put at their edges belongs to them, what others put there does not. */
export const followRanges = (
  ranges: readonly { from: number; to: number }[],
  entries: readonly JournalEntry[],
  run: string | undefined,
): { from: number; to: number }[] => {
  const followed = ranges.map(({ from, to }) => ({ from, to }))
  for (const { changes, author } of entries) {
    const changed = rangesOf(changes)
    const side = run !== undefined && author.run === run ? -1 : 1
    for (const range of followed) {
      const [from, to] = [mapped(range.from, changed, side), mapped(range.to, changed, side === 1 ? -1 : 1)]
      range.from = Math.min(from, to)
      range.to = to
    }
  }
  return followed
}

/** Ranges beyond which all of them are one, from the first to the last: following each through every change costs their square. */
const TOUCHED_MAX = 1_000

/** Ranges of the text as it is now that these changes touched, in no order. */
export const touchedRanges = (
  entries: readonly JournalEntry[],
  isMeant: (author: ChangeAuthor) => boolean,
): { from: number; to: number }[] => {
  let touched: { from: number; to: number }[] = []
  for (const { changes, author } of entries) {
    const ranges = rangesOf(changes)
    for (const place of touched) {
      place.from = mapped(place.from, ranges, -1)
      place.to = mapped(place.to, ranges, 1)
    }
    if (!isMeant(author)) continue
    for (const { fromB, toB } of ranges) touched.push({ from: fromB, to: toB })
    if (touched.length > TOUCHED_MAX) touched = [coverOf(touched)]
  }
  return touched
}

const coverOf = (ranges: readonly { from: number; to: number }[]): { from: number; to: number } =>
  ranges.reduce((all, { from, to }) => ({ from: Math.min(all.from, from), to: Math.max(all.to, to) }))

/** The ranges of a change set, in order. */
export const rangesOf = (changes: JournalEntry['changes']): Range[] => {
  const ranges: Range[] = []
  changes.iterChangedRanges((fromA, toA, fromB, toB) => ranges.push({ fromA, toA, fromB, toB }))
  return ranges
}

/**
 * How a run that is tried again after a crash finds what it has done: a change of its own that covers the place and holds the text. Hunks
 * between which others have removed everything were written as one.
 */
const findWritten = (place: Place, { remove, insert }: TextEdit, changes: JournalEntry['changes']): number | null => {
  let found: number | null = null
  changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    const isHere =
      remove > 0 ? fromA <= place.from && toA >= place.to : fromA <= place.outerTo && toA >= place.outerFrom
    if (isHere && inserted.sliceString(0).includes(insert)) found = Math.max(fromA, place.outerFrom)
  })
  return found
}

const touch = (place: Place, ranges: readonly Range[], author: ChangeAuthor | null): void => {
  const { outerFrom, outerTo } = place
  const isPoint = place.from >= place.to
  for (let n = firstAt(ranges, ({ toA }) => toA >= outerFrom); n < ranges.length; n++) {
    const { fromA, toA } = ranges[n] as Range
    if (fromA > outerTo) return
    const isInside = isPoint
      ? fromA < outerFrom && toA > outerTo
      : Math.max(fromA, place.from) < Math.min(toA, place.to)
    if (isInside) place.isBroken = true
    if (author) place.others.add(author)
  }
}

const shift = (place: Place, by: number): void => {
  place.from += by
  place.to += by
  place.outerFrom += by
  place.outerTo += by
}

const move = (place: Place, ranges: readonly Range[]): void => {
  place.from = mapped(place.from, ranges, 1)
  place.to = mapped(place.to, ranges, -1)
  place.outerFrom = mapped(place.outerFrom, ranges, -1)
  place.outerTo = mapped(place.outerTo, ranges, 1)
}

/** A position within a change, or at either edge of it, goes to the side that it is asked for. */
export const mapped = (position: number, ranges: readonly Range[], side: -1 | 1): number => {
  const n = firstAt(ranges, ({ toA }) => toA >= position)
  const range = ranges[n]
  if (range && position >= range.fromA) return side < 0 ? range.fromB : range.toB
  const before = ranges[n - 1]
  return before ? position + before.toB - before.toA : position
}

/** The number of the first one that is; those that are stand behind those that are not. */
export const firstAt = <T>(sorted: readonly T[], is: (one: T) => boolean): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (is(sorted[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}
