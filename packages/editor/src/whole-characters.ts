/**
 * Keeps every edit on whole characters.
 *
 * CodeMirror counts UTF-16 code units. When an input method or a spelling correction swaps one emoji for another, its
 * shortest difference is half a surrogate pair; Yjs would store that half as U+FFFD, for everybody and for good. This
 * filter widens such an edit to whole code points before anything else sees it. The resulting text is the same.
 */
import type { ChangeSet, Text, TransactionSpec } from '@codemirror/state'
import { EditorState, Transaction } from '@codemirror/state'
import { ySyncAnnotation } from 'y-codemirror.next'

/** One replacement: the range `from`–`to` of the old text becomes `insert`. Positions are UTF-16 code units. */
export interface Replacement {
  from: number
  to: number
  insert: string
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

function unitAt(doc: Text, position: number): number {
  return position >= 0 && position < doc.length ? doc.sliceString(position, position + 1).charCodeAt(0) : 0
}

/** Says whether `position` lies between the two halves of one character. */
export function splitsCharacter(doc: Text, position: number): boolean {
  return isHigh(unitAt(doc, position - 1)) && isLow(unitAt(doc, position))
}

/** Widens one replacement to whole characters; a lone half that remains becomes U+FFFD here rather than in Yjs. */
export function widenReplacement(doc: Text, { from, to, insert }: Replacement): Replacement {
  const start = splitsCharacter(doc, from) ? from - 1 : from
  const end = splitsCharacter(doc, to) ? to + 1 : to
  const whole = doc.sliceString(start, from) + insert + doc.sliceString(to, end)
  return { from: start, to: end, insert: whole.toWellFormed() }
}

/**
 * Returns the changes as whole-character replacements, or null when they already are (the usual case). Two neighbouring
 * changes always have an untouched unit between them, so that widened ones never overlap.
 */
export function widenChanges(doc: Text, changes: ChangeSet): Replacement[] | null {
  const widened: Replacement[] = []
  let differs = false
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const insert = inserted.sliceString(0, inserted.length, '\n')
    const replacement = widenReplacement(doc, { from, to, insert })
    if (replacement.from !== from || replacement.to !== to || replacement.insert !== insert) differs = true
    widened.push(replacement)
  })
  return differs ? widened : null
}

function filterTransaction(transaction: Transaction): TransactionSpec {
  if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return transaction
  const widened = widenChanges(transaction.startState.doc, transaction.changes)
  if (!widened) return transaction
  const length = transaction.newDoc.length
  const { main } = transaction.newSelection
  const userEvent = transaction.annotation(Transaction.userEvent)
  return {
    changes: widened,
    selection: { anchor: Math.min(main.anchor, length), head: Math.min(main.head, length) },
    effects: transaction.effects,
    scrollIntoView: transaction.scrollIntoView,
    ...(userEvent ? { userEvent } : {}),
  }
}

/** The extension: no local transaction of this editor splits a surrogate pair. */
export const wholeCharacters = EditorState.transactionFilter.of(filterTransaction)
