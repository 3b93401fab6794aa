/**
 * The longest literal that every match of a search must hold, by which the database sorts out the texts that need not be read. For an
 * expression only what stands outside of groups, classes and repetitions is looked at; where that is not certain there is none.
 */
import type { FindQuery } from '@skein/protocol'

/** Shorter ones stand in nearly every text. */
const lengthMin = 2

/** Null: any text may match. */
export function requiredLiteral({ query, regex }: Pick<FindQuery, 'query' | 'regex'>): string | null {
  if (!regex) return query
  const pieces = topLevelLiterals(query)
  const longest = pieces?.reduce((one, other) => (other.length > one.length ? other : one), '')
  return longest && longest.length >= lengthMin ? longest : null
}

/** One thing of an expression: an escape, a class, a repetition with its bounds, or a single character. */
const TOKEN =
  /\\(?:[pP](?:\{[^}]*\}|.)|x\{[^}]*\}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|[*?][?]?|\+\??|\{\d+(?:,\d*)?\}\??|./gsu

/** Literals side by side outside of groups, or null when an alternative or a flag stands against reading them so. */
function topLevelLiterals(expression: string): string[] | null {
  // Flags may switch what follows, and what is quoted has rules of its own.
  if (/\\Q|\(\?[^:P<]/.test(expression)) return null
  const pieces: string[] = []
  let run: string[] = []
  let depth = 0
  const cut = (): void => {
    pieces.push(run.join(''))
    run = []
  }
  for (const [token] of expression.matchAll(TOKEN)) {
    if (token === '(') depth++
    if (token === ')') depth--
    if (token === '|' && depth === 0) return null
    const literal = depth === 0 ? tokenToLiteral(token) : null
    if (literal !== null) {
      run.push(literal)
      continue
    }
    // What repeats may be absent; one that repeats once or more is there, but what follows is not beside it.
    if (/^(?:[*?]|\{)/.test(token)) run.pop()
    cut()
  }
  cut()
  return pieces
}

/** The character that a token stands for, or null when it is none. */
function tokenToLiteral(token: string): string | null {
  if (/^\\[!-/:-@[-`{-~]$/.test(token)) return token.slice(1)
  return /^[^\\^$.*+?()[\]{}|]$/su.test(token) ? token : null
}
