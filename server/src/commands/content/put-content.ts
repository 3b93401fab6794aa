/**
 * Writing texts by the API: a whole text, of which only what differs from the text that was read becomes hunks, or a list of edits. Both go
 * through the apply engine, so that a stale write is merged with what people have typed since.
 */

import { fileQueries } from '@skein/db'
import type { ListedEdit } from '@skein/document'
import {
  type DocumentId,
  type EditedContent,
  personToActorKey,
  Refusal,
  type Revision,
  type WrittenContent,
} from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { TreeDeps } from '../files/change-tree.ts'
import { addFile } from '../files/create-file.ts'
import { checkText, textToContent } from '../files/new-content.ts'
import { checkPath } from '../files/path-rules.ts'
import { refuseMissing, refuseNotText, requireTextFile } from './read-content.ts'
import { type Call, type WriteDeps, writeText } from './write-text.ts'

export interface PutDeps extends TreeDeps, WriteDeps {}

const BYTE_ORDER_MARK = '\ufeff'

/** One request, which may be the second try of one that was cut short; `run` is the same then, and unlike any other. */
export interface Attempt {
  run: string
  isRetry: boolean
  /** Rejects when the actor may not write here any more. */
  checkRight(): Promise<unknown>
}

/**
 * Makes the file at a path hold this text, as far as nobody's typing stands against it. `read` is the revision that the writer has read; without
 * one only a new file is made.
 * @throws Refusal precondition-required, not-text, and those of `writeText`
 */
export async function putContent(
  deps: PutDeps,
  project: ProjectKey,
  actor: Actor,
  attempt: Attempt,
  { path, text, read }: { path: string; text: string; read: Revision | null },
): Promise<WrittenContent & { isNew: boolean }> {
  checkText(path, text)
  const file = await findFile(deps, project, path)
  if (!file) {
    if (read !== null) throw refuseMissing(path)
    return createWithText(deps, project, actor, attempt, path, text)
  }
  if (file.documentId === null) throw refuseNotText(file)
  if (read === null) {
    // The try before has made it.
    if (file.documentId === attempt.run) return readNew(deps, path, file.documentId)
    throw new Refusal('precondition-required', `“${path}” exists already, so say which revision of it you have read.`, {
      hint: 'Read the file, and send the ETag of the answer as If-Match. Nothing was changed.',
      details: { path },
    })
  }
  const target = { project, path, fileId: file.id, documentId: file.documentId }
  const { matches: _matches, ...written } = await writeText(deps, target, toCall(actor, attempt), {
    read,
    wanted: { text: plainLineEnds(await withoutMark(deps, target.documentId, text), file.eol) },
  })
  return { ...written, isNew: false }
}

/** A byte order mark is a fact of the file and no character of its text, unless the text begins with one more. */
async function withoutMark({ documents }: PutDeps, documentId: DocumentId, text: string): Promise<string> {
  if (!text.startsWith(BYTE_ORDER_MARK)) return text
  const present = (await documents.read([documentId])).get(documentId)
  return present?.text.startsWith(BYTE_ORDER_MARK) ? text : text.slice(1)
}

/** Makes a list of edits in the text of a file. */
export async function editContent(
  deps: PutDeps,
  project: ProjectKey,
  actor: Actor,
  attempt: Attempt,
  { path, edits, read, waitMs }: { path: string; edits: readonly ListedEdit[]; read: Revision | null; waitMs: number },
): Promise<EditedContent> {
  const file = await requireTextFile(deps.db, project, path)
  const plain = edits.map((edit): ListedEdit => {
    const inserted = 'oldText' in edit ? edit.newText : edit.insert
    checkText(path, inserted)
    if (!('oldText' in edit)) return { ...edit, insert: plainLineEnds(inserted, file.eol) }
    const oldText = plainLineEnds(edit.oldText, file.eol)
    return { ...edit, oldText, newText: plainLineEnds(inserted, file.eol) }
  })
  const target = { project, path, fileId: file.id, documentId: file.documentId }
  return writeText(deps, target, toCall(actor, attempt), { read, wanted: { edits: plain }, waitMs })
}

const toCall = ({ userId, name }: Actor, { run, ...attempt }: Attempt): Call => ({
  ...attempt,
  id: run,
  writer: { actor: personToActorKey(userId), run },
  by: { id: userId, name },
})

async function createWithText(
  deps: PutDeps,
  project: ProjectKey,
  actor: Actor,
  { run }: Attempt,
  path: string,
  text: string,
): Promise<WrittenContent & { isNew: boolean }> {
  checkPath(path)
  // The document is named by the run: whoever tries again after a crash sees that it was made by them.
  const documentId = run as DocumentId
  const content = textToContent(path, text)
  const document = content.document && { ...content.document, id: documentId }
  await addFile(deps, project, actor, path, false, { ...content, documentId, document })
  return readNew(deps, path, documentId)
}

async function readNew(
  deps: PutDeps,
  path: string,
  document: DocumentId,
): Promise<WrittenContent & { isNew: boolean }> {
  const live = (await deps.documents.read([document])).get(document)
  if (!live) throw new Error(`the new document ${document} cannot be read`)
  return { path, ...live, hunks: [], hunkCounts: { applied: 0, rebased: 0, noop: 0, review: 0 }, isNew: true }
}

/** Line ends are `\n` in a document, except in a file whose line ends are mixed, which keeps each as it is. */
export const plainLineEnds = (text: string, eol: fileQueries.FileRow['eol']): string =>
  eol === 'mixed' ? text : text.replace(/\r\n?/g, '\n')

const findFile = async (deps: PutDeps, project: ProjectKey, path: string): Promise<fileQueries.FileRow | undefined> =>
  (
    await deps.db.inWorkspace(project.workspaceId, (tx) => fileQueries.findFilesByPath(tx, project.projectId, [path]), {
      readOnly: true,
    })
  )[0]
