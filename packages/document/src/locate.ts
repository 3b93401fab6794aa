/**
 * Finding the text that a writer quotes (AE2): a ladder from exact to similar, each step of which must find exactly one place. A quote is never
 * found by its first and last line alone: what lies between would be replaced unread.
 */
import { countEnds, LineViews, startOfLine } from './line-views.ts'
import { type Cells, findSimilar, toCells } from './similar.ts'

/** The step that found a quote. */
export type Match = 'exact' | 'blanks' | 'indentation' | 'signs' | 'similar'

export interface Quote {
  oldText: string
  newText: string
  /** Takes every exact place instead of the only one. */
  replaceAll?: boolean | undefined
}

/** A range of the text, and what is to stand there instead. */
export interface Replacement {
  from: number
  to: number
  insert: string
}

/** Lines for people: `line` is the number of the first one, counted from 1. */
export interface Excerpt {
  line: number
  text: string
}

export type Located =
  | { match: Match; replacements: Replacement[] }
  | { match: null; problem: 'ambiguous'; places: Excerpt[]; count: number }
  /**
   * `nearest` is the block that resembles the quote most; `isThere`: the new text stands in the text already; `isGivenUp`: there was too much to
   * compare, so that something similar may be there yet.
   */
  | { match: null; problem: 'missing'; nearest: Excerpt | null; isThere: boolean; isGivenUp?: true }
  /** Nothing is quoted, which stands for the whole of an empty text only. */
  | { match: null; problem: 'empty' }

const PLACES_SHOWN_MAX = 10
const CONTEXT_LINES = 2
const EXCERPT_CHARACTERS_MAX = 2_000
/** Places of a quote that are counted when they are not exact: two are too many already. */
const LIKE_PLACES_MAX = 100
/** Places of one `replaceAll`. */
export const REPLACED_PLACES_MAX = 10_000

/** A text in which the quotes of one call are looked for. */
export interface Search {
  views: LineViews
  cells: Cells
  /** Leaves out similarity: for a text that the writer has not read. */
  isExactEnough: boolean
}

export const toSearch = (text: string, isExactEnough = false): Search => ({
  views: new LineViews(text),
  cells: toCells(text),
  isExactEnough,
})

/** Finds a quote in the text of the search as it is by now. */
export const locate = (search: Search, quote: Quote): Located => {
  const { oldText, newText } = quote
  const { text } = search.views
  if (oldText === '') {
    if (text !== '') return { match: null, problem: 'empty' }
    return { match: 'exact', replacements: [{ from: 0, to: 0, insert: newText }] }
  }
  const exact = findAll(text, oldText).map((from) => ({ from, to: from + oldText.length, insert: newText }))
  if (quote.replaceAll && exact.length > 0) return { match: 'exact', replacements: exact }
  // Lines that do not match without any of their blanks match with none of them.
  const mayBeLines = () => search.views.through(trim).includes(linesOf(oldText).map(trim).join('\n'))
  const steps: [Match, () => Replacement[]][] = [
    ['exact', () => exact],
    ['blanks', () => (mayBeLines() ? findLines(search, quote, trimEnd, keep) : [])],
    ['indentation', () => (mayBeLines() ? findLines(search, quote, trim, reindent) : [])],
    ['signs', () => findBySigns(search, quote)],
  ]
  for (const [match, find] of steps) {
    const replacements = find()
    if (replacements.length === 1) return { match, replacements }
    if (replacements.length > 1) return ambiguous(text, replacements)
  }
  const { found, nearest, isGivenUp } = findSimilar(text, search.views.through(trim), oldText, search.cells)
  const [best] = found
  if (best && !search.isExactEnough) {
    if (found.length > 1) return ambiguous(text, found)
    return { match: 'similar', replacements: [{ ...best, insert: endLike(newText, oldText) }] }
  }
  const isThere = newText !== '' && text.includes(newText)
  const missing = { match: null, problem: 'missing', nearest: nearest && excerpt(text, nearest, 0), isThere } as const
  return isGivenUp ? { ...missing, isGivenUp } : missing
}

const trimEnd = (line: string): string => line.trimEnd()
const trim = (line: string): string => line.trim()

const ambiguous = (text: string, places: readonly { from: number; to: number }[]): Located => ({
  match: null,
  problem: 'ambiguous',
  places: places.slice(0, PLACES_SHOWN_MAX).map((place) => excerpt(text, place, CONTEXT_LINES)),
  count: places.length,
})

/** The lines of a range, with `context` more at either side. */
const excerpt = (text: string, { from, to }: { from: number; to: number }, context: number): Excerpt => {
  let start = from
  let end = to
  for (let n = 0; n <= context && start >= 0; n++) start = text.lastIndexOf('\n', start - 1)
  for (let n = 0; n <= context && end !== -1; n++) end = text.indexOf('\n', end + (n === 0 ? 0 : 1))
  const before = start < 0 ? 0 : start + 1
  const lines = text.slice(before, end === -1 ? text.length : end).slice(0, EXCERPT_CHARACTERS_MAX)
  return { line: countEnds(text, 0, from) + 1, text: lines.toWellFormed() }
}

const findAll = (text: string, wanted: string, most = REPLACED_PLACES_MAX): number[] => {
  const found: number[] = []
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
    found.push(at)
    if (found.length > most) break
  }
  return found
}

/** Tells how the new text is made to fit the lines that were found; null when they do not fit the quote after all. */
type Adapt = (found: readonly string[], quoted: readonly string[]) => ((newText: string) => string) | null

const keep: Adapt = () => (newText) => newText

/** Whole lines that are the same when each is seen through `view`. */
const findLines = (
  { views, cells }: Search,
  { oldText, newText }: Quote,
  view: (line: string) => string,
  adapt: Adapt,
): Replacement[] => {
  const { text } = views
  const quoted = linesOf(oldText)
  const wanted = quoted.map(view)
  if (wanted.every((line) => line === '')) return []
  const haystack = `\n${views.through(view)}\n`
  const needle = `\n${wanted.join('\n')}\n`
  const found: { from: number; to: number; toInsert: (newText: string) => string }[] = []
  let [seen, from] = [0, 0]
  for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + 1)) {
    from = startOfLine(text, countEnds(haystack, seen, at), from)
    seen = at
    cells.left -= quoted.length
    if (cells.left <= 0) return []
    if (found.length > LIKE_PLACES_MAX) break
    const to = startOfLine(text, quoted.length, from) - 1
    const toInsert = adapt(text.slice(from, to).split('\n'), quoted)
    if (toInsert) found.push({ from, to, toInsert })
  }
  // What is found in several places is told, and not made.
  const isOnly = found.length === 1
  return found.map(({ toInsert, ...at }) => ({ ...at, insert: isOnly ? toInsert(endLike(newText, oldText)) : '' }))
}

/** The lines of a quote; the end of its last line is not a line of its own. */
const linesOf = (quote: string): string[] => quote.replace(/\n$/, '').split('\n')

/** The new text without the end of its last line, when the quote had one too: whole lines are replaced up to theirs. */
const endLike = (newText: string, oldText: string): string =>
  oldText.endsWith('\n') ? newText.replace(/\n$/, '') : newText

/** The same lines, all of them further in, or all of them further out, by the same blanks; the new text goes with them. */
const reindent: Adapt = (found, quoted) => {
  let shift: { added: string; removed: string } | null = null
  for (const [i, line] of quoted.entries()) {
    if (line.trim() === '') continue
    const [is, was] = [blanksOf(found[i] as string), blanksOf(line)]
    if (is.length >= was.length ? !is.endsWith(was) : !was.endsWith(is)) return null
    const added = is.slice(0, Math.max(0, is.length - was.length))
    const removed = was.slice(0, Math.max(0, was.length - is.length))
    if (shift && (shift.added !== added || shift.removed !== removed)) return null
    shift = { added, removed }
  }
  if (!shift) return null
  const { added, removed } = shift
  return (newText) =>
    newText
      .split('\n')
      .map((line) => {
        if (line.trim() === '') return line
        return added + (line.startsWith(removed) ? line.slice(removed.length) : line.trimStart())
      })
      .join('\n')
}

const blanksOf = (line: string): string => /^[^\S\n]*/.exec(line)?.[0] ?? ''

/** Signs that keyboards and models write in more than one way. */
const SIGNS: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '‛': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '‐': '-',
  '‑': '-',
  '‒': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '…': '...',
  '\u00a0': ' ',
  '\u2009': ' ',
  '\u202f': ' ',
}

/** The quote with other signs of the same meaning, or composed otherwise (NFC). */
const findBySigns = ({ views }: Search, { oldText, newText }: Quote): Replacement[] => {
  const { text } = views
  const plain = views.through(plainLine)
  const wanted = new LineViews(oldText).through(plainLine)
  const origin = originIn(text, plain)
  return findAll(plain, wanted, LIKE_PLACES_MAX).flatMap((at) => {
    const [from, to] = [origin(at), origin(at + wanted.length)]
    return from === null || to === null ? [] : [{ from, to, insert: newText }]
  })
}

const ASCII = /^[\0-\x7f]*$/
const UNITS = /(?:[\0-\x7f](?!\p{M}))+|[\s\S]\p{M}*/gu

const plainLine = (line: string): string => (ASCII.test(line) ? line : line.replaceAll(UNITS, plainUnit))
const plainUnit = (unit: string): string => SIGNS[unit] ?? unit.normalize('NFC')

/** Gives the place in the text of a place in its plain form, null within a sign. Places have to be asked for in their order. */
const originIn = (text: string, plain: string): ((at: number) => number | null) => {
  let [from, plainFrom] = [0, 0]
  let places: Place[] | null = null
  return (at) => {
    const lines = countEnds(plain, plainFrom, at)
    if (lines > 0) {
      from = startOfLine(text, lines, from)
      plainFrom = startOfLine(plain, lines, plainFrom)
      places = null
    }
    places ??= placesOf(text.slice(from, startOfLine(text, 1, from) - 1))
    const inLine = findOrigin(places, at - plainFrom)
    return inLine === null ? null : from + inLine
  }
}

/** Places of a line that belong together, in its plain form and in itself. */
interface Place {
  at: number
  from: number
}

const placesOf = (line: string): Place[] => {
  if (ASCII.test(line)) return [{ at: 0, from: 0 }]
  const places: Place[] = []
  let [at, from] = [0, 0]
  for (const [unit] of line.matchAll(UNITS)) {
    places.push({ at, from })
    at += plainUnit(unit).length
    from += unit.length
  }
  places.push({ at, from })
  return places
}

const findOrigin = (places: readonly Place[], wanted: number): number | null => {
  let [low, high] = [0, places.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((places[middle] as Place).at <= wanted) low = middle
    else high = middle - 1
  }
  const { at, from } = places[low] as Place
  const next = places[low + 1]
  const isPlain = !next || next.at - at === next.from - from
  return wanted === at || isPlain ? from + (wanted - at) : null
}
