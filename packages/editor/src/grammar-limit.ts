/**
 * Which texts are too much for a grammar. Parsing is done in slices, except for a paragraph of Markdown, which is parsed whole at
 * every key: a log without blank lines would cost a quarter of a second each. Such texts are shown plain, and stay fluid.
 */
import type { Text } from '@codemirror/state'

/** UTF-16 units of a text beyond which no grammar is used. */
const TEXT_MAX = 1_500_000
/** UTF-16 units between two blank lines beyond which Markdown is not parsed. */
const PARAGRAPH_MAX = 40_000

/** Says whether the grammar of `language` keeps up with typing in this text. */
export function grammarKeepsUp(text: Text, language: string): boolean {
  if (text.length > TEXT_MAX) return false
  if (language !== 'Markdown' || text.length <= PARAGRAPH_MAX) return true
  let paragraph = 0
  for (const line of text.iterLines()) {
    paragraph = line.trim() === '' ? 0 : paragraph + line.length + 1
    if (paragraph > PARAGRAPH_MAX) return false
  }
  return true
}
