/** The messages of the commits that end a pull. */
import type { PullKind } from './decide.ts'
import { cleanLine, silence } from './plain-words.ts'

const sourceCharactersMax = 200

/** `source` in words, as `main of ana/notes`. A subject, and where people have to know more a paragraph; without a newline at the end. */
export function writeMergeMessage(kind: PullKind, source: string): string {
  const from = silence(cleanLine(source, sourceCharactersMax))
  switch (kind) {
    case 'merge':
      return `Merge ${from}`
    case 'unrelated':
      return `Join with ${from}`
    case 'first':
    case 'forward':
      return bring(from)
    case 'rewritten':
      return `${bring(from)}\n\nIts history was rewritten there.`
    case 'restarted':
      return `${bring(from)}\n\nIt has what was asked for by pull request, as commits of its own.`
  }
}

const bring = (from: string): string => `Bring edits made in Skein onto ${from}`
