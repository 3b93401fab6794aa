/**
 * How the bytes of a file become the text of a document, and back.
 *
 * A document holds `\n` line ends. The file's own style stands beside it as attributes: `lf`, `crlf`, or `mixed`, where the text keeps
 * its `\r` characters so that not one byte changes; and whether the file began with a byte order mark. Content that cannot make the
 * round trip (not UTF-8, or with NUL, which PostgreSQL cannot keep in a text) and content above the limit is binary.
 */
import { FILE_TEXT_BYTES_MAX } from '@skein/protocol'

export type LineEnd = 'lf' | 'crlf' | 'mixed'

export interface TextAttributes {
  eol: LineEnd
  bom: boolean
}

/** What a new file has. */
export const PLAIN: TextAttributes = { eol: 'lf', bom: false }

export type DecodedFile =
  | { kind: 'text'; text: string; attributes: TextAttributes }
  | { kind: 'binary'; reason: 'too-large' | 'not-utf8' | 'nul' }

const BOM = '\uFEFF'
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Reads a file; `textToBytes` of a text answer gives exactly these bytes again. */
export const bytesToText = (bytes: Uint8Array): DecodedFile => {
  if (bytes.length > FILE_TEXT_BYTES_MAX) return { kind: 'binary', reason: 'too-large' }
  if (bytes.includes(0)) return { kind: 'binary', reason: 'nul' }
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return { kind: 'binary', reason: 'not-utf8' }
  }
  const bom = text.startsWith(BOM)
  if (bom) text = text.slice(BOM.length)
  const eol = lineEndOf(text)
  return { kind: 'text', text: eol === 'crlf' ? text.replaceAll('\r\n', '\n') : text, attributes: { eol, bom } }
}

/** Writes a text with the file's own line ends and byte order mark; a lone surrogate becomes U+FFFD. */
export const textToBytes = (text: string, attributes: TextAttributes): Uint8Array => {
  const body = attributes.eol === 'crlf' ? text.replace(/\r?\n/g, '\r\n') : text
  return encoder.encode(attributes.bom ? BOM + body : body)
}

/** `crlf` only when every line ends that way and no `\r` stands alone; a text without line ends is `lf`. */
const lineEndOf = (text: string): LineEnd => {
  if (!text.includes('\r')) return 'lf'
  return /(?<!\r)\n|\r(?!\n)/.test(text) ? 'mixed' : 'crlf'
}
