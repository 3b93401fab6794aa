/**
 * Edits by anybody but a browser, as positions in the plain text that was read.
 *
 * Foreign clients may put things into the Y.Text that are no characters (embeds); they take up positions but not text, so offsets are
 * translated when there are any.
 */
import * as Y from 'yjs'
import { isInsidePair } from './code-points.ts'

export interface TextEdit {
  /** UTF-16 offset in the text before all edits; edits are ordered and do not overlap. */
  at: number
  remove: number
  insert: string
}

/** Throws RangeError for edits out of order, outside the text, or through the middle of a character. */
export const checkTextEdits = (text: string, edits: readonly TextEdit[]): void => {
  let end = 0
  for (const { at, remove, insert } of edits) {
    const isWhole = Number.isInteger(at) && Number.isInteger(remove) && remove >= 0
    if (!isWhole || at < end || at + remove > text.length) throw new RangeError(`No place for an edit at ${at}`)
    end = at + remove
    if (isInsidePair(text, at) || isInsidePair(text, end) || !insert.isWellFormed()) {
      throw new RangeError(`The edit at ${at} cuts a character in two`)
    }
  }
}

/** The plain text with the edits made. */
export const editText = (text: string, edits: readonly TextEdit[]): string => {
  const parts: string[] = []
  let end = 0
  for (const { at, remove, insert } of edits) {
    parts.push(text.slice(end, at), insert)
    end = at + remove
  }
  return parts.join('') + text.slice(end)
}

/** Makes the edits, last one first, so that the positions of the earlier ones stay true. Call it inside one transaction. */
export const applyTextEdits = (target: Y.Text, edits: readonly TextEdit[]): void => {
  const toIndex = offsetToIndex(target)
  for (const { at, remove, insert } of edits.toReversed()) {
    const index = toIndex(at)
    const length = toIndex(at + remove) - index
    // Inserted before what is removed: a cursor at the end of the replaced words stays behind the new ones.
    if (insert !== '') target.insert(index, insert)
    if (length > 0) target.delete(index + insert.length, length)
  }
}

/** Where an offset of the plain text stands in the Y.Text. */
export const offsetToIndex = (target: Y.Text): ((offset: number) => number) => {
  const strangers = strangersIn(target)
  if (strangers.length === 0) return (at) => at
  return (at) => strangers.reduce((index, stranger) => (stranger.offset < at ? index + stranger.length : index), at)
}

/** Which offset of the plain text an index of the Y.Text is. */
export const indexToOffset = (target: Y.Text): ((index: number) => number) => {
  const strangers = strangersIn(target)
  if (strangers.length === 0) return (index) => index
  return (index) => {
    let offset = index
    for (const stranger of strangers) {
      if (offset <= stranger.offset) break
      offset = Math.max(stranger.offset, offset - stranger.length)
    }
    return offset
  }
}

/** What is no text, by the offset of the text after it. */
const strangersIn = (target: Y.Text): { offset: number; length: number }[] => {
  const strangers: { offset: number; length: number }[] = []
  let offset = 0
  for (let item = target._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (item.content instanceof Y.ContentString) offset += item.length
    else strangers.push({ offset, length: item.length })
  }
  return strangers
}
