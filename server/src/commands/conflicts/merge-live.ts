/**
 * One text of a pull, brought into its live document while people type (GS5). What theirs changed where nobody here did is written through the
 * apply engine; what both changed becomes a conflict, and the text keeps ours. Rules: SPEC.md beside this file.
 */
import type { Database } from '@skein/db'
import { type DocumentId, type FileId, type Oid, type OverlapPolicy, Refusal } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import type { LiveDocuments, WriteRequest } from '../live-documents.ts'
import type { TextMerge } from './text-merge.ts'

export interface MergeLiveDeps {
  db: Database
  record: RecordEvent
  documents: Pick<LiveDocuments, 'read' | 'write'>
  merge: TextMerge
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
}

export type LiveMergeOutcome =
  /** `conflicts`: how many of this pull wait for a person in this text. `hasChanged`: whether the live text is another one now. */
  | { conflicts: number; hasChanged: boolean }
  /** The document is not there any more; or its text would become larger than a file may be. Nothing was written. */
  | { outcome: 'gone' | 'too-large' }

/** Texts that change while they are merged are merged again; one that changes more often than that is left to the next try of the pull. */
const TRIES_MAX = 5
/** How long lines may wait on which somebody is typing: a pull that holds snapshots back waits for nobody. */
const WAIT_MS = 0

/** Brings one remote text into the live one. Rejects with a Refusal `unavailable` when the document cannot be read or written now. */
export async function mergeIntoLive(deps: MergeLiveDeps, merge: LiveMerge): Promise<LiveMergeOutcome> {
  const { documentId, writer, base, theirs, isRetry } = merge
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const live = (await deps.documents.read([documentId])).get(documentId)
    if (!live) return { outcome: 'gone' }
    const merged = await deps.merge.merge(base, live.text, theirs)
    const written = await deps.documents.write({
      document: documentId,
      writer,
      read: live.revision,
      wanted: { text: merged.text },
      marks: merged.conflicts,
      waitMs: WAIT_MS,
      isRetry,
      checkRight: async () => {},
    })
    if (written.outcome === 'too-large') return { outcome: 'too-large' }
    if (written.outcome !== 'written') continue
    return { conflicts: merged.conflicts.length, hasChanged: written.current.text !== live.text }
  }
  throw new Refusal('unavailable', 'The text changes faster than it can be merged. Nothing is lost.', {
    hint: 'It is tried again.',
  })
}
