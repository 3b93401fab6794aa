/**
 * Finding the text that a writer quotes (AE2): a ladder from exact to similar, each step of which must find exactly one place. A quote is never
 * found by its first and last line alone: what lies between would be replaced unread.
 */
import { findSimilar } from './similar.ts'

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
  /** `nearest` is the block that resembles the quote most; `isThere`: the new text stands in the text already. */
  | { match: null; problem: 'missing'; nearest: Excerpt | null; isThere: boolean }
  /** Nothing is quoted, which stands for the whole of an empty text only. */
  | { match: null; problem: 'empty' }

const PLACES_SHOWN_MAX = 10
const CONTEXT_LINES = 2
const EXCERPT_CHARACTERS_MAX = 2_000
/** Places of one `replaceAll`. */
export const REPLACED_PLACES_MAX = 10_000

/** Finds a quote. `isExactEnough` leaves out similarity: for a text that the writer has not read. */
export const locate = (text: string, quote: Quote, isExactEnough = false): Located => {
  const { oldText, newText } = quote
  if (oldText === '') {
    if (text !== '') return { match: null, problem: 'empty' }
    return { match: 'exact', replacements: [{ from: 0, to: 0, insert: newText }] }
  }
  const exact = findAll(text, oldText).map((from) => ({ from, to: from + oldText.length, insert: newText }))
  if (quote.replaceAll && exact.length > 0) return { match: 'exact', replacements: exact }
  const steps: [Match, () => Replacement[]][] = [
    ['exact', () => exact],
    ['blanks', () => findLines(text, quote, (line) => line.trimEnd(), keep)],
    ['indentation', () => findLines(text, quote, (line) => line.trim(), reindent)],
    ['signs', () => findBySigns(text, quote)],
  ]
  for (const [match, find] of steps) {
    const replacements = find()
    if (replacements.length === 1) return { match, replacements }
    if (replacements.length > 1) return ambiguous(text, replacements)
  }
  const similar = findSimilar(text, oldText)
  const [best] = similar.found
  if (best && !isExactEnough) {
    if (similar.found.length > 1) return ambiguous(text, similar.found)
    return { match: 'similar', replacements: [{ ...best, insert: endLike(newText, oldText) }] }
  }
  const { nearest } = similar
  const isThere = newText !== '' && text.includes(newText)
  return { match: null, problem: 'missing', nearest: nearest && excerpt(text, nearest, 0), isThere }
}

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
  return { line: countLines(text, from), text: lines.toWellFormed() }
}

/** The number of the line on which a position stands, counted from 1. */
export const countLines = (text: string, at: number): number => {
  let lines = 1
  for (let next = text.indexOf('\n'); next !== -1 && next < at; next = text.indexOf('\n', next + 1)) lines++
  return lines
}

const findAll = (text: string, wanted: string): number[] => {
  const found: number[] = []
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
    found.push(at)
    if (found.length > REPLACED_PLACES_MAX) break
  }
  return found
}

/** Makes the new text fit the lines that were found; null when they do not fit the quote after all. */
type Adapt = (found: readonly string[], quoted: readonly string[], newText: string) => string | null

const keep: Adapt = (_found, _quoted, newText) => newText

/** Whole lines that are the same when each is seen through `view`. */
const findLines = (
  text: string,
  { oldText, newText }: Quote,
  view: (line: string) => string,
  adapt: Adapt,
): Replacement[] => {
  const lines = text.split('\n')
  const quoted = linesOf(oldText)
  const wanted = quoted.map(view)
  if (wanted.every((line) => line === '')) return []
  const haystack = `\n${lines.map(view).join('\n')}\n`
  const found: Replacement[] = []
  const starts = startsOf(lines)
  let line = 0
  let seen = 0
  const needle = `\n${wanted.join('\n')}\n`
  for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + 1)) {
    for (; seen < at; line++) seen = haystack.indexOf('\n', seen + 1)
    const there = lines.slice(line, line + quoted.length)
    const insert = adapt(there, quoted, endLike(newText, oldText))
    const from = starts[line] as number
    if (insert !== null) found.push({ from, to: from + there.join('\n').length, insert })
    if (found.length > REPLACED_PLACES_MAX) break
  }
  return found
}

/** The lines of a quote; the end of its last line is not a line of its own. */
const linesOf = (quote: string): string[] => quote.replace(/\n$/, '').split('\n')

/** The new text without the end of its last line, when the quote had one too: whole lines are replaced up to theirs. */
const endLike = (newText: string, oldText: string): string =>
  oldText.endsWith('\n') ? newText.replace(/\n$/, '') : newText

const startsOf = (lines: readonly string[]): number[] => {
  let at = 0
  return lines.map((line) => {
    const start = at
    at += line.length + 1
    return start
  })
}

/** The same lines, all of them further in, or all of them further out, by the same blanks; the new text goes with them. */
const reindent: Adapt = (found, quoted, newText) => {
  let shift: { added: string } | { removed: string } | null = null
  for (const [i, line] of quoted.entries()) {
    if (line.trim() === '') continue
    const [is, was] = [blanksOf(found[i] as string), blanksOf(line)]
    if (is.length >= was.length ? !is.endsWith(was) : !was.endsWith(is)) return null
    const here: { added: string } | { removed: string } =
      is.length >= was.length
        ? { added: is.slice(0, is.length - was.length) }
        : { removed: was.slice(0, was.length - is.length) }
    if (shift && JSON.stringify(shift) !== JSON.stringify(here)) return null
    shift = here
  }
  if (!shift) return null
  const by = shift
  return newText
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return line
      if ('added' in by) return by.added + line
      return line.startsWith(by.removed) ? line.slice(by.removed.length) : line.trimStart()
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
const findBySigns = (text: string, { oldText, newText }: Quote): Replacement[] => {
  const plain = plainSigns(text)
  const wanted = plainSigns(oldText).text
  return findAll(plain.text, wanted).flatMap((at) => {
    const [from, to] = [plain.origin(at), plain.origin(at + wanted.length)]
    return from === null || to === null ? [] : [{ from, to, insert: newText }]
  })
}

/** The text in its plain form; `origin` gives the place in the text of a place in it, null within a character. */
const plainSigns = (text: string): { text: string; origin(at: number): number | null } => {
  const parts: string[] = []
  // Only where the two forms part is it written down which places belong together.
  const places: { at: number; from: number }[] = []
  let at = 0
  let from = 0
  for (const [character] of text.matchAll(/(?:[\x20-\x7e\n\t](?!\p{M}))+|[\s\S]\p{M}*/gu)) {
    const plain = SIGNS[character] ?? character.normalize('NFC')
    places.push({ at, from })
    parts.push(plain)
    at += plain.length
    from += character.length
  }
  places.push({ at, from })
  return { text: parts.join(''), origin: (wanted) => findOrigin(places, wanted) }
}

const findOrigin = (places: readonly { at: number; from: number }[], wanted: number): number | null => {
  let [low, high] = [0, places.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((places[middle] as { at: number }).at <= wanted) low = middle
    else high = middle - 1
  }
  const { at, from } = places[low] as { at: number; from: number }
  const next = places[low + 1]
  const isPlain = !next || next.at - at === next.from - from
  return wanted === at || isPlain ? from + (wanted - at) : null
}
