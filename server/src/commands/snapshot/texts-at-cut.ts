/**
 * The texts of a cut, made from rows and never from memory: the plain text where one stands ready at exactly that
 * update, else the state and the updates after it, up to the cut and not one further.
 */
import { type Database, snapshotQueries } from '@skein/db'
import { decodeUpdateFrames, documentText } from '@skein/document'
import type { DocumentId, WorkspaceId } from '@skein/protocol'
import * as Y from 'yjs'

export interface DocumentCut {
  document: DocumentId
  seq: number
}

/** The rows do not reach back to the cut any more: compacted beyond it, or the document or content is gone. */
export class CutOutOfReachError extends Error {
  override readonly name = 'CutOutOfReachError'
}

/** Documents whose rows are in memory at once. */
const batchMax = 100

export interface TextAtCut {
  text: string
  /** It stood beside the state already. */
  wasReady: boolean
}

/** Gives the text of each document at its cut, a batch at a time. */
export async function* textsAtCut(
  database: Database,
  workspace: WorkspaceId,
  cuts: readonly DocumentCut[],
): AsyncGenerator<Map<DocumentId, TextAtCut>> {
  for (let start = 0; start < cuts.length; start += batchMax) {
    yield await readBatch(database, workspace, cuts.slice(start, start + batchMax))
  }
}

async function readBatch(
  database: Database,
  workspace: WorkspaceId,
  cuts: readonly DocumentCut[],
): Promise<Map<DocumentId, TextAtCut>> {
  const { documents, updates } = await database.inWorkspace(
    workspace,
    async (tx) => {
      const documents = new Map((await snapshotQueries.listDocumentsAtCut(tx, cuts)).map((row) => [row.document, row]))
      const ranges = cuts.flatMap(({ document, seq }) => {
        const row = documents.get(document)
        return row && row.text === null ? [{ document, after: row.uptoSeq, upto: seq }] : []
      })
      return { documents, updates: ranges.length > 0 ? await snapshotQueries.listUpdates(tx, ranges) : [] }
    },
    { isolation: 'repeatable read', readOnly: true },
  )
  const payloads = Map.groupBy(updates, ({ document }) => document)
  const texts = new Map<DocumentId, TextAtCut>()
  for (const { document, seq } of cuts) {
    const row = documents.get(document)
    const rows = payloads.get(document) ?? []
    const isWhole = row && (row.text !== null || (row.state !== null && row.uptoSeq + rows.length === seq))
    if (!isWhole) throw new CutOutOfReachError(`document ${document} cannot be read as of update ${seq}`)
    texts.set(document, { text: row.text ?? rebuildText(row.state, rows), wasReady: row.text !== null })
    // A long document takes milliseconds; sockets must not wait for a hundred of them.
    if (row.text === null) await new Promise(setImmediate)
  }
  return texts
}

function rebuildText(state: Buffer | null, rows: readonly snapshotQueries.UpdateRow[]): string {
  const doc = new Y.Doc()
  if (state) Y.applyUpdateV2(doc, state)
  doc.transact(() => {
    for (const { payload } of rows) {
      for (const { update } of decodeUpdateFrames(payload)) Y.applyUpdate(doc, update)
    }
  })
  const text = documentText(doc)
  doc.destroy()
  return text
}
