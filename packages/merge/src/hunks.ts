/**
 * The set of replacements that turns one text into another, so that writing a whole text into a live document leaves alone what did not
 * change, and the cursors in it.
 *
 * Lines first, then the words of each changed block: when somebody else changed the same word meanwhile, the two changes must meet, and
 * letters that happen to stay the same would hide that (`blue` to `red` on both sides would become `redred`). For the same reason changes with
 * nothing but spaces or signs between them are one, and a block of which little stays is replaced as it is. Nothing cuts a character in two.
 * The search for the smallest set costs the square of the difference, so beyond a bound a block is replaced as it is: right, only less fine. All the
 * searches of one comparison have a bound together, and so has the number of hunks.
 */
import { diffArrays } from 'diff'
import { findAnchors } from './anchors.ts'
import { joinHunks } from './few.ts'

/** A replacement; offsets and lengths are UTF-16 units of the text before. */
export interface Hunk {
  at: number
  remove: number
  insert: string
}

/** Hunks of one comparison; beyond it neighbours are joined, and what stays between them is replaced by itself. */
export const HUNKS_MAX = 2_000
/** Comparisons of two tokens, of which about twenty million take a second: for each character of both texts, and within bounds. */
const STEPS_PER_CHARACTER = 8
const STEPS_MIN = 500_000
const STEPS_MAX = 8_000_000
/** What it takes to cut a piece of text into words, in steps. */
const STEPS_OF_PIECE = 20
const STEPS_OF_CHARACTER = 1 / 4
/** Insertions plus deletions of the edit path; above it the block is replaced as a whole, or cut at the anchors first. */
const LINE_EDITS_MAX = 500
const UNCUT_EDITS_MAX = 200
const WORD_EDITS_MAX = 400
/** Blocks that are larger, before and after together, are not looked into: they have been written anew. */
const BLOCK_CHARACTERS_MAX = 64 * 1024
/** Lines of a block that are compared one by one. */
const PAIRED_LINES_MAX = 20_000
/** A block of which less than that part of its words stays is replaced as it is. */
const KEPT_PART_MIN = 1 / 3

/**
 * A word, a run of blanks, or one character with its marks. Scripts that put no spaces between words count by character.
 */
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*|[\p{L}\p{N}\p{M}_]+|[^\S\n]+|[\s\S]\p{M}*/gu
const WORD = /[\p{L}\p{N}]/u

/** What is left of the work that one comparison may take. Counted, not timed: the same texts always give the same hunks. */
interface Steps {
  left: number
}

/** Ordered, not overlapping, never touching, at most HUNKS_MAX; applying them to `before` gives `after`. */
export const diffToHunks = (before: string, after: string): Hunk[] => {
  if (before === after) return []
  const most = Math.min(STEPS_MAX, Math.max(STEPS_MIN, STEPS_PER_CHARACTER * (before.length + after.length)))
  // What the first look at the whole does not use up may be needed for the words of a block.
  const blocks = findBlocks(splitLines(before), splitLines(after), { left: most / 2 })
  const steps = { left: most / 2 }
  const hunks: Hunk[] = []
  for (const block of blocks) {
    const removed = before.slice(block.at, block.at + block.remove)
    for (const inner of diffLines(removed, block.insert, steps)) hunks.push({ ...inner, at: inner.at + block.at })
  }
  return joinHunks(before, hunks, HUNKS_MAX)
}

/** Lines with their ends; a text that ends with one has no empty line behind it. */
const splitLines = (text: string): string[] => {
  const lines: string[] = []
  let start = 0
  for (let end = text.indexOf('\n') + 1; end > 0; end = text.indexOf('\n', start) + 1) {
    lines.push(text.slice(start, end))
    start = end
  }
  if (start < text.length) lines.push(text.slice(start))
  return lines
}

/** The blocks of lines that differ; of texts that differ much, between the lines by which they hold together. */
const findBlocks = (before: readonly string[], after: readonly string[], steps: Steps): Hunk[] => {
  const uncut = { left: steps.left / 2 }
  const few = findChanges(before, after, { edits: UNCUT_EDITS_MAX, steps: uncut })
  if (few) return few
  const blocks: Hunk[] = []
  let at = 0
  let [i, j] = [0, 0]
  for (const [nextI, nextJ] of [...findAnchors(before, after), [before.length, after.length] as const]) {
    const removed = before.slice(i, nextI)
    for (const block of diffTokens(removed, after.slice(j, nextJ), { edits: LINE_EDITS_MAX, steps })) {
      blocks.push({ ...block, at: block.at + at })
    }
    at += lengthOf(removed) + (before[nextI]?.length ?? 0)
    i = nextI + 1
    j = nextJ + 1
  }
  return blocks
}

/** A block of as many lines as before: each of them has changed by itself. */
const diffLines = (before: string, after: string, steps: Steps): Hunk[] => {
  if (steps.left <= 0) return [{ at: 0, remove: before.length, insert: after }]
  const [removed, inserted] = [splitLines(before), splitLines(after)]
  if (removed.length !== inserted.length || removed.length > PAIRED_LINES_MAX) return diffBlock(before, after, steps)
  let at = 0
  return removed.flatMap((line, i) => {
    const start = at
    at += line.length
    return diffBlock(line, inserted[i] as string, steps).map((hunk) => ({ ...hunk, at: hunk.at + start }))
  })
}

/** The changes within a piece of text that differs. */
const diffBlock = (before: string, after: string, steps: Steps): Hunk[] => {
  if (before === after) return []
  const characters = before.length + after.length
  if (characters > BLOCK_CHARACTERS_MAX || steps.left <= 0) return [{ at: 0, remove: before.length, insert: after }]
  steps.left -= STEPS_OF_PIECE + characters * STEPS_OF_CHARACTER
  const most = { edits: WORD_EDITS_MAX, steps }
  const hunks = joinNear(before, diffTokens(before.match(TOKEN) ?? [], after.match(TOKEN) ?? [], most))
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

/** How much a search may find, and do. */
interface SearchLimits {
  edits: number
  steps: Steps
}

const diffTokens = (before: readonly string[], after: readonly string[], most: SearchLimits): Hunk[] => {
  const changes = findChanges(before, after, most)
  if (changes) return changes
  const { at, removed, inserted } = trimSame(before, after)
  return [{ at, remove: lengthOf(removed), insert: inserted.join('') }]
}

/** The smallest set of changes; null when it is larger than that, or not to be found with so little work. */
const findChanges = (before: readonly string[], after: readonly string[], most: SearchLimits): Hunk[] | null => {
  const { at, removed, inserted } = trimSame(before, after)
  if (removed.length === 0 && inserted.length === 0) return []
  const { steps, edits } = most
  if (steps.left <= 0) return null
  const changes = diffArrays(removed, inserted, {
    maxEditLength: edits,
    // A search that runs out of steps sees nothing alike any more: what it finds yet is right, and it soon finds too much.
    comparator: (left, right) => steps.left-- > 0 && left === right,
  })
  return changes ? changesToHunks(changes, at) : null
}

/** What is left without what both begin and end with, and where it begins. */
const trimSame = (before: readonly string[], after: readonly string[]) => {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let [beforeEnd, afterEnd] = [before.length, after.length]
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--
    afterEnd--
  }
  const at = lengthOf(before.slice(0, start))
  return { at, removed: before.slice(start, beforeEnd), inserted: after.slice(start, afterEnd) }
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
