/**
 * The set of replacements that turns one text into another, so that writing a whole text into a live document leaves alone what did not
 * change, and the cursors in it.
 *
 * Lines first, then the words of each changed block: when somebody else changed the same word meanwhile, the two changes must meet, and
 * letters that happen to stay the same would hide that (`blue` to `red` on both sides would become `redred`). For the same reason changes with
 * nothing but spaces or signs between them are one, and a block of which little stays is replaced as it is. Nothing cuts a character in two.
 * The search for the smallest set costs the square of the difference, so beyond a bound a block is replaced as it is: right, only less fine.
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
const WORD_EDITS_MAX = 400
/** A block of which less than that part of its words stays is replaced as it is. */
const KEPT_PART_MIN = 1 / 3

/**
 * A word, a run of blanks, or one character with its marks. Scripts that put no spaces between words count by character.
 */
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*|[\p{L}\p{N}\p{M}_]+|[^\S\n]+|[\s\S]\p{M}*/gu
const WORD = /[\p{L}\p{N}]/u

/** Ordered, not overlapping, never touching; applying them to `before` gives `after`. */
export const diffToHunks = (before: string, after: string): Hunk[] => {
  if (before === after) return []
  const hunks: Hunk[] = []
  for (const block of diffTokens(splitLines(before), splitLines(after), LINE_EDITS_MAX)) {
    const removed = before.slice(block.at, block.at + block.remove)
    for (const inner of diffLines(removed, block.insert)) hunks.push({ ...inner, at: inner.at + block.at })
  }
  return hunks
}

const splitLines = (text: string): string[] => text.split(/(?<=\n)/)

/** A block of as many lines as before: each of them has changed by itself. */
const diffLines = (before: string, after: string): Hunk[] => {
  const [removed, inserted] = [splitLines(before), splitLines(after)]
  if (removed.length !== inserted.length) return diffBlock(before, after)
  let at = 0
  return removed.flatMap((line, i) => {
    const start = at
    at += line.length
    return diffBlock(line, inserted[i] as string).map((hunk) => ({ ...hunk, at: hunk.at + start }))
  })
}

/** The changes within a piece of text that differs. */
const diffBlock = (before: string, after: string): Hunk[] => {
  const hunks = joinNear(before, diffTokens(before.match(TOKEN) ?? [], after.match(TOKEN) ?? [], WORD_EDITS_MAX))
  const [first, last] = [hunks[0], hunks.at(-1)]
  if (!first || !last || first === last) return hunks
  const removed = hunks.reduce((sum, { remove }) => sum + remove, 0)
  const [from, to] = [first.at, last.at + last.remove]
  if (to - from - removed >= (to - from) * KEPT_PART_MIN) return hunks
  return [{ at: from, remove: to - from, insert: after.slice(from, after.length - (before.length - to)) }]
}

/** Changes with no word and no end of a line between them become one. */
const joinNear = (before: string, hunks: readonly Hunk[]): Hunk[] => {
  const joined: Hunk[] = []
  for (const hunk of hunks) {
    const last = joined.at(-1)
    const gap = last && before.slice(last.at + last.remove, hunk.at)
    if (last === undefined || gap === undefined || gap.includes('\n') || WORD.test(gap)) joined.push({ ...hunk })
    else {
      last.insert += gap + hunk.insert
      last.remove += gap.length + hunk.remove
    }
  }
  return joined
}

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
