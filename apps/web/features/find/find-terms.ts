// What somebody looks for, as it is typed, and what of it is sent; how the lines that were found are shown.

import type { FileMatches, TextMatch } from '@skein/protocol'
import type { FindRequest } from '../../lib/api/find.ts'

export type FindTerms = {
  query: string
  caseSensitive: boolean
  wholeWord: boolean
  regex: boolean
  /** Path patterns with commas between them. */
  include: string
  exclude: string
}

export const noTerms: FindTerms = {
  query: '',
  caseSensitive: false,
  wholeWord: false,
  regex: false,
  include: '',
  exclude: '',
}

/** Cuts a list at its commas, but not at those inside of braces. */
export function splitPatterns(typed: string): string[] {
  return [...typed.matchAll(/(?:\{[^}]*\}|\\.|[^,])+/g)].map(([pattern]) => pattern.trim()).filter(Boolean)
}

/** The request for these terms, or null when there is nothing to look for. */
export function termsToRequest({ include, exclude, ...terms }: FindTerms): FindRequest | null {
  if (terms.query === '') return null
  return { ...terms, include: splitPatterns(include), exclude: splitPatterns(exclude) }
}

/** One line of the list of results: the place of a match among all of them, so that arrows walk through. */
export type FoundLine = { id: string; file: FileMatches; match: TextMatch }

/** Every match as a line, in the order of the files. */
export const listLines = (files: readonly FileMatches[]): FoundLine[] =>
  files.flatMap((file) => file.matches.map((match) => ({ id: `found-${file.fileId}-${match.at}`, file, match })))

/**
 * The text before a match without its indentation, cut at its start where it and the match have no room in so many characters; half of
 * the room is always its own.
 */
export function shortenBefore(
  { before, text, column }: Pick<TextMatch, 'before' | 'text' | 'column'>,
  room: number,
): string {
  const charactersMax = Math.max(room - [...text].length, Math.floor(room / 2))
  const isWhole = column - 1 === before.length
  const characters = [...(isWhole ? before.trimStart() : before)]
  if (isWhole && characters.length <= charactersMax) return characters.join('')
  return `…${characters.slice(-charactersMax).join('')}`
}

const plural = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : one === 'match' ? 'matches' : `${one}s`}`

/** “12 matches in 3 files”. */
export function countInWords(files: readonly FileMatches[]): string {
  const matches = files.reduce((sum, file) => sum + file.matches.length, 0)
  return `${plural(matches, 'match')} in ${plural(files.length, 'file')}`
}
