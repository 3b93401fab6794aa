// Commit messages and their trailers. A message is text from people: it keeps its words and loses what Git or a
// terminal would trip over. Trailers are ours (`Co-authored-by`, …) and go into the last paragraph, where Git and
// GitHub read them.

/** One `Key: value` line at the end of a message. */
export type Trailer = { key: string; value: string }

/** Longest message in characters, trailers not counted. */
export const messageCharactersMax = 20_000

const controlButNewlineOrTab = /(?![\n\t])\p{Cc}/gu
const trailerLine = /^[A-Za-z0-9-]+: \S/

/** Cleans a message (line ends, control characters, blank edges) and puts trailers below it; ends in one newline. */
export function encodeMessage(message: string, trailers: readonly Trailer[]): string {
  const body = cleanMessage(message)
  if (trailers.length === 0) return `${body}\n`
  const lines = trailers.map(({ key, value }) => `${key}: ${value.replace(/\s+/g, ' ').trim()}`)
  const gap = endsInTrailers(body) ? '\n' : '\n\n'
  return `${body}${gap}${lines.join('\n')}\n`
}

function cleanMessage(message: string): string {
  return message
    .toWellFormed()
    .slice(0, messageCharactersMax)
    .replace(/\r\n?/g, '\n')
    .replace(controlButNewlineOrTab, '')
    .replace(/[^\S\n]+$/gm, '')
    .replace(/^\n+|\n+$/g, '')
    .toWellFormed()
}

// The first paragraph is the subject even where it looks like a trailer (`fix: typo`).
function endsInTrailers(body: string): boolean {
  const paragraphs = body.split(/\n{2,}/)
  const last = paragraphs.at(-1) ?? ''
  return paragraphs.length > 1 && last.split('\n').every((line) => trailerLine.test(line))
}
