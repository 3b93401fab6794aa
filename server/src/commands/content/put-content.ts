/**
 * Writing a whole text by the API: only what differs from the text that was read becomes an edit of the live
 * document, so open editors see it at once and everything around it stays.
 */

import { fileQueries } from '@skein/db'
import { diffToHunks } from '@skein/merge'
import { type Content, personToActorKey, Refusal, type Revision } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { TreeDeps } from '../files/change-tree.ts'
import { addFile } from '../files/create-file.ts'
import { checkText, textToContent } from '../files/new-content.ts'
import { checkPath } from '../files/path-rules.ts'
import type { LiveDocuments, LiveText } from '../live-documents.ts'
import { refuseMissing, refuseNotText } from './read-content.ts'

export interface PutDeps extends TreeDeps {
  documents: Pick<LiveDocuments, 'read' | 'edit'>
}

/**
 * Makes the file at a path hold this text. `read` is the revision that the writer has read; without one only a new
 * file is made.
 * @throws Refusal stale-revision (with the current text) when the file is no longer what was read,
 * precondition-required, not-text, not-found
 */
export async function putContent(
  deps: PutDeps,
  project: ProjectKey,
  actor: Actor,
  path: string,
  text: string,
  read: Revision | null,
): Promise<Content & { isNew: boolean }> {
  checkText(path, text)
  const file = await findFile(deps, project, path)
  if (!file) {
    if (read !== null) throw refuseMissing(path)
    return createWithText(deps, project, actor, path, text)
  }
  if (file.documentId === null) throw refuseNotText(file)
  if (read === null) {
    throw new Refusal('precondition-required', `“${path}” exists already, so say which revision of it you have read.`, {
      hint: 'Read the file, and send the ETag of the answer as If-Match. Nothing was changed.',
      details: { path },
    })
  }
  const current = (await deps.documents.read([file.documentId])).get(file.documentId)
  if (!current) throw refuseMissing(path)
  if (current.revision !== read) throw refuseStale(path, current)
  const edits = diffToHunks(current.text, plainLineEnds(text, file.eol))
  if (edits.length === 0) return { path, ...current, isNew: false }
  const outcome = await deps.documents.edit(file.documentId, personToActorKey(actor.userId), read, edits)
  if (outcome.outcome === 'stale') throw refuseStale(path, outcome.current)
  return { path, ...outcome.current, isNew: false }
}

async function createWithText(
  deps: PutDeps,
  project: ProjectKey,
  actor: Actor,
  path: string,
  text: string,
): Promise<Content & { isNew: boolean }> {
  checkPath(path)
  const content = textToContent(path, text)
  const file = await addFile(deps, project, actor, path, false, content)
  const live = file.documentId && (await deps.documents.read([file.documentId])).get(file.documentId)
  if (!live) throw new Error(`the new document of file ${file.id} cannot be read`)
  return { path, ...live, isNew: true }
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

const refuseStale = (path: string, current: LiveText): Refusal =>
  new Refusal('stale-revision', `“${path}” was changed since you read it. Nothing was written.`, {
    hint: 'Make your change again on the text in “details”, and send its revision as If-Match.',
    details: { path, revision: current.revision, text: current.text },
  })
