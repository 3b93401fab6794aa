/** What a pull asks for when it brings one remote text into a live one, and what comes of it. */
import type { Database } from '@skein/db'
import type { DocumentId, FileId, Oid, OverlapPolicy } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import type { LiveDocuments, WriteRequest } from '../live-documents.ts'
import type { TextMerge } from './text-merge.ts'

export interface MergeLiveDeps {
  db: Database
  record: RecordEvent
  documents: Pick<LiveDocuments, 'read' | 'write' | 'place'>
  merge: TextMerge
  /** Hears of late edits that could not be listed; the text is safe. */
  logFault?: (error: unknown, about?: object) => void
}

/** Texts have `\n` line ends as in the document; files of mixed ends keep their `\r`. */
export interface LiveMerge {
  project: ProjectKey
  pullId: string
  fileId: FileId
  documentId: DocumentId
  path: string
  /** The run names this pull and this document, the same at each try. */
  writer: WriteRequest['writer']
  base: string
  theirs: string
  remote: { oid: Oid; authorName: string | null; at: Date | null }
  policy: OverlapPolicy
  /** The pull was begun before, and may have written already. */
  isRetry: boolean
  /** When it was begun: it has written nothing before. */
  begunAt: Date
}

export type LiveMergeOutcome =
  /**
   * `conflicts`: how many of this pull wait for a person in this text. `hasChanged`: whether the text has become another one in this try, by the
   * pull or by anybody else.
   */
  | { conflicts: number; hasChanged: boolean }
  /** The document is not there any more; or its text would become larger than a file may be. Nothing was written. */
  | { outcome: 'gone' | 'too-large' }
