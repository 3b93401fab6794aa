/** Conflicts as people see them: with what stands at their place now, and the texts of files where they are texts of moderate length. */
import { conflictQueries, type Database, fileQueries } from '@skein/db'
import { bytesToText } from '@skein/document'
import type { Conflict, ConflictSide, Oid } from '@skein/protocol'
import { notFound } from '../../policies/authorise.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { LiveDocuments } from '../live-documents.ts'
import { lineOf } from './list-lines.ts'

export interface ReadConflictDeps {
  db: Database
  documents: Pick<LiveDocuments, 'read' | 'place'>
  git: Pick<GitStore, 'readBlobs'>
}

type Row = conflictQueries.ConflictRow

/** Texts of whole files that are shown beside each other. */
const fileTextBytesMax = 256 * 1024
const typeMask = 0o170000
const typeFile = 0o100000

/** One conflict, with everything. */
export async function readConflict(deps: ReadConflictDeps, project: ProjectKey, id: string): Promise<Conflict> {
  const { projectId, workspaceId } = project
  const row = await deps.db.inWorkspace(workspaceId, (tx) => conflictQueries.findConflict(tx, projectId, id), {
    readOnly: true,
  })
  if (!row) throw notFound('conflict')
  return row.kind === 'lines' ? readLines(deps, row) : readFile(deps, project, row)
}

/** A conflict of a list: its line is the one on which it was found, and long texts are left out. */
export const rowToConflict = (row: Row): Conflict => ({
  id: row.id,
  kind: row.kind,
  what: row.what,
  path: row.path,
  fileId: row.fileId,
  documentId: row.documentId,
  line: row.line,
  present: null,
  contextBefore: row.contextBefore,
  contextAfter: row.contextAfter,
  base: toSide(row.base),
  ours: toSide(row.ours),
  theirs: toSide(row.theirs),
  oursBy: row.oursBy.map(toPerson),
  remote: { oid: row.remoteOid, authorName: row.remoteAuthor, at: row.remoteAt?.toISOString() ?? null },
  state: row.state,
  choice: row.choice,
  resolvedBy: row.resolvedBy && toPerson(row.resolvedBy),
  resolvedAt: row.resolvedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
})

const toPerson = ({ id, name }: { id: string; name: string | null }) => ({ id, name: name ?? 'Somebody who has left' })

const toSide = (side: conflictQueries.Side | null): ConflictSide | null =>
  side && {
    text: side.text,
    path: side.path ?? null,
    mode: side.mode ?? null,
    oid: side.oid ?? null,
    bytes: side.bytes ?? (side.text === null ? null : Buffer.byteLength(side.text)),
  }

async function readLines({ documents }: ReadConflictDeps, row: Row): Promise<Conflict> {
  const conflict = rowToConflict(row)
  const { documentId, anchorStart, anchorEnd } = row
  const hasPlace = row.state === 'open' && documentId !== null && anchorStart !== null && anchorEnd !== null
  const placed = hasPlace ? await documents.place(documentId, [{ anchorStart, anchorEnd }]) : null
  const range = placed?.ranges[0]
  if (!placed || !range) return { ...conflict, line: null }
  const { text } = placed.current
  return { ...conflict, line: lineOf(text, range.from), present: text.slice(range.from, range.to) }
}

async function readFile(deps: ReadConflictDeps, project: ProjectKey, row: Row): Promise<Conflict> {
  const conflict = rowToConflict(row)
  const [base, theirs] = [await withText(deps, project, conflict.base), await withText(deps, project, conflict.theirs)]
  return { ...conflict, base, theirs, ours: await readOurs(deps, project, row, conflict.ours) }
}

/** Ours is what the live file holds; it need not be in any commit. */
async function readOurs(
  deps: ReadConflictDeps,
  project: ProjectKey,
  { fileId }: Row,
  side: ConflictSide | null,
): Promise<ConflictSide | null> {
  const file =
    fileId &&
    (await deps.db.inWorkspace(project.workspaceId, (tx) => fileQueries.findFile(tx, project.projectId, fileId), {
      readOnly: true,
    }))
  if (!side || !file) return side
  if (file.documentId === null) return withText(deps, project, { ...side, bytes: file.bytes })
  const text = (await deps.documents.read([file.documentId], 'look')).get(file.documentId)?.text ?? null
  const bytes = text === null ? side.bytes : Buffer.byteLength(text)
  return { ...side, bytes, text: bytes !== null && bytes <= fileTextBytesMax ? text : null }
}

async function withText(
  { git }: ReadConflictDeps,
  project: ProjectKey,
  side: ConflictSide | null,
): Promise<ConflictSide | null> {
  if (!side?.oid || side.text !== null || side.mode === null) return side
  if ((Number.parseInt(side.mode, 8) & typeMask) !== typeFile) return side
  const content = await readBlob(git, project, side.oid)
  // Never committed, or swept: there is nothing to show.
  if (content === null) return side
  const decoded = content.length <= fileTextBytesMax ? bytesToText(content) : null
  return { ...side, bytes: content.length, text: decoded?.kind === 'text' ? decoded.text : null }
}

async function readBlob(git: ReadConflictDeps['git'], project: ProjectKey, oid: Oid): Promise<Uint8Array | null> {
  let content: Uint8Array | null = null
  try {
    await git.readBlobs(project, [oid], (_oid, bytes) => {
      content = Uint8Array.from(bytes)
    })
  } catch {
    return null
  }
  return content
}
