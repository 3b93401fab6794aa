/** Which language a file is in, by its name. The grammar itself is loaded when a file of that language is first opened. */
import { LanguageDescription as Description, type LanguageDescription } from '@codemirror/language'
import { languages } from '@codemirror/language-data'

/** Files whose names say nothing to CodeMirror's list, as the language they are. */
const NAMED_LIKE: Readonly<Record<string, string>> = {
  '.gitignore': 'x.properties',
  '.editorconfig': 'x.properties',
  '.env': 'x.properties',
  'package-lock.json': 'x.json',
  README: 'x.md',
  LICENSE: 'x.txt',
}

/** The language of the file at `path`, or null for plain text. */
export function languageOf(path: string): LanguageDescription | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return Description.matchFilename(languages, NAMED_LIKE[name] ?? name)
}

/** What the status bar calls the language of the file at `path`. */
export const languageName = (path: string): string => languageOf(path)?.name ?? 'Plain text'

/** Prose gets no brackets closed behind one's back. */
export const isProse = (path: string): boolean => {
  const name = languageName(path)
  return name === 'Markdown' || name === 'Plain text'
}
