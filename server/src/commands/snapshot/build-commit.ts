/**
 * Building (SN2): blobs of changed files, path-copied trees, one commit. A blob is left out only where the base holds
 * it at this very file, so that nothing new ever leans on an object that is not reachable from the base.
 */
import type { Database, snapshotQueries } from '@skein/db'
import { textToBytes } from '@skein/document'
import {
  decodeCommit,
  editTree,
  emptyTreeOid,
  encodeCommit,
  encodeObject,
  type GitObject,
  type TreeChange,
} from '@skein/git-model'
import type { DocumentId, Oid } from '@skein/protocol'
import { SKEIN } from '@skein/protocol'
import type { BlobStore } from '../blob-store.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { RepairReport } from '../repair/repair-document.ts'
import { noReplyAddress } from './authors.ts'
import type { Cut } from './cut.ts'
import type { SnapshotObjects } from './snapshot-objects.ts'
import { CutOutOfReachError, textsAtCut } from './texts-at-cut.ts'

type CutFile = snapshotQueries.CutFile
type CommittedFile = snapshotQueries.CommittedFile

export interface BuildDeps {
  database: Database
  objects: SnapshotObjects
  blobs: BlobStore
  noReplyHost: string
  /** Told of documents that were found damaged. */
  onRepaired?: (report: RepairReport) => void
}

/** Takes the objects of the commit as they are made; blobs first, the commit last. */
export type ObjectSink = (object: GitObject) => Promise<void>

export interface BuiltCommit {
  /** Null: not one byte differs from the base (SN7). */
  commit: GitObject | null
  trees: GitObject[]
  /** What the commit holds of each file of the cut. */
  files: CommittedFile[]
  /** Texts as of the cut, to be kept beside the states of their documents. */
  texts: { document: DocumentId; seq: number; text: string }[]
  filesChanged: number
}

/** Builds the commit of a cut; the same cut gives the same bytes. */
export async function buildCommit(
  deps: BuildDeps,
  project: ProjectKey,
  cut: Cut,
  sink: ObjectSink,
): Promise<BuiltCommit> {
  const baseTree = await readBaseTree(deps.objects, project, cut.base)
  const content = await readContent(deps, project, cut.files, sink)
  const changes: TreeChange[] = []
  const files: CommittedFile[] = []
  let filesChanged = 0
  for (const file of cut.files) {
    const entry = file.path === null ? null : (content.entries.get(file.file) ?? null)
    const isMoved = file.committedPath !== null && file.committedPath !== file.path
    if (isMoved) changes.push({ path: pathBytes(file, file.committedPath), entry: null })
    if (entry) changes.push({ path: pathBytes(file, file.path), entry: { mode: file.mode, oid: entry.oid } })
    files.push(toCommittedFile(file, entry))
    const isSame = !isMoved && (entry?.oid ?? null) === heldOid(file) && (!entry || file.mode === file.committedMode)
    if (!isSame) filesChanged++
  }
  const edit = await editTree(baseTree, changes, (oid) => deps.objects.readObject(project, 'tree', oid))
  const built = { trees: edit.trees, files, texts: content.texts, filesChanged }
  if (edit.oid === (baseTree ?? emptyTreeOid)) return { ...built, commit: null }
  const commit = makeCommit(cut, edit.oid, deps.noReplyHost)
  for (const tree of edit.trees) await sink(tree)
  await sink(commit)
  return { ...built, commit }
}

async function readBaseTree(objects: SnapshotObjects, project: ProjectKey, base: Oid | null): Promise<string | null> {
  if (base === null) return null
  return decodeCommit(await objects.readObject(project, 'commit', base)).tree
}

function makeCommit(cut: Cut, tree: string, noReplyHost: string): GitObject {
  const atMs = cut.at.getTime()
  return encodeCommit({
    tree,
    parents: cut.base === null ? [] : [cut.base],
    author: { name: cut.authorName, email: noReplyAddress(cut.author, noReplyHost), atMs },
    committer: { name: 'Skein', email: noReplyAddress(SKEIN, noReplyHost), atMs },
    message: cut.message,
  })
}

interface Content {
  entries: Map<string, { oid: Oid; bytes: number | null }>
  texts: BuiltCommit['texts']
}

/** Finds the oid of every file that stays, and hands the blobs that the base does not hold to the sink. */
async function readContent(
  deps: BuildDeps,
  project: ProjectKey,
  files: readonly CutFile[],
  sink: ObjectSink,
): Promise<Content> {
  const content: Content = { entries: new Map(), texts: [] }
  const addBlob = async (file: CutFile, bytes: Uint8Array, size: number | null) => {
    const blob = encodeObject('blob', bytes)
    content.entries.set(file.file, { oid: blob.oid as Oid, bytes: size })
    if (blob.oid !== heldOid(file)) await sink(blob)
  }
  const staying = files.filter(({ path }) => path !== null)
  for (const file of staying) {
    if (isLive(file)) continue
    if (file.blobSha256 !== null) await addBlob(file, await readBlob(deps.blobs, project, file.blobSha256), null)
    else if (file.committedOid !== null) content.entries.set(file.file, { oid: file.committedOid, bytes: null })
    else throw new Error(`file ${file.file} has neither a document nor content`)
  }
  const live = new Map(staying.filter(isLive).map((file) => [file.document, file]))
  for await (const texts of textsAtCut(deps, project.workspaceId, [...live.values()])) {
    for (const [document, { text, wasReady }] of texts) {
      const file = live.get(document)
      if (!file) continue
      const bytes = textToBytes(text, { eol: file.eol ?? 'lf', bom: file.bom })
      await addBlob(file, bytes, bytes.length)
      if (!wasReady && !text.includes('\0')) content.texts.push({ document, seq: file.seq, text })
    }
  }
  return content
}

type LiveFile = CutFile & { document: DocumentId }

const isLive = (file: CutFile): file is LiveFile => file.kind === 'text' && file.document !== null

/** What the base holds of a file. One in the trash keeps the oid that it had, so that it can be restored. */
function heldOid(file: CutFile): Oid | null {
  return file.committedPath === null ? null : file.committedOid
}

async function readBlob(blobs: BlobStore, project: ProjectKey, sha256: string): Promise<Uint8Array> {
  const content = await blobs.get(project.workspaceId, Buffer.from(sha256, 'hex'))
  if (!content) throw new CutOutOfReachError(`blob ${sha256} is not in the store of ${project.workspaceId} any more`)
  return content
}

function pathBytes(file: CutFile, path: string | null): Uint8Array {
  return file.pathRaw === null ? Buffer.from(path ?? '') : Buffer.from(file.pathRaw, 'hex')
}

function toCommittedFile(file: CutFile, entry: { oid: Oid; bytes: number | null } | null): CommittedFile {
  const { file: id, seq, blobSha256 } = file
  if (!entry) return { file: id, path: null, mode: null, oid: null, seq, blobSha256: null, bytes: null }
  return { file: id, path: file.path, mode: file.mode, oid: entry.oid, seq, blobSha256, bytes: entry.bytes }
}
