/**
 * Names, subjects and paths of people inside Markdown that GitHub renders: they come out as they were typed and do nothing else. GitHub looks for
 * mentions, references and addresses after it has rendered the Markdown, so a backslash does not stop them; an invisible word joiner does.
 */

const wordJoiner = '\u2060'
// What ends a line, cannot be seen, or turns text around.
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu
const markdownSigns = /[\\`*_[\]<>~|$&#!]/g

/** One line without what cannot be seen, at most so many characters; the rest of a longer one is an ellipsis. */
export function cleanLine(text: string, charactersMax: number): string {
  const characters = [...text.toWellFormed().replace(unseen, ' ').replace(/ {2,}/g, ' ').trim()]
  return characters.length <= charactersMax
    ? characters.join('')
    : `${characters.slice(0, charactersMax - 1).join('')}…`
}

/** Without mentions (`@ana`), references (`#12`, `GH-12`, also after “fixes”) and addresses that GitHub would make links of. */
export function silence(text: string): string {
  return text
    .replaceAll('@', `@${wordJoiner}`)
    .replace(/#(?=\d)/g, `#${wordJoiner}`)
    .replace(/\b(gh)-(?=\d)/gi, `$1-${wordJoiner}`)
    .replaceAll('://', `:${wordJoiner}//`)
    .replace(/\b(www)\./gi, `$1${wordJoiner}.`)
}

/** As ordinary words within a line of Markdown; not at the beginning of a block. */
export const escapeMarkdown = (text: string): string => silence(text.replace(markdownSigns, '\\$&'))

/** As code, in which GitHub looks for nothing; of a long path the end is shown. */
export function writeCode(path: string, charactersMax: number): string {
  const characters = [...path.toWellFormed().replace(unseen, '�')]
  const shown =
    characters.length <= charactersMax ? characters.join('') : `…${characters.slice(1 - charactersMax).join('')}`
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}
