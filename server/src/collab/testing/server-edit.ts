/** An edit by the server as tests want it: places in the text that was read, by a run of its own. */
import { randomUUID } from 'node:crypto'
import type { TextEdit } from '@skein/document'
import type { ActorKey, DocumentId, Revision } from '@skein/protocol'
import type { LiveDocuments, WriteOutcome } from '../../commands/live-documents.ts'

export const editAsServer = (
  live: Pick<LiveDocuments, 'write'>,
  document: DocumentId,
  actor: ActorKey,
  read: Revision,
  edits: readonly TextEdit[],
): Promise<WriteOutcome> =>
  live.write({
    document,
    writer: { actor, run: randomUUID() },
    read,
    // Each edit of a list is made on what those before it left: from the last to the first the places stay.
    wanted: { edits: edits.toReversed() },
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
  })
