/**
 * Finding lines that resemble a quote: each candidate is aligned with it line by line, so that a line that was added, dropped or
 * retyped costs what it is worth, and nothing counts that lies outside. Bounded: long quotes and long lines are compared for equality only.
 */

export interface SimilarLines {
  /** Ranges whose similarity is at least .9, best first, apart from each other. */
  found: { from: number; to: number }[]
  /** What resembles the quote most, at least a little. */
  nearest: { from: number; to: number } | null
}

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

export const findSimilar = (text: string, quote: string): SimilarLines => {
  const quoted = quote.replace(/\n$/, '').split('\n')
  if (quoted.length > QUOTE_LINES_MAX) return { found: [], nearest: null }
  const lines = text.split('\n')
  const trimmed = lines.map((line) => line.trim())
  const wanted = quoted.map((line) => line.trim())
  const candidates = [...findStarts(trimmed, wanted)]
    .map((start) => align(trimmed, wanted, start))
    .filter((candidate): candidate is Candidate => candidate !== null)
    .toSorted((a, b) => b.score - a.score)
  const apart: Candidate[] = []
  for (const candidate of candidates) {
    if (apart.every(({ first, last }) => candidate.last < first || candidate.first > last)) apart.push(candidate)
  }
  const toRange = ({ first, last }: Candidate) => {
    const from = lines.slice(0, first).reduce((sum, line) => sum + line.length + 1, 0)
    return { from, to: from + lines.slice(first, last + 1).join('\n').length }
  }
  const [best] = apart
  return {
    found: apart.filter(({ score }) => score >= SIMILARITY_MIN).map(toRange),
    nearest: best && best.score >= NEAREST_MIN ? toRange(best) : null,
  }
}

/** Lines at which the quote might begin: where its longest lines, or lines like them, would fall into place. */
const findStarts = (lines: readonly string[], wanted: readonly string[]): Set<number> => {
  const anchors = wanted
    .map((line, i) => ({ line, i }))
    .toSorted((a, b) => b.line.length - a.line.length)
    .slice(0, ANCHORS)
  const starts = new Set<number>()
  for (const { line, i } of anchors) {
    if (line === '') continue
    for (const [n, here] of lines.entries()) {
      if (starts.size >= CANDIDATES_MAX) return starts
      if (lineSimilarity(here, line, LINE_SIMILARITY_MIN) > 0) starts.add(n - i)
    }
  }
  return starts
}

/** The best alignment of the quote with the lines around `start`; each of its characters counts, and lines in between count against. */
const align = (lines: readonly string[], wanted: readonly string[], start: number): Candidate | null => {
  const low = Math.max(0, start - WANDER)
  const region = lines.slice(low, Math.max(0, start + wanted.length + WANDER))
  const weight = wanted.reduce((sum, line) => sum + line.length + 1, 0)
  interface Cell {
    score: number
    first: number
    last: number
  }
  const none: Cell = { score: 0, first: -1, last: -1 }
  // Row by row of the quote; a column is a line of the region.
  let above: Cell[] = Array.from({ length: region.length + 1 }, () => none)
  for (const [i, line] of wanted.entries()) {
    const row: Cell[] = [none]
    for (const [j, here] of region.entries()) {
      const isNear = Math.abs(low + j - (start + i)) <= WANDER
      const same = isNear ? lineSimilarity(here, line, LINE_SIMILARITY_MIN) : 0
      const diagonal = above[j] as Cell
      const left = row[j] as Cell
      const options: Cell[] = [above[j + 1] as Cell]
      // A line of the text that the quote does not have.
      if (left.first !== -1) options.push({ ...left, score: left.score - here.length - 1 })
      if (same > 0) {
        const score = diagonal.score + same * (line.length + 1)
        options.push({ score, first: diagonal.first === -1 ? j : diagonal.first, last: j })
      }
      row.push(options.reduce((best, option) => (option.score > best.score ? option : best)))
    }
    above = row
  }
  const best = above.reduce((most, cell) => (cell.score > most.score ? cell : most), none)
  if (best.first === -1) return null
  return { score: best.score / weight, first: low + best.first, last: low + best.last }
}

/** 1 when equal, 0 when less than `least`: how much of the longer line stays. */
const lineSimilarity = (a: string, b: string, least: number): number => {
  if (a === b) return 1
  const longest = Math.max(a.length, b.length)
  const edits = Math.floor(longest * (1 - least))
  if (longest > LINE_CHARACTERS_MAX || Math.abs(a.length - b.length) > edits) return 0
  const distance = editDistance(a, b, edits)
  return distance > edits ? 0 : 1 - distance / longest
}

/** Levenshtein's distance, given up as soon as it is above `most`. */
const editDistance = (a: string, b: string, most: number): number => {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const isFar = Math.abs(i - j) > most
      const swap = (above[j - 1] as number) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1)
      const cost = isFar ? most + 1 : Math.min(swap, (above[j] as number) + 1, (row[j - 1] as number) + 1)
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least > most) return most + 1
    above = row
  }
  return above[b.length] as number
}
