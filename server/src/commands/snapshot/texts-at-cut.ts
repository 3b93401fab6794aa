/**
 * The texts of a cut, made from rows and never from memory: the plain text where one stands ready at exactly that
 * update, else the state and the updates after it, up to the cut and not one further; from the history where the state
 * is newer than the cut. What is damaged is repaired first: a commit must not hold what nobody has written.
 */
import { type Database, snapshotQueries, type Tx } from '@skein/db'
import { decodeUpdateFrames, documentText } from '@skein/document'
import type { DocumentId, WorkspaceId } from '@skein/protocol'
import { buildInPieces } from '../history/build-in-pieces.ts'
import { buildDocument, type Moment, readMoment } from '../history/read-history.ts'
import { type RepairReport, repairDocument } from '../repair/repair-document.ts'

export interface DocumentCut {
  document: DocumentId
  seq: number
}

/** The rows and the history do not reach back to the cut: the document or content is gone, or that part is damaged. */
export class CutOutOfReachError extends Error {
  override readonly name = 'CutOutOfReachError'
}

class DamagedError extends Error {
  readonly document: DocumentId

  constructor(document: DocumentId) {
    super(`document ${document} is damaged`)
    this.document = document
  }
}

/** Documents whose rows are in memory at once. */
const batchMax = 100

export interface TextAtCut {
  text: string
  /** It stood beside the state already. */
  wasReady: boolean
}

export interface TextsDeps {
  database: Database
  /** Told of documents that were found damaged. */
  onRepaired?: (report: RepairReport) => void
}

/** Gives the text of each document at its cut, a batch at a time. */
export async function* textsAtCut(
  deps: TextsDeps,
  workspace: WorkspaceId,
  cuts: readonly DocumentCut[],
): AsyncGenerator<Map<DocumentId, TextAtCut>> {
  for (let start = 0; start < cuts.length; start += batchMax) {
    yield await readRepaired(deps, workspace, cuts.slice(start, start + batchMax))
  }
}

/** Each damaged document is repaired once; damage that stays is a fault. */
async function readRepaired(
  { database, onRepaired }: TextsDeps,
  workspace: WorkspaceId,
  cuts: readonly DocumentCut[],
): Promise<Map<DocumentId, TextAtCut>> {
  const repaired = new Set<DocumentId>()
  for (;;) {
    try {
      return await readBatch(database, workspace, cuts)
    } catch (error) {
      if (!(error instanceof DamagedError) || repaired.has(error.document)) throw error
      repaired.add(error.document)
      const report = await repairDocument(database, error.document)
      onRepaired?.(report)
    }
  }
}

async function readBatch(
  database: Database,
  workspace: WorkspaceId,
  cuts: readonly DocumentCut[],
): Promise<Map<DocumentId, TextAtCut>> {
  const picture = await database.inWorkspace(workspace, (tx) => readPicture(tx, cuts), {
    isolation: 'repeatable read',
    readOnly: true,
  })
  const texts = new Map<DocumentId, TextAtCut>()
  for (const { document, seq } of cuts) {
    const row = picture.documents.get(document)
    if (row && row.text !== null) texts.set(document, { text: row.text, wasReady: true })
    else {
      const rows = picture.updates.get(document) ?? []
      const made = row && row.uptoSeq <= seq ? rebuildText(row, rows, seq) : textOf(picture.moments.get(document))
      const text = await made
      if (text === null) throw new CutOutOfReachError(`document ${document} cannot be read as of update ${seq}`)
      texts.set(document, { text, wasReady: false })
      // A long document takes milliseconds; sockets must not wait for a hundred of them.
      await new Promise(setImmediate)
    }
  }
  return texts
}

interface Picture {
  documents: Map<DocumentId, snapshotQueries.DocumentAtCut>
  updates: Map<DocumentId, snapshotQueries.UpdateRow[]>
  /** Of documents that were compacted beyond the cut. */
  moments: Map<DocumentId, Moment>
}

async function readPicture(tx: Tx, cuts: readonly DocumentCut[]): Promise<Picture> {
  const documents = new Map((await snapshotQueries.listDocumentsAtCut(tx, cuts)).map((row) => [row.document, row]))
  const moments = new Map<DocumentId, Moment>()
  const ranges: { document: DocumentId; after: number; upto: number }[] = []
  for (const { document, seq } of cuts) {
    const row = documents.get(document)
    if (!row || row.text !== null) continue
    if (row.uptoSeq <= seq) ranges.push({ document, after: row.uptoSeq, upto: seq })
    else {
      const moment = await readMoment(tx, document, seq)
      if (moment !== 'unknown') moments.set(document, moment)
    }
  }
  const updates = ranges.length > 0 ? await snapshotQueries.listUpdates(tx, ranges) : []
  return { documents, updates: Map.groupBy(updates, ({ document }) => document), moments }
}

async function textOf(moment: Moment | undefined): Promise<string | null> {
  const built = moment ? await buildDocument(moment) : 'unknown'
  if (built === 'unknown') return null
  const text = documentText(built.doc)
  built.doc.destroy()
  return text
}

/** Null when rows are missing between the state and the cut. */
async function rebuildText(
  { document, state, uptoSeq, isIntact }: snapshotQueries.DocumentAtCut,
  rows: readonly snapshotQueries.UpdateRow[],
  seq: number,
): Promise<string | null> {
  if (state === null || uptoSeq + rows.length !== seq) return null
  if (!isIntact || rows.some((row) => !row.isIntact)) throw new DamagedError(document)
  try {
    const frames = rows.map(({ payload }) => ({ frames: decodeUpdateFrames(payload) }))
    const doc = await buildInPieces(state, frames)
    const text = documentText(doc)
    doc.destroy()
    return text
  } catch {
    throw new DamagedError(document)
  }
}
