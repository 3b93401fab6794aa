/**
 * The smallest set of replacements that turns one text into another, so that writing a whole text into a live document leaves alone what
 * did not change, and the cursors in it.
 *
 * Lines first, then the characters of each changed block; whole characters always (a surrogate pair is never cut). The search for the
 * smallest set costs the square of the difference, so beyond a bound a block is replaced as it is: right, only less fine.
 */
import { diffArrays } from 'diff'

/** A replacement; offsets and lengths are UTF-16 units of the text before. */
export interface Hunk {
  at: number
  remove: number
  insert: string
}

/** Insertions plus deletions of the edit path; above it the block is replaced as a whole. */
const LINE_EDITS_MAX = 2000
const CHARACTER_EDITS_MAX = 400

/** Ordered, not overlapping, never touching; applying them to `before` gives `after`. */
export const diffToHunks = (before: string, after: string): Hunk[] => {
  const hunks: Hunk[] = []
  for (const block of diffTokens(splitLines(before), splitLines(after), LINE_EDITS_MAX)) {
    const removed = before.slice(block.at, block.at + block.remove)
    for (const inner of diffTokens([...removed], [...block.insert], CHARACTER_EDITS_MAX)) {
      hunks.push({ ...inner, at: inner.at + block.at })
    }
  }
  return hunks
}

const splitLines = (text: string): string[] => text.split(/(?<=\n)/)

const lengthOf = (tokens: readonly string[]): number => tokens.reduce((sum, token) => sum + token.length, 0)

const diffTokens = (before: readonly string[], after: readonly string[], maxEditLength: number): Hunk[] => {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let [beforeEnd, afterEnd] = [before.length, after.length]
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--
    afterEnd--
  }
  const at = lengthOf(before.slice(0, start))
  const [oldTokens, newTokens] = [before.slice(start, beforeEnd), after.slice(start, afterEnd)]
  if (oldTokens.length === 0 && newTokens.length === 0) return []
  const changes = diffArrays(oldTokens, newTokens, { maxEditLength })
  if (!changes) return [{ at, remove: lengthOf(oldTokens), insert: newTokens.join('') }]
  return changesToHunks(changes, at)
}

interface Change {
  value: string[]
  added?: boolean
  removed?: boolean
}

const changesToHunks = (changes: readonly Change[], start: number): Hunk[] => {
  const hunks: Hunk[] = []
  let at = start
  let open: Hunk | undefined
  for (const { value, added, removed } of changes) {
    if (!added && !removed) {
      at += lengthOf(value)
      open = undefined
      continue
    }
    if (!open) {
      open = { at, remove: 0, insert: '' }
      hunks.push(open)
    }
    if (added) open.insert += value.join('')
    else {
      open.remove += lengthOf(value)
      at += lengthOf(value)
    }
  }
  return hunks
}
