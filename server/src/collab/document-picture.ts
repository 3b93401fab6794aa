/**
 * All that is kept of a document, as one picture, and how a Y.Doc is made of it (DL7): in one transaction, before anybody listens. What
 * fails there fails the load; an empty document never comes of it.
 */
import { applyState, applyUpdate, decodeUpdateFrames, type Opening } from '@skein/document'
import type { ActorKey, DocumentId, FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import type * as Y from 'yjs'

/** One row of the log. */
export interface LogRow {
  seq: number
  /** Update frames. */
  payload: Uint8Array
}

/** Who wrote under a client id first. */
export interface ClientOwner {
  clientId: number
  actor: ActorKey
  /** It belongs to the seed of an epoch that has ended. */
  retired: boolean
}

export interface DocumentPicture {
  id: DocumentId
  fileId: FileId
  projectId: ProjectId
  workspaceId: WorkspaceId
  epoch: number
  /** The last row. */
  head: number
  /** Of the store, when it was read. */
  timeline: number
  /** V2, holds everything that is not in `rows`; not there when there is an opening. */
  state: Uint8Array
  /** The whole document, ready to be sent to an empty client; there are no rows beside it. */
  opening?: Opening | null
  rows: readonly LogRow[]
  clients: readonly ClientOwner[]
  /** Row whose text stands beside the state. */
  textSeq: number
}

/** Fills an empty document. Throws on bytes that Yjs cannot read; `doc` is of no use then. */
export const applyPicture = (
  doc: Y.Doc,
  { state, opening, rows }: Pick<DocumentPicture, 'state' | 'opening' | 'rows'>,
): void => {
  doc.transact(() => {
    if (opening) applyUpdate(doc, opening.update)
    else applyState(doc, state)
    for (const { payload } of rows) {
      for (const { update } of decodeUpdateFrames(payload)) applyUpdate(doc, update)
    }
  })
}
