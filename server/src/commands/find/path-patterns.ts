/**
 * Path patterns as in `.gitignore`, turned into regular expressions of PostgreSQL, whose automaton takes the same time for any pattern.
 * A pattern without a slash names files and folders anywhere, one with a slash begins at the root; a folder stands for all that is in it.
 */
import { Refusal } from '@skein/protocol'

/** The expression that a path must match. */
export function patternToRegex(pattern: string): string {
  if (pattern.startsWith('!')) {
    throw refuse(pattern, 0, 'begins with “!”, which has no meaning here', 'Name what to leave out in “exclude”.')
  }
  const isFolder = pattern.endsWith('/')
  const body = pattern.replace(/^\//, '').replace(/\/$/, '')
  if (body === '') throw refuse(pattern, 0, 'names nothing')
  const isAnchored = pattern.startsWith('/') || body.includes('/')
  return `^${isAnchored ? '' : '(?:.*/)?'}${new PatternReader(pattern, body).read()}${isFolder ? '/.*' : '(?:/.*)?'}$`
}

/** Reads one pattern from left to right. */
class PatternReader {
  readonly #pattern: string
  readonly #body: string
  #at = 0
  #isInBraces = false

  constructor(pattern: string, body: string) {
    this.#pattern = pattern
    this.#body = body
  }

  read(): string {
    let regex = ''
    while (this.#at < this.#body.length) regex += this.#next()
    if (this.#isInBraces) throw this.#refuse('has a “{” that is not closed', this.#body.lastIndexOf('{'))
    return regex
  }

  #next(): string {
    const rest = this.#body.slice(this.#at)
    const isSegmentStart = this.#at === 0 || this.#body[this.#at - 1] === '/'
    if (isSegmentStart && rest.startsWith('**/')) return this.#take(3, '(?:.*/)?')
    if (isSegmentStart && rest === '**') return this.#take(2, '.*')
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
    switch (character) {
      case '*':
        return this.#take(/^\*+/.exec(rest)?.[0].length ?? 1, '[^/]*')
      case '?':
        return this.#take(1, '[^/]')
      case '[':
        return this.#readClass(rest)
      case '{':
        if (this.#isInBraces) throw this.#refuse('has braces in braces')
        this.#isInBraces = true
        return this.#take(1, '(?:')
      case '}':
        if (!this.#isInBraces) return this.#take(1, '\\}')
        this.#isInBraces = false
        return this.#take(1, ')')
      case ',':
        return this.#take(1, this.#isInBraces ? '|' : ',')
      case '\\': {
        const escaped = rest.codePointAt(1)
        if (escaped === undefined) throw this.#refuse('ends with a “\\”')
        const literal = String.fromCodePoint(escaped)
        return this.#take(1 + literal.length, quote(literal))
      }
      default:
        return this.#take(character.length, quote(character))
    }
  }

  #readClass(rest: string): string {
    const found = /^\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]/u.exec(rest)
    const [whole, negation, members] = found ?? []
    if (whole === undefined || !members) throw this.#refuse('has a “[” that is not closed')
    const items = [...members.matchAll(/(\\.|.)(?:-(\\.|[^-]))?/gsu)].map(([, from = '', to]) => {
      const [first, last] = [from, to].map((item) => item?.replace(/^\\(?=.)/su, ''))
      if (first !== undefined && last !== undefined && (first.codePointAt(0) ?? 0) > (last.codePointAt(0) ?? 0)) {
        throw this.#refuse(`has a range from “${first}” to “${last}”, which is empty`)
      }
      return last === undefined ? quote(first ?? '') : `${quote(first ?? '')}-${quote(last)}`
    })
    // A class never stands for a slash, whatever it names.
    return this.#take(whole.length, `(?!/)[${negation ? '^' : ''}${items.join('')}]`)
  }

  #take(length: number, regex: string): string {
    this.#at += length
    return regex
  }

  #refuse(what: string, at = this.#at): Refusal {
    return refuse(this.#pattern, at + (this.#pattern.startsWith('/') ? 1 : 0), what)
  }
}

/** Every sign of ASCII is taken literally after a backslash, in and outside of classes. */
const quote = (character: string): string => (/^[ -/:-@[-^`{-~]$/.test(character) ? `\\${character}` : character)

const refuse = (pattern: string, position: number, what: string, hint?: string): Refusal =>
  new Refusal('invalid-request', `The path pattern “${pattern}” ${what}.`, {
    hint: hint ?? 'Patterns are written as in .gitignore: *.md, notes/, /site/**/*.css, {a,b}.',
    details: { pattern, position },
  })
