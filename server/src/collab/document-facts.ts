/** What is known of an open document besides what it holds: where it belongs, and who writes in it under which client id. */
import type { ActorKey, DocumentId, FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import type { DocumentPicture } from './document-picture.ts'

export interface DocumentFacts {
  id: DocumentId
  fileId: FileId
  projectId: ProjectId
  workspaceId: WorkspaceId
  epoch: number
  /** Of the store, in which the rows have the numbers that they have here. */
  timeline: number
  /** Who first wrote under each client id. */
  owners: Map<number, ActorKey>
  /** Client ids of seeds of epochs that have ended. */
  retired: ReadonlySet<number>
  /** Row whose text stands beside the state. */
  textSeq: number
}

/** Of nearly every document. */
const NO_CLIENTS: ReadonlySet<number> = new Set()

export const pictureToFacts = (picture: DocumentPicture): DocumentFacts => ({
  id: picture.id,
  fileId: picture.fileId,
  projectId: picture.projectId,
  workspaceId: picture.workspaceId,
  epoch: picture.epoch,
  timeline: picture.timeline,
  owners: new Map(picture.clients.map(({ clientId, actor }) => [clientId, actor])),
  retired: picture.clients.some(({ retired }) => retired)
    ? new Set(picture.clients.filter(({ retired }) => retired).map(({ clientId }) => clientId))
    : NO_CLIENTS,
  textSeq: picture.textSeq,
})
