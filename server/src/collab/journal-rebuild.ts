/**
 * A journal from the log (AE1): the text of a row, and what happened in the rows after it, on whatever node it was written.
 *
 * The rows are played into a document beside the open one. What one author wrote in one stretch is one change: that is what it is to a hunk.
 */
import { setImmediate } from 'node:timers/promises'
import type { Database } from '@skein/db'
import {
  applyUpdate,
  deltaToChanges,
  documentText,
  type JournalEntry,
  toChanges,
  type UpdateFrame,
} from '@skein/document'
import { diffToHunks } from '@skein/merge'
import { type DocumentId, SKEIN, TEXT_NAME } from '@skein/protocol'
import type * as Y from 'yjs'
import { openDocumentAt, readUpdatesAfter } from '../commands/history/read-history.ts'

export interface RebuiltJournal {
  /** At the first row. */
  text: string
  /** From there to the last row. */
  entries: readonly JournalEntry[]
}

/** Rows that are played for one write; whoever read longer ago has to read again. */
export const REBUILT_ROWS_MAX = 20_000
/** The loop is let go after that many frames. */
const FRAMES_AT_ONCE = 200

/** What happened from row `from` to row `to`, whose text is `now`; null when the log does not tell any more. */
export const rebuildJournal = async (
  db: Database,
  document: DocumentId,
  { from, to, now }: { from: number; to: number; now: string },
): Promise<RebuiltJournal | null> => {
  if (to - from > REBUILT_ROWS_MAX) return null
  const opened = await openDocumentAt(db, document, from)
  if (opened === 'unknown') return null
  const rows = await readUpdatesAfter(db, document, from)
  if (rows === 'unknown') return null
  const frames = rows.filter(({ seq }) => seq <= to).flatMap((row) => row.frames)
  const text = documentText(opened.doc)
  const entries = await play(opened.doc, text, frames)
  const isWhole = documentText(opened.doc) === now
  opened.doc.destroy()
  if (!isWhole) return null
  // Where positions cannot be told, everything that differs is somebody else's.
  return { text, entries: entries ?? [{ changes: differenceOf(text, now), author: { actor: SKEIN }, at: 0 }] }
}

/** Null when something that is no text stands in the text: its positions are not those of the plain one. */
const play = async (doc: Y.Doc, before: string, frames: readonly UpdateFrame[]): Promise<JournalEntry[] | null> => {
  const text = doc.getText(TEXT_NAME)
  let { length } = before
  let isPlain = text.length === length
  let author: JournalEntry['author'] = { actor: SKEIN }
  const entries: JournalEntry[] = []
  text.observe(({ delta }) => {
    const changes = deltaToChanges(delta, length)
    if (!changes) isPlain = false
    if (!changes || !isPlain) return
    length = changes.newLength
    entries.push({ changes, author, at: 0 })
  })
  for (const stretch of stretches(frames)) {
    author = stretch[0] as UpdateFrame
    doc.transact(() => {
      for (const { update } of stretch) applyUpdate(doc, update)
    })
    await setImmediate()
  }
  return isPlain ? entries : null
}

/** Frames that follow one another and are by the same author. */
const stretches = (frames: readonly UpdateFrame[]): UpdateFrame[][] => {
  const found: UpdateFrame[][] = []
  for (const frame of frames) {
    const last = found.at(-1)
    const [first] = last ?? []
    const isSame = first?.actor === frame.actor && first.run === frame.run
    if (last && isSame && last.length < FRAMES_AT_ONCE) last.push(frame)
    else found.push([frame])
  }
  return found
}

const differenceOf = (before: string, after: string) =>
  toChanges(
    diffToHunks(before, after).map(({ at, remove, insert }) => ({ from: at, to: at + remove, insert })),
    before.length,
  )
