/** Where something was found by a search on the server, in a text that may have changed since. */
import type { Text } from '@codemirror/state'

export interface FoundPlace {
  /** UTF-16 offset and length in the text that was searched. */
  at: number
  length: number
  /** The beginning of what was found, up to the end of its line. */
  text: string
}

/** How far what was found is looked for from where it was, in UTF-16 units to either side. */
const nearMax = 20_000

/** The place of what was found now: where it was, else the nearest one like it, else where it was as far as that exists. */
export function findAgain(doc: Text, { at, length, text }: FoundPlace): { from: number; to: number } {
  const start = Math.max(0, at - nearMax)
  const near = doc.sliceString(start, at + text.length + nearMax)
  const wanted = at - start
  if (!near.startsWith(text, wanted)) {
    const before = near.lastIndexOf(text, wanted)
    const after = near.indexOf(text, wanted)
    const isAfterNearer = after >= 0 && (before < 0 || after - wanted < wanted - before)
    const found = isAfterNearer ? after : before
    if (found >= 0) return { from: start + found, to: Math.min(doc.length, start + found + length) }
  }
  const from = Math.min(at, doc.length)
  return { from, to: near.startsWith(text, wanted) ? Math.min(at + length, doc.length) : from }
}
