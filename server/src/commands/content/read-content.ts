/** Reading what files hold now: live texts with their revisions, one or many, and raw bytes as Git would see them. */
import { type Database, fileQueries } from '@skein/db'
import { textToBytes } from '@skein/document'
import {
  type BatchReadAnswer,
  type Content,
  type DocumentId,
  type FileId,
  Refusal,
  type Revision,
} from '@skein/protocol'
import type { BlobStore } from '../blob-store.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { LiveDocuments } from '../live-documents.ts'

export interface ReadDeps {
  db: Database
  documents: Pick<LiveDocuments, 'read'>
}

/** Text in one answer, in UTF-8 bytes; what is beyond is to be asked for in another request. */
const batchBytesMax = 32 * 1024 * 1024

/** The live text of the file at a path. */
export async function readContent(deps: ReadDeps, project: ProjectKey, path: string): Promise<Content> {
  const file = await requireTextFile(deps.db, project, path)
  const live = (await deps.documents.read([file.documentId])).get(file.documentId)
  if (!live) throw refuseMissing(path)
  return { path, ...live }
}

/** The file at a path. */
export async function requireFile(db: Database, project: ProjectKey, path: string): Promise<fileQueries.FileRow> {
  const [file] = await findFiles(db, project, [path])
  if (!file) throw refuseMissing(path)
  return file
}

/** The file at a path, which must be text. */
export async function requireTextFile(
  db: Database,
  project: ProjectKey,
  path: string,
): Promise<fileQueries.FileRow & { documentId: DocumentId }> {
  const file = await requireFile(db, project, path)
  if (file.documentId === null) throw refuseNotText(file)
  return { ...file, documentId: file.documentId }
}

/** Live texts of many files in the order asked for, one database query for the rows and one read for the texts. */
export async function readMany(
  deps: ReadDeps,
  project: ProjectKey,
  paths: readonly string[],
): Promise<BatchReadAnswer['files']> {
  const files = new Map((await findFiles(deps.db, project, paths)).map((file) => [file.path, file]))
  const texts = new Map<string, { revision: Revision; text: string }>()
  let bytes = 0
  for (const slice of sliceByBytes([...files.values()])) {
    if (bytes >= batchBytesMax) break
    const live = await deps.documents.read(slice.map(({ documentId }) => documentId))
    for (const { path, documentId } of slice) {
      const found = live.get(documentId)
      if (!found) continue
      bytes += Buffer.byteLength(found.text)
      if (bytes <= batchBytesMax) texts.set(path, found)
    }
  }
  return paths.map((path) => {
    const text = texts.get(path)
    if (text) return { path, ...text }
    const file = files.get(path)
    const refusal = file ? (file.documentId ? refuseBatch(path) : refuseNotText(file)) : refuseMissing(path)
    return { path, error: { code: refusal.code, message: refusal.message } }
  })
}

/**
 * Text files in groups of about 8 MiB (their sizes are those of the last commit), so that few answers wait in memory.
 */
function* sliceByBytes(files: readonly fileQueries.FileRow[]): Generator<{ path: string; documentId: DocumentId }[]> {
  let slice: { path: string; documentId: DocumentId }[] = []
  let bytes = 0
  for (const { path, documentId, bytes: size } of files) {
    if (documentId === null) continue
    slice.push({ path, documentId })
    bytes += size
    if (bytes < batchBytesMax / 4) continue
    yield slice
    slice = []
    bytes = 0
  }
  if (slice.length > 0) yield slice
}

export interface DownloadDeps extends ReadDeps {
  blobs: BlobStore
  git: Pick<GitStore, 'readBlobs'>
}

/** What a commit would hold of a file now: `tag` changes with the bytes, which are read when they are wanted. */
export async function downloadFile(
  deps: DownloadDeps,
  project: ProjectKey,
  path: string,
): Promise<{ file: fileQueries.FileRow; tag: string; read: () => Promise<Uint8Array> }> {
  const file = await requireFile(deps.db, project, path)
  if (file.documentId !== null) {
    const live = (await deps.documents.read([file.documentId], 'look')).get(file.documentId)
    if (!live) throw refuseMissing(path)
    const bytes = textToBytes(live.text, { eol: file.eol ?? 'lf', bom: file.bom })
    // Line ends are not part of the text, and so not of its revision.
    return { file, tag: `${live.revision}:${file.eol}${file.bom ? ':bom' : ''}`, read: async () => bytes }
  }
  const { blobSha256 } = file
  if (blobSha256) {
    const read = () => readBlob(deps.blobs, project, file.id, blobSha256)
    return { file, tag: Buffer.from(blobSha256).toString('hex'), read }
  }
  if (file.committedOid === null || file.kind === 'submodule') {
    throw new Refusal('not-text', `“${path}” is a ${file.kind}, which has no content of its own here.`)
  }
  return { file, tag: file.committedOid, read: () => readCommitted(deps.git, project, file) }
}

async function readBlob(blobs: BlobStore, project: ProjectKey, file: FileId, sha256: Uint8Array): Promise<Uint8Array> {
  const bytes = await blobs.get(project.workspaceId, sha256)
  if (!bytes) throw new Error(`the blob of file ${file} is missing`)
  return bytes
}

async function readCommitted(
  git: Pick<GitStore, 'readBlobs'>,
  project: ProjectKey,
  file: fileQueries.FileRow,
): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  await git.readBlobs(project, file.committedOid ? [file.committedOid] : [], (_, content) => {
    bytes = content
  })
  if (!bytes) throw new Error(`the committed blob of file ${file.id} is missing`)
  return bytes
}

const findFiles = (db: Database, project: ProjectKey, paths: readonly string[]): Promise<fileQueries.FileRow[]> =>
  db.inWorkspace(project.workspaceId, (tx) => fileQueries.findFilesByPath(tx, project.projectId, paths), {
    readOnly: true,
  })

export const refuseMissing = (path: string): Refusal =>
  new Refusal('not-found', `There is no file “${path}” in this project.`, {
    hint: 'It may have been renamed or deleted: look at the list of files, and at the trash.',
    details: { path },
  })

export const refuseNotText = (file: Pick<fileQueries.FileRow, 'path' | 'kind'>): Refusal =>
  new Refusal(
    'not-text',
    `“${file.path}” is ${file.kind === 'opaque' ? 'an entry' : `a ${file.kind} file`} that cannot be read or edited as text.`,
    {
      hint: 'Download it instead.',
      details: { path: file.path, kind: file.kind },
    },
  )

const refuseBatch = (path: string): Refusal =>
  new Refusal('body-too-large', `“${path}” did not fit into this answer.`, { hint: 'Ask for it in another request.' })
