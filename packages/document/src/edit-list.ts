/**
 * The edits of one call, each made on the text that the edits before it have left, as hunks in the text that was read.
 */
import { diffToHunks } from '@skein/merge'
import { isInsidePair } from './code-points.ts'
import { toChanges } from './journal.ts'
import { type Located, locate, type Match, type Quote, REPLACED_PLACES_MAX } from './locate.ts'
import type { TextEdit } from './text-edit.ts'

/** A quote to be replaced, or a position in the text as the edits before have left it. */
export type ListedEdit = Quote | TextEdit

/** A hunk, and which of the listed edits it comes from. */
export interface ListedHunk extends TextEdit {
  edits: readonly number[]
}

export type EditProblem =
  | { edit: number; problem: Extract<Located, { match: null }> }
  /** A position that is not in the text or cuts a character in two; or more places than one call may change. */
  | { edit: number; problem: { problem: 'outside' | 'too-many' } }

export type HunkList = { hunks: ListedHunk[]; text: string; matches: (Match | 'position')[] } | EditProblem

/** Makes the edits on `text`. `isExactEnough` leaves out similar places: for a text that the writer has not read. */
export const listHunks = (text: string, edits: readonly ListedEdit[], isExactEnough = false): HunkList => {
  let now = text
  const matches: (Match | 'position')[] = []
  /** Ranges of each edit, in the text as it is after the last one. */
  let touched: { edit: number; from: number; to: number }[] = []
  for (const [edit, listed] of edits.entries()) {
    const placed = place(now, listed, isExactEnough)
    if ('problem' in placed) return { edit, problem: placed } as EditProblem
    const { replacements } = placed
    if (touched.length + replacements.length > REPLACED_PLACES_MAX) return { edit, problem: { problem: 'too-many' } }
    const changes = toChanges(replacements, now.length)
    touched = touched.map(({ edit: earlier, from, to }) => ({
      edit: earlier,
      from: changes.mapPos(from, -1),
      to: changes.mapPos(to, 1),
    }))
    changes.iterChangedRanges((_fromA, _toA, from, to) => touched.push({ edit, from, to }))
    now = replace(now, replacements)
    matches.push(placed.match)
  }
  return { hunks: nameEdits(diffToHunks(text, now), touched), text: now, matches }
}

type Placed =
  | { match: Match | 'position'; replacements: { from: number; to: number; insert: string }[] }
  | Extract<Located, { match: null }>
  | { problem: 'outside' }

const place = (text: string, edit: ListedEdit, isExactEnough: boolean): Placed => {
  if ('oldText' in edit) return locate(text, edit, isExactEnough)
  const { at, remove, insert } = edit
  const isThere = at >= 0 && remove >= 0 && at + remove <= text.length
  if (!isThere || isInsidePair(text, at) || isInsidePair(text, at + remove)) return { problem: 'outside' }
  return { match: 'position', replacements: [{ from: at, to: at + remove, insert }] }
}

const replace = (text: string, replacements: readonly { from: number; to: number; insert: string }[]): string => {
  const parts: string[] = []
  let end = 0
  for (const { from, to, insert } of replacements) {
    parts.push(text.slice(end, from), insert)
    end = to
  }
  return parts.join('') + text.slice(end)
}

const nameEdits = (
  hunks: readonly TextEdit[],
  touched: readonly { edit: number; from: number; to: number }[],
): ListedHunk[] => {
  let shift = 0
  return hunks.map((hunk) => {
    const from = hunk.at + shift
    const to = from + hunk.insert.length
    shift += hunk.insert.length - hunk.remove
    const edits = new Set(touched.filter((range) => range.from <= to && range.to >= from).map(({ edit }) => edit))
    return { ...hunk, edits: [...edits].toSorted((a, b) => a - b) }
  })
}
