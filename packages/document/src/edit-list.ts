/**
 * What one call wants, as hunks in the text that was read: a whole text, or edits, each of which is made on the text that the edits before it have
 * left. Pure, and bounded for each call by counted work; in texts of megabytes it takes a second, so that it may run in a thread.
 */
import { diffToHunks, joinHunks } from '@skein/merge'
import { isInsidePair } from './code-points.ts'
import { toChanges } from './journal.ts'
import { countEnds } from './line-views.ts'
import { type Located, locate, type Match, type Quote, REPLACED_PLACES_MAX, type Search, toSearch } from './locate.ts'
import { firstAt, mapped, type Range, rangesOf } from './place.ts'
import type { TextEdit } from './text-edit.ts'

/** A quote to be replaced, or a position in the text as the edits before have left it. */
export type ListedEdit = Quote | TextEdit

/** A hunk, which of the listed edits it comes from, and the line on which it begins, counted from 1. */
export interface ListedHunk extends TextEdit {
  edits: readonly number[]
  line: number
}

export type Wanted = { text: string } | { edits: readonly ListedEdit[] }

export type EditProblem =
  | { edit: number; problem: Extract<Located, { match: null }> }
  /** A position that is not in the text or cuts a character in two; or more places than one call may change. */
  | { edit: number; problem: { problem: 'outside' | 'too-many' } }

export type HunkList = { hunks: ListedHunk[]; matches: (Match | 'position')[] } | EditProblem

/** The hunks of what is wanted; `isExactEnough` as for `listHunks`. */
export const wantedHunks = (text: string, wanted: Wanted, isExactEnough = false): HunkList =>
  'text' in wanted
    ? { hunks: withLines(text, diffToHunks(text, wanted.text)), matches: [] }
    : listHunks(text, wanted.edits, isExactEnough)

/** Makes the edits on `text`. `isExactEnough` leaves out similar places: for a text that the writer has not read. */
export const listHunks = (text: string, edits: readonly ListedEdit[], isExactEnough = false): HunkList => {
  const search = toSearch(text, isExactEnough)
  const matches: (Match | 'position')[] = []
  /** Ranges of each edit, in the text as it is after the last one. */
  let touched: Touched[] = []
  for (const [edit, listed] of edits.entries()) {
    const placed = place(search, listed)
    if ('problem' in placed) return { edit, problem: placed } as EditProblem
    const { replacements } = placed
    if (touched.length + replacements.length > REPLACED_PLACES_MAX) return { edit, problem: { problem: 'too-many' } }
    const ranges = rangesOf(toChanges(replacements, search.views.text.length))
    touched = follow(touched, ranges)
    for (const { fromB, toB } of ranges) touched.push({ edit, from: fromB, to: toB })
    search.views.replace(replacements)
    matches.push(placed.match)
  }
  return { hunks: nameEdits(withLines(text, diffToHunks(text, search.views.text)), touched), matches }
}

/** The same as fewer hunks, for a text that can bear no more of them. */
export const fewerHunks = (text: string, hunks: ListedHunk[], most: number): ListedHunk[] => {
  if (hunks.length <= most) return hunks
  let n = 0
  return joinHunks(text, hunks, most).map((joined) => {
    const edits = new Set<number>()
    for (; n < hunks.length && (hunks[n] as ListedHunk).at <= joined.at + joined.remove; n++) {
      for (const edit of (hunks[n] as ListedHunk).edits) edits.add(edit)
    }
    return { ...joined, edits: [...edits].toSorted((a, b) => a - b) }
  })
}

interface Touched {
  edit: number
  from: number
  to: number
}

const follow = (touched: readonly Touched[], ranges: readonly Range[]): Touched[] =>
  touched.map(({ edit, from, to }) => ({ edit, from: mapped(from, ranges, -1), to: mapped(to, ranges, 1) }))

type Placed =
  | { match: Match | 'position'; replacements: { from: number; to: number; insert: string }[] }
  | Extract<Located, { match: null }>
  | { problem: 'outside' }

const place = (search: Search, edit: ListedEdit): Placed => {
  if ('oldText' in edit) return locate(search, edit)
  const { text } = search.views
  const { at, remove, insert } = edit
  const isThere = at >= 0 && remove >= 0 && at + remove <= text.length
  if (!isThere || isInsidePair(text, at) || isInsidePair(text, at + remove)) return { problem: 'outside' }
  return { match: 'position', replacements: [{ from: at, to: at + remove, insert }] }
}

const withLines = (text: string, hunks: readonly TextEdit[]): ListedHunk[] => {
  let [line, seen] = [1, 0]
  return hunks.map((hunk) => {
    line += countEnds(text, seen, hunk.at)
    seen = hunk.at
    return { ...hunk, line, edits: [] }
  })
}

/** Tells of each hunk which edits touched what it makes. */
const nameEdits = (hunks: readonly ListedHunk[], touched: readonly Touched[]): ListedHunk[] => {
  let shift = 0
  const made = hunks.map((hunk) => {
    const from = hunk.at + shift
    shift += hunk.insert.length - hunk.remove
    return { from, to: from + hunk.insert.length, edits: new Set<number>() }
  })
  for (const { edit, from, to } of touched) {
    for (let n = firstAt(made, (hunk) => hunk.to >= from); n < made.length; n++) {
      const hunk = made[n] as (typeof made)[number]
      if (hunk.from > to) break
      hunk.edits.add(edit)
    }
  }
  return hunks.map((hunk, n) => ({ ...hunk, edits: [...(made[n]?.edits ?? [])].toSorted((a, b) => a - b) }))
}
