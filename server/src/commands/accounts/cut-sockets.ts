/**
 * A socket is authenticated once. When a session or an API token of a person ends, their sockets are cut, everywhere: those that still may
 * come back by themselves, with a new ticket or a token that is still good.
 */
import { type Database, workspaceQueries } from '@skein/db'
import type { UserId } from '@skein/protocol'
import type { LiveDocuments } from '../live-documents.ts'

export interface CutSocketsDeps {
  db: Database
  documents: Pick<LiveDocuments, 'disconnect'>
}

/** Cuts all sockets of a person. */
export async function cutSockets({ db, documents }: CutSocketsDeps, userId: UserId): Promise<void> {
  for (const { id: workspaceId } of await workspaceQueries.listWorkspacesOf(db.instance, userId)) {
    documents.disconnect({ workspaceId, userId })
  }
}
