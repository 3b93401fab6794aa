/**
 * Uploading the bytes of one file. A new path becomes a file; the text of a text file is replaced by a live edit of
 * what differs; a binary file gets the new bytes. A text that people edit is never turned into a binary file under
 * their hands.
 */
import { randomUUID } from 'node:crypto'
import { fileQueries } from '@skein/db'
import { bytesToText } from '@skein/document'
import { type DocumentId, type File, personToActorKey, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { requireDocument } from '../access.ts'
import type { BlobStore } from '../blob-store.ts'
import type { ProjectKey } from '../event-hub.ts'
import { changeTree } from '../files/change-tree.ts'
import { addFile } from '../files/create-file.ts'
import { fileToView } from '../files/file-view.ts'
import { bytesToContent, type NewContent } from '../files/new-content.ts'
import { checkPath, refuseTaken } from '../files/path-rules.ts'
import type { PutDeps } from './put-content.ts'
import { refuseMissing } from './read-content.ts'
import { writeText } from './write-text.ts'

export interface UploadDeps extends PutDeps {
  blobs: BlobStore
}

/** Makes the file at a path hold these bytes; with `mustBeNew` only when there is none yet. */
export async function uploadFile(
  deps: UploadDeps,
  project: ProjectKey,
  actor: Actor,
  path: string,
  bytes: Uint8Array,
  mustBeNew = false,
): Promise<{ file: File; isNew: boolean }> {
  const [present] = await deps.db.inWorkspace(
    project.workspaceId,
    (tx) => fileQueries.findFilesByPath(tx, project.projectId, [path]),
    { readOnly: true },
  )
  if (present && mustBeNew) throw refuseTaken(path)
  if (present?.documentId) {
    return {
      file: await replaceText(deps, project, actor, { ...present, documentId: present.documentId }, bytes),
      isNew: false,
    }
  }
  if (!present) {
    checkPath(path)
    const content = await bytesToContent(deps.blobs, project.workspaceId, path, bytes)
    return { file: await addFile(deps, project, actor, path, false, content), isNew: true }
  }
  if (present.kind !== 'binary') {
    throw new Refusal(
      'not-text',
      `“${path}” is a ${present.kind} entry, which an upload cannot replace. Nothing was changed.`,
      {
        hint: 'Delete it first, or upload under another name.',
        details: { path, kind: present.kind },
      },
    )
  }
  const content = await bytesToContent(deps.blobs, project.workspaceId, path, bytes)
  return { file: await replaceBinary(deps, project, actor, present, content), isNew: false }
}

/** Another blob, or a document when the new bytes are text. */
function replaceBinary(
  deps: UploadDeps,
  project: ProjectKey,
  actor: Actor,
  present: fileQueries.FileRow,
  content: NewContent,
): Promise<File> {
  return changeTree(deps, project, actor, async ({ tx, by, changed }) => {
    const now = await fileQueries.findFile(tx, project.projectId, present.id)
    if (now?.kind !== 'binary') throw refuseMissing(present.path)
    const row = await fileQueries.setFileContent(tx, project.projectId, present.id, by, content)
    if (!row) throw refuseMissing(present.path)
    if (content.document) {
      await fileQueries.insertDocuments(tx, project, [{ ...content.document, fileId: present.id }])
    }
    await changed([row])
    return fileToView(row)
  })
}

async function replaceText(
  deps: UploadDeps,
  project: ProjectKey,
  actor: Actor,
  present: fileQueries.FileRow & { documentId: DocumentId },
  bytes: Uint8Array,
): Promise<File> {
  const decoded = bytesToText(bytes)
  if (decoded.kind === 'binary') {
    throw new Refusal(
      'not-text',
      `“${present.path}” is a text that people edit, and these bytes are not text. Nothing was changed.`,
      {
        hint: 'Upload under another name, or delete the text first.',
        details: { path: present.path, reason: decoded.reason },
      },
    )
  }
  // Whoever uploads a file means the whole of it, as it is in this moment: there is no text that they have read.
  const { id: fileId, documentId: document, path } = present
  const target = { project, path, fileId, documentId: document }
  const run = randomUUID()
  const call = {
    writer: { actor: personToActorKey(actor.userId), run },
    by: { id: actor.userId, name: actor.name },
    id: run,
    isRetry: false,
    checkRight: () => requireDocument(deps.db.instance, actor, document, 'write-documents'),
  }
  await writeText(deps, target, call, { read: null, wanted: { text: decoded.text } })
  const { eol, bom } = decoded.attributes
  if (eol === present.eol && bom === present.bom) return fileToView(present)
  return changeTree(deps, project, actor, async ({ tx, by, changed }) => {
    const { documentId, blobSha256 } = present
    const content = { kind: 'text', bytes: bytes.length, documentId, eol, bom, blobSha256 } as const
    const row = await fileQueries.setFileContent(tx, project.projectId, present.id, by, content)
    if (!row) throw refuseMissing(present.path)
    await changed([row])
    return fileToView(row)
  })
}
