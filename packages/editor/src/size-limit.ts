/**
 * No edit that the server would refuse for good. A single change above its limit would end the connection and come back with
 * every reconnect, so it is stopped where it begins: in the editor, before it is in the document.
 */
import { EditorState, type Extension, type Text, type Transaction } from '@codemirror/state'
import { FILE_TEXT_BYTES_MAX, UPDATE_BYTES_MAX } from '@skein/protocol'
import { ySyncAnnotation } from 'y-codemirror.next'

/** Room for what Yjs writes around the text of an update. */
const UPDATE_FRAME_BYTES = 4_096
/** A UTF-16 unit is at most so many bytes of UTF-8. */
const BYTES_PER_UNIT_MAX = 3

const encoder = new TextEncoder()
const utf8Bytes = (text: string): number => encoder.encode(text).length

/** Sizes of texts that were long enough to be measured: a keystroke then only adds to what is known. */
const bytesByText = new WeakMap<Text, number>()

function bytesOf(text: Text): number {
  const known = bytesByText.get(text)
  if (known !== undefined) return known
  let bytes = Math.max(0, text.lines - 1)
  for (const line of text.iterLines()) bytes += utf8Bytes(line)
  bytesByText.set(text, bytes)
  return bytes
}

/** What a transaction inserts and deletes, in bytes. */
function changedBytes({ changes, startState }: Transaction): { inserted: number; deleted: number } {
  let inserted = 0
  let deleted = 0
  changes.iterChanges((fromA, toA, _fromB, _toB, text) => {
    inserted += utf8Bytes(text.sliceString(0, text.length, '\n'))
    deleted += utf8Bytes(startState.doc.sliceString(fromA, toA, '\n'))
  })
  return { inserted, deleted }
}

/** The bytes that a transaction inserts when they are too many at once or for one text, else 0. */
export function excessBytes(transaction: Transaction): number {
  const { startState, newDoc } = transaction
  const grows = newDoc.length > startState.doc.length
  const mayBeLong = grows && newDoc.length * BYTES_PER_UNIT_MAX > FILE_TEXT_BYTES_MAX
  let units = 0
  transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, text) => {
    units += text.length
  })
  const mayBeMuch = units * BYTES_PER_UNIT_MAX > UPDATE_BYTES_MAX - UPDATE_FRAME_BYTES
  if (!mayBeLong && !mayBeMuch) return 0
  const { inserted, deleted } = changedBytes(transaction)
  if (inserted > UPDATE_BYTES_MAX - UPDATE_FRAME_BYTES) return inserted
  if (!mayBeLong) return 0
  const total = bytesOf(startState.doc) + inserted - deleted
  bytesByText.set(newDoc, total)
  return total > FILE_TEXT_BYTES_MAX ? inserted : 0
}

/** Refuses local edits that are too large and tells their size in bytes. */
export function sizeLimit(onTooLarge: (bytes: number) => void): Extension {
  return EditorState.changeFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return true
    const bytes = excessBytes(transaction)
    if (bytes === 0) return true
    queueMicrotask(() => onTooLarge(bytes))
    return false
  })
}
