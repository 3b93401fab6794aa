/**
 * Any moment of a document: its text, the document itself, the updates since. Whether rows still stand in the log or are packed into segments
 * does not show. Each answer is made from one picture of the database.
 *
 * What cannot be known (no such document, a row that is not there yet, a history that is damaged there) is `unknown`, never a guess.
 */
import { type Database, documentHistoryQueries as history, type Sql } from '@skein/db'
import { decodeUpdateFrames, documentText, type HistoryRow, type UpdateFrame } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import type * as Y from 'yjs'
import { buildInPieces } from './build-in-pieces.ts'
import { findKeyframe } from './keyframes.ts'
import { unpackSegment } from './segment-bytes.ts'

type LogDatabase = Pick<Database, 'onLog'>

const PICTURE = { isolation: 'repeatable read', readOnly: true } as const

/** The text of the document when row `seq` was its last one; `epoch` is the one that it had then. */
export async function openTextAt(
  db: LogDatabase,
  document: DocumentId,
  seq: number,
): Promise<{ epoch: number; text: string } | 'unknown'> {
  const opened = await openDocumentAt(db, document, seq)
  if (opened === 'unknown') return opened
  const text = documentText(opened.doc)
  opened.doc.destroy()
  return { epoch: opened.epoch, text }
}

/** The document exactly as it was when row `seq` was its last one, for the caller to keep or destroy. */
export async function openDocumentAt(
  db: LogDatabase,
  document: DocumentId,
  seq: number,
): Promise<{ epoch: number; doc: Y.Doc } | 'unknown'> {
  const moment = await db.onLog((tx) => readMoment(tx, document, seq), PICTURE)
  return moment === 'unknown' ? moment : buildDocument(moment)
}

/** All updates of the current epoch after row `afterSeq`, in order, each with who made it and in which run. */
export async function readUpdatesAfter(
  db: LogDatabase,
  document: DocumentId,
  afterSeq: number,
): Promise<{ seq: number; frames: readonly UpdateFrame[] }[] | 'unknown'> {
  return db.onLog(async (tx) => {
    const place = await history.findLogPlace(tx, document)
    const start = await history.findEpochStart(tx, document)
    if (!place || start === null || afterSeq < start || afterSeq > place.head) return 'unknown'
    const rows = await readRows(tx, { document, after: afterSeq, upto: place.head, epoch: place.epoch }, place)
    return isWhole(rows, afterSeq, place.head) ? rows : 'unknown'
  }, PICTURE)
}

/** Rows that are looked through at a time, from the newest back. */
const SEARCHED_AT_ONCE = 500

/** The last row of the current epoch that this run has written, of those since a time; null: none. */
export async function findRowOfRun(
  db: LogDatabase,
  document: DocumentId,
  { run, since }: { run: string; since: Date },
): Promise<number | null> {
  return db.onLog(async (tx) => {
    const place = await history.findLogPlace(tx, document)
    if (!place) return null
    for (let upto = place.head; upto > 0; upto -= SEARCHED_AT_ONCE) {
      const after = Math.max(0, upto - SEARCHED_AT_ONCE)
      const rows = await readRows(tx, { document, after, upto, epoch: place.epoch }, place)
      const found = rows.findLast(({ frames }) => frames.some((frame) => frame.run === run))
      if (found) return found.seq
      const [first] = rows
      if (!first || first.at < since.getTime()) return null
    }
    return null
  }, PICTURE)
}

/** What a document at one of its rows is made from: a state, and the rows after it. */
export interface Moment {
  epoch: number
  state: Uint8Array
  rows: readonly HistoryRow[]
}

/** Reads a moment within the caller's picture of the database. */
export async function readMoment(sql: Sql, document: DocumentId, seq: number): Promise<Moment | 'unknown'> {
  const place = await history.findLogPlace(sql, document)
  if (!place || seq > place.head || seq < 0) return 'unknown'
  const base = seq >= place.uptoSeq ? await history.findState(sql, document) : await findKeyframe(sql, document, seq)
  if (!base?.isIntact) return 'unknown'
  const rows = await readRows(sql, { document, after: base.seq, upto: seq, epoch: base.epoch }, place)
  return isWhole(rows, base.seq, seq) ? { epoch: base.epoch, state: base.state, rows } : 'unknown'
}

/**
 * Rows of one document in `(after, upto]`, from segments and from the log. Those that cannot be read are missing, and so are those of another
 * epoch: they mean nothing on top of what belongs to this one.
 */
export async function readRows(
  sql: Sql,
  { epoch, ...range }: history.LogRange & { epoch: number },
  { uptoSeq, epoch: present }: Pick<history.LogPlace, 'uptoSeq' | 'epoch'>,
): Promise<HistoryRow[]> {
  const { after, upto } = range
  const packed = after < uptoSeq ? await history.listSegments(sql, [range]) : []
  const isPresent = upto > uptoSeq && epoch === present
  const loose = isPresent ? await history.listLogRows(sql, { ...range, after: Math.max(after, uptoSeq) }) : []
  return [
    ...packed.flatMap((segment) => (segment.epoch === epoch ? readOrNothing(() => unpackSegment(segment.data)) : [])),
    ...loose.flatMap((row) => (row.isIntact ? readOrNothing(() => [toHistoryRow(row)]) : [])),
  ].filter(({ seq }) => seq > after && seq <= upto)
}

/** The document of a moment; `unknown` when Yjs cannot read what stands there. */
export async function buildDocument({
  epoch,
  state,
  rows,
}: Moment): Promise<{ epoch: number; doc: Y.Doc } | 'unknown'> {
  try {
    return { epoch, doc: await buildInPieces(state, rows) }
  } catch {
    return 'unknown'
  }
}

const toHistoryRow = ({ seq, at, payload }: history.LogRow): HistoryRow => ({
  seq,
  at: at.getTime(),
  frames: decodeUpdateFrames(payload),
})

const readOrNothing = <T>(read: () => T[]): T[] => {
  try {
    return read()
  } catch {
    return []
  }
}

const isWhole = (rows: readonly HistoryRow[], after: number, upto: number): boolean =>
  rows.length === upto - after && rows.every(({ seq }, i) => seq === after + 1 + i)
