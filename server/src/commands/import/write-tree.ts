/**
 * Writes the rows of a fetched tree: files, and for text a document with its text, which is seeded when somebody opens it (DL7). Content streams
 * through; what is in memory is one batch.
 */
import { randomUUID } from 'node:crypto'
import { fileQueries, importQueries, type Tx } from '@skein/db'
import { bytesToText } from '@skein/document'
import { type DocumentId, FILE_TEXT_BYTES_MAX, type FileId, type JobProgress, SKEIN } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { PlannedEntry } from './plan-tree.ts'
import type { FetchedRemote } from './remote-source.ts'

const batchFilesMax = 1000
const batchBytesMax = 8 * 1024 * 1024
/** The specification of LFS keeps pointers below this. */
const lfsPointerBytesMax = 1024
const lfsPointerStart = 'version https://git-lfs.github.com/spec/v1\n'

interface Batch {
  files: importQueries.ImportedFile[]
  documents: { id: DocumentId; fileId: FileId; text: string }[]
  bytes: number
}

interface WriteOptions {
  signal: AbortSignal
  onProgress: (progress: JobProgress) => void
}

/** Writes all entries of the plan in `tx`. */
export async function writeTree(
  tx: Tx,
  project: ProjectKey,
  remote: FetchedRemote,
  plan: readonly PlannedEntry[],
  { signal, onProgress }: WriteOptions,
): Promise<void> {
  let batch: Batch = { files: [], documents: [], bytes: 0 }
  let done = 0
  const flush = async () => {
    signal.throwIfAborted()
    const { files, documents } = batch
    batch = { files: [], documents: [], bytes: 0 }
    if (files.length > 0) await importQueries.insertImportedFiles(tx, project, SKEIN, files)
    if (documents.length > 0) await fileQueries.insertDocuments(tx, project, documents)
    done += files.length
    onProgress({ phase: 'Reading the files', done, total: plan.length, unit: 'files' })
  }
  const add = async (entry: PlannedEntry, content: Uint8Array | null) => {
    const { file, text } = entryToFile(entry, content)
    batch.files.push(file)
    if (text !== null && file.documentId !== null) batch.documents.push({ id: file.documentId, fileId: file.id, text })
    batch.bytes += text?.length ?? 0
    if (batch.files.length >= batchFilesMax || batch.bytes >= batchBytesMax) await flush()
  }

  const isRead = (entry: PlannedEntry) => entry.kind === null && entry.bytes <= FILE_TEXT_BYTES_MAX
  for (const entry of plan) if (!isRead(entry)) await add(entry, null)
  const read = plan.filter(isRead)
  let at = 0
  await remote.readBlobs(
    read.map(({ oid }) => oid),
    async (oid, content) => {
      const entry = read[at++]
      if (entry?.oid !== oid) throw new Error('blobs came in another order than they were asked for')
      await add(entry, content)
    },
    signal,
  )
  await flush()
}

function entryToFile(
  entry: PlannedEntry,
  content: Uint8Array | null,
): { file: importQueries.ImportedFile; text: string | null } {
  const { path, pathRaw, key, mode, oid, bytes } = entry
  const base = { id: randomUUID() as FileId, path, pathRaw, key, mode, oid, bytes }
  const without = { documentId: null, eol: null, bom: false }
  if (entry.kind !== null) return { file: { ...base, ...without, kind: entry.kind }, text: null }
  if (content === null) return { file: { ...base, ...without, kind: 'binary' }, text: null }
  if (isLfsPointer(content)) return { file: { ...base, ...without, kind: 'lfs' }, text: null }
  const decoded = bytesToText(content)
  if (decoded.kind === 'binary') return { file: { ...base, ...without, kind: 'binary' }, text: null }
  const documentId = randomUUID() as DocumentId
  return { file: { ...base, kind: 'text', documentId, ...decoded.attributes }, text: decoded.text }
}

/** Whether a file is what Git LFS keeps in place of a large one. */
export const isLfsPointer = (content: Uint8Array): boolean =>
  content.length < lfsPointerBytesMax &&
  Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1').startsWith(lfsPointerStart)
