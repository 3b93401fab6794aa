/** Which lines a write has changed: their text before and after, and where they stand. */
import { endOfLine, lineStart } from './line-views.ts'
import type { TextEdit } from './text-edit.ts'

export interface ChangedLines {
  /** Whole lines, of the text after the write. */
  from: number
  to: number
  before: string
  after: string
}

/** The changed lines, in order; those that touch are one place. The edits are ordered and apart, for the text `before`. */
export const changedLines = (before: string, after: string, edits: readonly TextEdit[]): ChangedLines[] => {
  const places: { from: number; to: number; shiftFrom: number; shiftTo: number }[] = []
  let shift = 0
  for (const { at, remove, insert } of edits) {
    const from = lineStart(before, at)
    const isOfWholeLines = from === at && isLineStart(before, at + remove) && (insert === '' || insert.endsWith('\n'))
    const to = isOfWholeLines ? at + remove : nextLine(before, at + remove)
    const last = places.at(-1)
    const shiftTo = shift + insert.length - remove
    if (last && from <= last.to) Object.assign(last, { to: Math.max(last.to, to), shiftTo })
    else places.push({ from, to, shiftFrom: shift, shiftTo })
    shift = shiftTo
  }
  return places.map(({ from, to, shiftFrom, shiftTo }) => ({
    from: from + shiftFrom,
    to: to + shiftTo,
    before: before.slice(from, to),
    after: after.slice(from + shiftFrom, to + shiftTo),
  }))
}

export { lineStart } from './line-views.ts'

/** The range with the rest of the lines that it begins and ends in; what ends where a line begins stays there. */
export const wholeLines = (text: string, { from, to }: { from: number; to: number }): { from: number; to: number } => {
  const start = lineStart(text, from)
  if (to > start && isLineStart(text, to)) return { from: start, to }
  return from === to && start === from ? { from, to } : { from: start, to: nextLine(text, to) }
}

/** Where the line of a position ends, with its line end. */
export const nextLine = (text: string, at: number): number => Math.min(text.length, endOfLine(text, at) + 1)

const isLineStart = (text: string, at: number): boolean => at === 0 || text[at - 1] === '\n'
