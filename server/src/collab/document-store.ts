/**
 * Port: the one way from live documents to what is kept of them. Everything durable about a document's text passes here: its log, its state, who
 * owns which client id. PostgreSQL orders what several nodes append; `document-store.contract.ts` holds every implementation to it.
 */
import type { ActorKey, DocumentId } from '@skein/protocol'
import type { ClientOwner, DocumentPicture, LogRow } from './document-picture.ts'

/** What one commit appends to one document. */
export interface CommitItem {
  document: DocumentId
  /** The epoch in which the updates were made; in another one they have no place. */
  epoch: number
  /** Update frames. */
  payload: Uint8Array
  /** DL16: what it was made upon: the highest row that is known to exist, and the timeline in which it has its number. Without it nothing is asked. */
  onto?: { timeline: number; seq: number }
  /** Client ids that write for the first time, bound to their actors in the same commit; each at most once. */
  clients: readonly { clientId: number; actor: ActorKey }[]
}

/** What became of an item: its row, or why there is none. A client id may have been bound to somebody else by another node. */
export type Landing =
  | { outcome: 'committed'; seq: number }
  | { outcome: 'refused'; reason: 'epoch-changed' | 'foreign-client' | 'rows-lost' }
  | { outcome: 'gone' }

/** Where a document stands. */
export interface DocumentHead {
  epoch: number
  /** The last row. */
  head: number
  /**
   * Of its rows: another one when the store has gone back to an earlier state, so that some may be lost and their numbers given anew, or when a
   * repair has emptied some. It only grows.
   */
  timeline: number
}

/** What a node has missed of a document. */
export interface MissedRows extends DocumentHead {
  /** V2 state up to row `uptoSeq`, when some of what was asked for stands in it alone. */
  state: Uint8Array | null
  uptoSeq: number
  /** What came after that, in order. */
  rows: readonly LogRow[]
  clients: readonly ClientOwner[]
}

export interface DocumentStore {
  /**
   * Appends one row to each document, all in one durable commit; `seq` is gapless and in commit order for each document, whoever appends
   * (DL3). Each item has a landing. Rejects when it is not known what became of it, or with an SQLSTATE of class 22, 23 or 54 as `code` when
   * it would fail for ever.
   */
  commit(items: readonly CommitItem[]): Promise<ReadonlyMap<DocumentId, Landing>>
  /** One picture of all that is kept, without what had to be set aside because it is damaged; the epoch is seeded before if need be, once, however many ask. Null: there is no such document. */
  load(document: DocumentId): Promise<DocumentPicture | null>
  /** Yjs could not read what `load` gave: sets aside what is damaged, so that the next load gives what is left. */
  repair(document: DocumentId): Promise<void>
  /** One picture of what came after row `seq`. Null: there is no such document. */
  loadMissed(document: DocumentId, seq: number): Promise<MissedRows | null>
  /** Missing documents are absent. */
  heads(documents: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentHead>>
  /** Keeps the text of a row beside the state, never an older one in place of a newer, nor one of another epoch or of a row that is not there. */
  saveText(document: DocumentId, at: { epoch: number; seq: number; timeline?: number }, text: string): Promise<void>
}
