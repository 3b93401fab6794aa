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
  /** Null: not one byte differs from the base (SN7), or from `same`. */
  commit: GitObject | null
  /** The chosen parent, when it is the only one and holds this very tree: the branch goes to it. */
  same: Oid | null
  trees: GitObject[]
  /** What the commit holds of each file of the cut. */
  files: CommittedFile[]
  /** Texts as of the cut, to be kept beside the states of their documents. */
  texts: { document: DocumentId; seq: number; text: string }[]
  filesChanged: number
}

/**
 * Builds the commit of a cut; the same cut gives the same bytes. A blob that `isThere` says a chosen parent holds is left out too.
 */
export async function buildCommit(
  deps: BuildDeps,
  project: ProjectKey,
  cut: Cut,
  sink: ObjectSink,
  isThere: (oid: Oid) => boolean = () => false,
): Promise<BuiltCommit> {
  const baseTree = await readTreeOf(deps.objects, project, cut.base)
  const content = await readContent(deps, project, cut.files, sink, isThere)
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
  const built = { trees: edit.trees, files, texts: content.texts, filesChanged, same: null }
  if (cut.parents === null && edit.oid === (baseTree ?? emptyTreeOid)) return { ...built, commit: null }
  const [only = null, ...others] = cut.parents ?? []
  if (only !== null && others.length === 0 && edit.oid === (await readTreeOf(deps.objects, project, only))) {
    return { ...built, same: only, commit: null }
  }
  const commit = makeCommit(cut, edit.oid, deps.noReplyHost)
  for (const tree of edit.trees) await sink(tree)
  await sink(commit)
  return { ...built, commit }
}

async function readTreeOf(objects: SnapshotObjects, project: ProjectKey, oid: Oid | null): Promise<string | null> {
  if (oid === null) return null
  return decodeCommit(await objects.readObject(project, 'commit', oid)).tree
}

function makeCommit(cut: Cut, tree: string, noReplyHost: string): GitObject {
  const atMs = cut.at.getTime()
  return encodeCommit({
    tree,
    parents: parentsOf(cut),
    author: { name: cut.authorName, email: noReplyAddress(cut.author, noReplyHost), atMs },
    committer: { name: 'Skein', email: noReplyAddress(SKEIN, noReplyHost), atMs },
    message: cut.message,
  })
}

/** What the commit of a cut stands on. */
export const parentsOf = ({ parents, base }: Cut): Oid[] => parents ?? (base === null ? [] : [base])

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
  isThere: (oid: Oid) => boolean,
): Promise<Content> {
  const content: Content = { entries: new Map(), texts: [] }
  const addBlob = async (file: CutFile, bytes: Uint8Array, size: number | null) => {
    const blob = encodeObject('blob', bytes)
    content.entries.set(file.file, { oid: blob.oid as Oid, bytes: size })
    if (blob.oid !== heldOid(file) && !isThere(blob.oid as Oid)) await sink(blob)
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
