/**
 * Looking for one thing in one text: a literal, or an expression of RE2, whose automata take time linear in the text whatever the expression.
 * Pure and synchronous; texts by the megabyte are given to it in a thread of its own.
 */
import { FIND_AFTER_MAX, FIND_BEFORE_MAX, FIND_MATCH_MAX, type FindQuery, type TextMatch } from '@skein/protocol'
import { RE2JS, RE2JSException } from 're2js'

export type SearchTerms = Pick<FindQuery, 'query' | 'regex' | 'caseSensitive' | 'wholeWord'> & {
  /** Matches told of one text. */
  matchesMax: number
}

export interface TextFound {
  matches: TextMatch[]
  hasMore: boolean
}

/** What is wrong with an expression, in a few words, and where: an offset in the query, or null when it is the whole of it. */
export interface ExpressionFault {
  fault: string
  at: number | null
}

interface Span {
  start: number
  end: number
}

/** Gives the spans in a text one after the other. */
type Scan = (text: string) => Iterable<Span>

/** Makes the function that looks through one text; it answers null when nothing is found. */
export function compileSearch(terms: SearchTerms): ((text: string) => TextFound | null) | ExpressionFault {
  const scan = terms.regex ? scanWithRegex(terms) : scanForLiteral(terms)
  if ('fault' in scan) return scan
  return (text) => {
    const lines = new LineCounter(text)
    const matches: TextMatch[] = []
    for (const { start, end } of scan(text)) {
      if (terms.wholeWord && !(isWordEdge(text, start) && isWordEdge(text, end))) continue
      if (matches.length === terms.matchesMax) return { matches, hasMore: true }
      matches.push(toMatch(text, start, end, lines.at(start)))
    }
    return matches.length > 0 ? { matches, hasMore: false } : null
  }
}

function scanForLiteral({ query, caseSensitive, wholeWord }: SearchTerms): Scan {
  // What is no word on its own may begin inside of what is looked at next.
  const stepOf = (length: number): number => (wholeWord ? 1 : length)
  if (caseSensitive) {
    return function* (text) {
      for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + stepOf(query.length))) {
        yield { start: at, end: at + query.length }
      }
    }
  }
  const pattern = query.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return function* (text) {
    const regex = new RegExp(pattern, 'gi')
    for (let found = regex.exec(text); found; found = regex.exec(text)) {
      const end = found.index + found[0].length
      yield { start: found.index, end }
      regex.lastIndex = found.index + stepOf(found[0].length)
    }
  }
}

function scanWithRegex({ query, caseSensitive }: SearchTerms): Scan | ExpressionFault {
  const flags = RE2JS.MULTILINE | (caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE)
  try {
    const regex = RE2JS.compile(query, flags)
    return function* (text) {
      // Its fastest automaton answers only whether there is a match.
      if (!regex.test(text)) return
      const matcher = regex.matcher(text)
      while (matcher.find()) {
        const [start, end] = [matcher.start(), matcher.end()]
        if (end > start) yield { start, end }
      }
    }
  } catch (error) {
    if (error instanceof RE2JSException) return describeFault(query, error)
    throw error
  }
}

function describeFault(
  query: string,
  error: RE2JSException & { error?: string; input?: string | null },
): ExpressionFault {
  const fault = error.error ?? error.message
  if (!error.input) return { fault, at: query.length - 1 }
  // The library names the piece that it stumbled over, or the whole expression with its flags before it.
  const at = query.indexOf(error.input)
  if (at >= 0) return { fault: `${fault}: ${error.input}`, at }
  return { fault, at: fault.startsWith('missing closing') ? query.length : null }
}

function toMatch(text: string, start: number, end: number, { line, lineStart }: LinePlace): TextMatch {
  const beforeFrom = wholeFrom(text, Math.max(lineStart, start - FIND_BEFORE_MAX))
  const around = text.slice(start, start + FIND_MATCH_MAX + FIND_AFTER_MAX)
  const lineEnd = start + (around.includes('\n') ? around.indexOf('\n') : around.length)
  const textTo = wholeTo(text, Math.min(end, lineEnd, start + FIND_MATCH_MAX))
  const afterTo = textTo < end ? textTo : wholeTo(text, Math.min(lineEnd, end + FIND_AFTER_MAX))
  return {
    at: start,
    length: end - start,
    line,
    column: start - lineStart + 1,
    before: text.slice(beforeFrom, start),
    text: text.slice(start, textTo),
    after: text.slice(textTo, afterTo),
  }
}

interface LinePlace {
  /** From 1. */
  line: number
  lineStart: number
}

/** Counts lines on the way through a text; asked for offsets that grow, but for steps back inside of one line. */
class LineCounter {
  readonly #text: string
  #line = 1
  #lineStart = 0
  #nextBreak: number

  constructor(text: string) {
    this.#text = text
    this.#nextBreak = text.indexOf('\n')
  }

  at(offset: number): LinePlace {
    while (this.#nextBreak >= 0 && this.#nextBreak < offset) {
      this.#line++
      this.#lineStart = this.#nextBreak + 1
      this.#nextBreak = this.#text.indexOf('\n', this.#lineStart)
    }
    return { line: this.#line, lineStart: this.#lineStart }
  }
}

const isWordCharacter = (character: string): boolean => /^[\p{L}\p{M}\p{N}_]$/u.test(character)

/** Whether no word goes on across the offset. */
function isWordEdge(text: string, offset: number): boolean {
  if (offset === 0 || offset === text.length) return true
  const before = String.fromCodePoint(text.codePointAt(wholeFrom(text, offset - 1)) ?? 0)
  const after = String.fromCodePoint(text.codePointAt(offset) ?? 0)
  return !(isWordCharacter(before) && isWordCharacter(after))
}

const isInsidePair = (text: string, offset: number): boolean =>
  /[\ud800-\udbff]/.test(text.charAt(offset - 1)) && /[\udc00-\udfff]/.test(text.charAt(offset))

/** The offset, or the one before it when it would halve a character. */
const wholeFrom = (text: string, offset: number): number => (isInsidePair(text, offset) ? offset - 1 : offset)
const wholeTo = wholeFrom
