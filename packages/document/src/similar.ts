/**
 * Finding lines that resemble a quote: each candidate is aligned with it line by line, so that a line that was added, dropped or
 * retyped costs what it is worth, and nothing counts that lies outside. Bounded: long quotes and long lines are compared for equality only, and the
 * quotes of one call may take a number of cells, beyond which nothing is found: less than the whole of a text proves no place to be the only one.
 */
import { startOfLine } from './line-views.ts'

export interface SimilarLines {
  /** Ranges whose similarity is at least .9, best first, apart from each other. */
  found: { from: number; to: number }[]
  /** What resembles the quote most, at least a little. */
  nearest: { from: number; to: number } | null
  /** There was too much to compare: nothing was found, whatever may be there. */
  isGivenUp: boolean
}

/** What the comparisons of one call may still take: steps of some nanoseconds. Counted, so that the same call always finds the same. */
export interface Cells {
  left: number
}

/** For each character of the text, and within bounds. */
const CELLS_PER_CHARACTER = 16
const CELLS_MIN = 8_000_000
const CELLS_MAX = 64_000_000
export const toCells = (text: string): Cells => ({
  left: Math.min(CELLS_MAX, Math.max(CELLS_MIN, CELLS_PER_CHARACTER * text.length)),
})

export const SIMILARITY_MIN = 0.9
const NEAREST_MIN = 0.4
const QUOTE_LINES_MAX = 400
const LINE_CHARACTERS_MAX = 300
/** Lines of the quote by which candidates are looked for, and candidates that are looked at. */
const ANCHORS = 3
const CANDIDATES_MAX = 40
/** Two lines less similar than that have nothing to do with each other. */
const LINE_SIMILARITY_MIN = 0.6
/** How far a line may have wandered within its block. */
const WANDER = 2

interface Candidate {
  score: number
  first: number
  last: number
}

/** `trimmed`: the text with its lines trimmed, as long as the text has lines. */
export const findSimilar = (text: string, trimmed: string, quote: string, cells: Cells): SimilarLines => {
  const wanted = quote
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.trim())
  if (wanted.length > QUOTE_LINES_MAX) return { found: [], nearest: null, isGivenUp: true }
  const lines = trimmed.split('\n')
  const candidates = [...findStarts(lines, wanted, cells)]
    .map((start) => align(lines, wanted, start, cells))
    .filter((candidate): candidate is Candidate => candidate !== null)
    .toSorted((a, b) => b.score - a.score)
  const apart: Candidate[] = []
  for (const candidate of candidates) {
    if (apart.every(({ first, last }) => candidate.last < first || candidate.first > last)) apart.push(candidate)
  }
  const toRange = ({ first, last }: Candidate) => {
    const from = startOfLine(text, first)
    return { from, to: startOfLine(text, last - first + 1, from) - 1 }
  }
  const isGivenUp = cells.left <= 0
  const [best] = apart
  return {
    found: isGivenUp ? [] : apart.filter(({ score }) => score >= SIMILARITY_MIN).map(toRange),
    nearest: best && best.score >= NEAREST_MIN ? toRange(best) : null,
    isGivenUp,
  }
}

/** Lines at which the quote might begin: where its longest lines, or lines like them, would fall into place. */
const findStarts = (lines: readonly string[], wanted: readonly string[], cells: Cells): Set<number> => {
  const anchors = wanted
    .map((line, i) => ({ line, i }))
    .toSorted((a, b) => b.line.length - a.line.length)
    .slice(0, ANCHORS)
  const starts = new Set<number>()
  for (const { line, i } of anchors) {
    if (line === '') continue
    cells.left -= lines.length
    for (const [n, here] of lines.entries()) {
      if (starts.size >= CANDIDATES_MAX) return starts
      if (lineSimilarity(here, line, cells) > 0) starts.add(n - i)
    }
  }
  return starts
}

/** The best alignment of the quote with the lines around `start`; each of its characters counts, and lines in between count against. */
const align = (lines: readonly string[], wanted: readonly string[], start: number, cells: Cells): Candidate | null => {
  const low = Math.max(0, start - WANDER)
  const region = lines.slice(low, Math.max(0, start + wanted.length + WANDER))
  const weight = wanted.reduce((sum, line) => sum + line.length + 1, 0)
  const none: Candidate = { score: 0, first: -1, last: -1 }
  /** The best way to have aligned the lines of the quote until now, by the line of the region behind its last one. */
  const ways: Candidate[] = Array.from({ length: region.length + 1 }, () => none)
  let best = none
  for (const [i, line] of wanted.entries()) {
    const near = start + i - low
    let diagonal = ways[Math.max(0, near - WANDER)] ?? none
    for (let j = Math.max(0, near - WANDER); j <= near + WANDER && j < region.length; j++) {
      const here = region[j] as string
      const same = lineSimilarity(here, line, cells)
      const [left, above] = [ways[j] as Candidate, ways[j + 1] as Candidate]
      let way = above
      // A line of the text that the quote does not have.
      const skipped = left.score - here.length - 1
      if (left.first !== -1 && skipped > way.score) way = { ...left, score: skipped }
      const score = diagonal.score + same * (line.length + 1)
      if (same > 0 && score > way.score) way = { score, first: diagonal.first === -1 ? j : diagonal.first, last: j }
      if (way.score > best.score) best = way
      diagonal = above
      ways[j + 1] = way
    }
  }
  if (best.first === -1) return null
  return { score: best.score / weight, first: low + best.first, last: low + best.last }
}

/** 1 when equal, 0 when less than the least that counts: how much of the longer line stays. */
const lineSimilarity = (a: string, b: string, cells: Cells): number => {
  if (a === b) return 1
  const longest = Math.max(a.length, b.length)
  const edits = Math.floor(longest * (1 - LINE_SIMILARITY_MIN))
  if (longest > LINE_CHARACTERS_MAX || Math.abs(a.length - b.length) > edits || cells.left <= 0) return 0
  const distance = editDistance(a, b, edits, cells)
  return distance > edits ? 0 : 1 - distance / longest
}

/** Levenshtein's distance, within the band in which it is at most `most`; above that as soon as it is known to be. */
const editDistance = (a: string, b: string, most: number, cells: Cells): number => {
  let above = new Uint16Array(b.length + 2).fill(most + 1)
  let row = new Uint16Array(b.length + 2)
  for (let j = 0; j <= Math.min(b.length, most); j++) above[j] = j
  for (let i = 1; i <= a.length; i++) {
    const [first, last] = [Math.max(1, i - most), Math.min(b.length, i + most)]
    cells.left -= last - first + 1
    row[first - 1] = first === 1 ? i : most + 1
    let least = row[first - 1] as number
    for (let j = first; j <= last; j++) {
      const swap = (above[j - 1] as number) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1)
      const cost = Math.min(swap, (above[j] as number) + 1, (row[j - 1] as number) + 1)
      row[j] = cost
      if (cost < least) least = cost
    }
    if (least > most) return most + 1
    row[last + 1] = most + 1
    ;[above, row] = [row, above]
  }
  return above[b.length] as number
}
