/**
 * What a new file holds, judged by its bytes: valid UTF-8 up to 4 MiB becomes a live document, everything else is
 * binary and goes to the blob store.
 */
import { randomUUID } from 'node:crypto'
import { fileQueries } from '@skein/db'
import { bytesToText } from '@skein/document'
import { twinKey } from '@skein/git-model'
import { type DocumentId, FILE_TEXT_BYTES_MAX, type FileId, Refusal, type WorkspaceId } from '@skein/protocol'
import type { BlobStore } from '../blob-store.ts'
import type { TreeChange } from './change-tree.ts'

/** Largest file that can be uploaded: what GitHub takes, and what the blob store keeps as one value. */
export const fileBytesMax = 100 * 1024 * 1024
const symlinkBytesMax = 4096

export const modeOfFile = 0o100644
export const modeOfExecutable = 0o100755
const modeOfSymlink = 0o120000

/** Content on its way into a file row; `document` is the id and first text of a document to make. */
export interface NewContent extends fileQueries.FileContent {
  document: { id: DocumentId; text: string } | null
}

/** Judges the bytes of an upload, and puts them into the blob store when they are not text. */
export async function bytesToContent(
  blobs: BlobStore,
  workspace: WorkspaceId,
  path: string,
  bytes: Uint8Array,
): Promise<NewContent> {
  refuseTooLarge(path, bytes.length)
  const decoded = bytesToText(bytes)
  if (decoded.kind === 'binary') return blobContent('binary', bytes.length, await blobs.put(workspace, bytes))
  const document = { id: randomUUID() as DocumentId, text: decoded.text }
  return {
    kind: 'text',
    bytes: bytes.length,
    documentId: document.id,
    ...decoded.attributes,
    blobSha256: null,
    document,
  }
}

/** The content of a file that is typed or sent as text. Refuses what a text cannot hold. */
export function textToContent(path: string, text: string): NewContent {
  const bytes = checkText(path, text)
  const decoded = bytesToText(bytes)
  if (decoded.kind === 'binary') throw new Error(`checked text is binary: ${decoded.reason}`)
  const document = { id: randomUUID() as DocumentId, text: decoded.text }
  return {
    kind: 'text',
    bytes: bytes.length,
    documentId: document.id,
    ...decoded.attributes,
    blobSha256: null,
    document,
  }
}

/** The content of a symbolic link: where it points. Skein keeps it and never follows it. */
export async function symlinkToContent(blobs: BlobStore, workspace: WorkspaceId, target: string): Promise<NewContent> {
  const bytes = new TextEncoder().encode(target)
  if (bytes.length === 0 || bytes.length > symlinkBytesMax || target.includes('\0') || !target.isWellFormed()) {
    throw new Refusal('invalid-request', `A link needs a target of 1 to ${symlinkBytesMax} bytes in “content”.`)
  }
  return blobContent('symlink', bytes.length, await blobs.put(workspace, bytes))
}

const blobContent = (kind: 'binary' | 'symlink', bytes: number, blobSha256: Uint8Array): NewContent => ({
  kind,
  bytes,
  documentId: null,
  eol: null,
  bom: false,
  blobSha256,
  document: null,
})

/** The text as UTF-8. Refuses NUL, half characters, and more than 4 MiB. */
export function checkText(path: string, text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new Refusal(
      'invalid-request',
      `The text for “${path}” holds half of a character (a lone surrogate). Nothing was changed.`,
      {
        hint: 'Send well-formed Unicode.',
      },
    )
  }
  if (text.includes('\0')) {
    throw new Refusal(
      'invalid-request',
      `The text for “${path}” holds a NUL character, which a text cannot. Nothing was changed.`,
      {
        hint: 'Upload the bytes as a file instead.',
      },
    )
  }
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > FILE_TEXT_BYTES_MAX) {
    throw new Refusal(
      'file-too-large',
      `“${path}” would hold ${mib(bytes.length)} of text; the limit is ${mib(FILE_TEXT_BYTES_MAX)}.`,
      {
        hint: 'Split the text into several files, or upload it as a binary file. Nothing was changed.',
        details: { path, bytes: bytes.length, bytesMax: FILE_TEXT_BYTES_MAX },
      },
    )
  }
  return bytes
}

function refuseTooLarge(path: string, bytes: number): void {
  if (bytes <= fileBytesMax) return
  throw new Refusal('file-too-large', `“${path}” has ${mib(bytes)}; the limit for one file is ${mib(fileBytesMax)}.`, {
    hint: 'Keep large files elsewhere and link to them. Nothing was changed.',
    details: { path, bytes, bytesMax: fileBytesMax },
  })
}

const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toLocaleString('en', { maximumFractionDigits: 1 })} MiB`

/** Adds files to the tree; their paths have been checked. */
export async function insertContents(
  change: Pick<TreeChange, 'tx' | 'project' | 'by'>,
  files: readonly { path: string; executable: boolean; content: NewContent }[],
): Promise<fileQueries.FileRow[]> {
  const rows = files.map(({ path, executable, content }) => ({
    id: randomUUID() as FileId,
    path,
    key: twinKey(path),
    mode: content.kind === 'symlink' ? modeOfSymlink : executable ? modeOfExecutable : modeOfFile,
    ...content,
  }))
  await fileQueries.insertFiles(change.tx, change.project, change.by, rows)
  const documents = rows.flatMap(({ id, document }) => (document ? [{ ...document, fileId: id }] : []))
  if (documents.length > 0) await fileQueries.insertDocuments(change.tx, change.project, documents)
  return rows.map((row) => ({ ...row, committedOid: null }))
}
