/**
 * Reading and writing live documents in PostgreSQL: the load (DL7), the seed of a new epoch, the text beside the state.
 *
 * A load reads one picture of the database and applies it in one transaction, before anybody listens to the document. When anything fails
 * the opening fails; an empty document never comes of it.
 */
import { type Database, documentLogQueries } from '@skein/db'
import { decodeUpdateFrames, seedEpoch } from '@skein/document'
import { type ActorKey, type DocumentId, SKEIN } from '@skein/protocol'
import * as Y from 'yjs'
import type { DocumentFacts } from './open-document.ts'

export interface LoadedDocument {
  facts: DocumentFacts
  /** The last row that was applied. */
  head: number
}

export interface DocumentStore {
  /** Fills `doc`; null when there is no such document. Rejects when it cannot be read; `doc` is of no use then. */
  load(document: DocumentId, doc: Y.Doc): Promise<LoadedDocument | null>
  /** Keeps the text of row `seq` beside the state. */
  saveText(document: DocumentId, seq: number, text: string): Promise<void>
}

export const createDocumentStore = (db: Database): DocumentStore => {
  const read = (document: DocumentId) =>
    db.onLog(
      async (tx) => {
        const row = await documentLogQueries.findDocument(tx, document)
        if (!row?.state) return row && { row, updates: [], clients: [] }
        const updates = await documentLogQueries.listUpdates(tx, document, row.uptoSeq)
        return { row, updates, clients: await documentLogQueries.listClients(tx, document) }
      },
      { isolation: 'repeatable read', readOnly: true },
    )

  /** Of several who come at once, one seeds: the others wait at the lock and find it done. */
  const seed = (document: DocumentId) =>
    db.onLog(async (tx) => {
      const unseeded = await documentLogQueries.lockUnseeded(tx, document)
      if (!unseeded) return
      const clientId = crypto.getRandomValues(new Uint32Array(1))[0] as number
      const state = seedEpoch(unseeded.text, unseeded.epoch, clientId)
      await documentLogQueries.insertSeed(tx, document, { state, clientId, actor: SKEIN })
    })

  return {
    load: async (document, doc) => {
      let picture = await read(document)
      if (picture && !picture.row.state) {
        await seed(document)
        picture = await read(document)
      }
      if (!picture) return null
      const { row, updates, clients } = picture
      const { state } = row
      if (!state) throw new Error(`Document ${document} has no state after it was seeded`)
      doc.transact(() => {
        Y.applyUpdateV2(doc, state)
        for (const { payload } of updates) {
          for (const { update } of decodeUpdateFrames(payload)) Y.applyUpdate(doc, update)
        }
      })
      return { facts: rowToFacts(row, clients), head: row.head }
    },
    saveText: (document, seq, text) => documentLogQueries.saveText(db.log, document, seq, text),
  }
}

const rowToFacts = (row: documentLogQueries.DocumentRow, clients: documentLogQueries.ClientRow[]): DocumentFacts => ({
  id: row.id,
  fileId: row.fileId,
  projectId: row.projectId,
  workspaceId: row.workspaceId,
  epoch: row.epoch,
  owners: new Map<number, ActorKey>(clients.map(({ clientId, actor }) => [clientId, actor])),
  retired: new Set(clients.filter(({ retired }) => retired).map(({ clientId }) => clientId)),
  textSeq: row.textSeq,
})
