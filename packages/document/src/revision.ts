/**
 * Revisions: which text of a document somebody read. `document:epoch:seq`, opaque to clients; `seq` is the number of the last committed
 * row of the log that the text holds.
 */
import type { DocumentId, Revision } from '@skein/protocol'

export interface RevisionParts {
  document: DocumentId
  epoch: number
  seq: number
}

export const partsToRevision = ({ document, epoch, seq }: RevisionParts): Revision =>
  `${document}:${epoch}:${seq}` as Revision

/** Null when it is not a revision at all. */
export const revisionToParts = (revision: string): RevisionParts | null => {
  const match = /^([0-9a-f-]{36}):(\d{1,9}):(\d{1,15})$/.exec(revision)
  if (!match) return null
  const [, document, epoch, seq] = match
  return { document: document as DocumentId, epoch: Number(epoch), seq: Number(seq) }
}
