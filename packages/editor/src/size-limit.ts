/**
 * No edit that the server would refuse for good. A single change above its limit would end the connection and come back with
 * every reconnect, so it is stopped where it begins: in the editor, before it is in the document.
 */

import { EditorState, type Extension, type Transaction } from '@codemirror/state'
import { FILE_TEXT_BYTES_MAX, UPDATE_BYTES_MAX } from '@skein/protocol'
import { ySyncAnnotation } from 'y-codemirror.next'

/** Room for what Yjs writes around the text of an update. */
const UPDATE_FRAME_BYTES = 4_096
/** Below this many UTF-16 units no edit can be too large, whatever its characters. */
const ALWAYS_FINE = (UPDATE_BYTES_MAX - UPDATE_FRAME_BYTES) / 3

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length

/** The size in bytes of what a transaction inserts when that is too much at once or for one text, else 0. */
export function excessBytes(transaction: Transaction): number {
  let units = 0
  transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
    units += inserted.length
  })
  const isLongText = transaction.newDoc.length > FILE_TEXT_BYTES_MAX / 3 && units > 0
  if (units <= ALWAYS_FINE && !isLongText) return 0
  let bytes = 0
  transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
    bytes += utf8Bytes(inserted.sliceString(0, inserted.length, '\n'))
  })
  if (bytes > UPDATE_BYTES_MAX - UPDATE_FRAME_BYTES) return bytes
  return isLongText && utf8Bytes(transaction.newDoc.toString()) > FILE_TEXT_BYTES_MAX ? bytes : 0
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
