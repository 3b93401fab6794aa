/** What somebody does to a text, by chance: as hunks of it, so that a page and a commit can both be made from them. */

export interface TextChange {
  at: number
  remove: number
  insert: string
}

export type Chance = () => number

export const below = (chance: Chance, limit: number): number => Math.floor(chance() * limit)
export const oneOf = <T>(chance: Chance, items: readonly T[]): T => items[below(chance, items.length)] as T

/** A change of one line: a word more, another word in place of its last one, the line gone, or a new line. */
export function changeLine(chance: Chance, text: string, word: () => string): TextChange {
  const lines = text.split('\n')
  const n = below(chance, lines.length)
  const at = lines.slice(0, n).reduce((sum, line) => sum + line.length + 1, 0)
  const line = lines[n] ?? ''
  const choice = chance()
  if (line === '' || choice < 0.35) return { at, remove: 0, insert: `${word()} line\n` }
  if (choice < 0.65) return { at: at + below(chance, 2) * line.length, remove: 0, insert: ` ${word()} ` }
  if (choice < 0.85) {
    const from = line.lastIndexOf(' ') + 1
    return { at: at + from, remove: line.length - from, insert: word() }
  }
  return { at, remove: Math.min(line.length + 1, text.length - at), insert: '' }
}

export const applyChange = (text: string, { at, remove, insert }: TextChange): string =>
  text.slice(0, at) + insert + text.slice(at + remove)
