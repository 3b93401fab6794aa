/**
 * Port: the live texts, as every writer and reader but a browser uses them.
 * A revision always names a committed text. An edit is one synchronous transaction under a client id of its own, authorised by
 * the caller before, and durable when the promise resolves (DL4).
 */
import type { ActorKey, DocumentId, Revision } from '@skein/protocol'

export interface LiveText {
  revision: Revision
  /** With `\n` line ends; a file with mixed ends keeps its `\r`. */
  text: string
}

export interface TextEdit {
  /** UTF-16 offset in the text that was read; edits are ordered and do not overlap. */
  at: number
  remove: number
  insert: string
}

export type EditOutcome =
  | { outcome: 'applied'; current: LiveText }
  /** The text is not the one that was read; nothing was changed. */
  | { outcome: 'stale'; current: LiveText }

export interface LiveDocuments {
  /** Never decodes a document when its text stands in memory or beside the state. Missing documents are absent from the answer. */
  read(documents: readonly DocumentId[]): Promise<Map<DocumentId, LiveText>>
  edit(document: DocumentId, by: ActorKey, read: Revision, edits: readonly TextEdit[]): Promise<EditOutcome>
}
