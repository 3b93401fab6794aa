/**
 * The entries of three sides in the words of the merge of trees: names that a text can hold, kinds by content, and of our live files the oid that
 * their content would have as a blob, which is looked for only where theirs changed something.
 */
import type { Database, pullQueries } from '@skein/db'
import { bytesToText, type TextAttributes, textToBytes } from '@skein/document'
import { encodeObject } from '@skein/git-model'
import type { Entry, OurFile, TheirChange } from '@skein/git-sync'
import type { DocumentId, FileKind, Oid } from '@skein/protocol'
import type { BlobStore } from '../blob-store.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore, TreeDifference, TreeSide } from '../git-store.ts'
import { type PlannedEntry, planTree } from '../import/plan-tree.ts'
import { isLfsPointer } from '../import/write-tree.ts'
import type { LiveDocuments } from '../live-documents.ts'
import { keyOf, type RemoteChanges } from './read-changes.ts'

export type LiveFileRow = pullQueries.LiveFileRow

export interface Our extends OurFile {
  row: LiveFileRow
}

export interface Sides {
  base: Map<string, Entry>
  ours: Our[]
  theirs: TheirChange[]
  /** How a file of theirs is named in rows, by the path of its entry. */
  names: ReadonlyMap<string, Name>
  /** Under what a change is noted, by the path of its entry in theirs, or in the base when theirs does not have it. */
  keys: ReadonlyMap<string, Buffer>
}

export type Name = Pick<PlannedEntry, 'path' | 'pathRaw' | 'key'>

/** Content of a blob, as far as a plan needs it. */
export interface BlobFacts {
  kind: Extract<FileKind, 'text' | 'binary' | 'lfs'>
  bytes: number
  /** Of a text. */
  attributes: TextAttributes | null
}

const documentsPerBatch = 50

export interface SidesDeps {
  db: Database
  git: Pick<GitStore, 'readBlobs'>
  blobs: BlobStore
  documents: Pick<LiveDocuments, 'read'>
}

/** A name that is not UTF-8 has no text of its own; its bytes stand for it, behind a NUL that no path can have. */
export const nameToPath = ({ path, pathRaw }: Pick<Name, 'path' | 'pathRaw'>): string =>
  pathRaw === null ? path : `\0${Buffer.from(pathRaw).toString('latin1')}`

const rowToKey = ({ path, pathRaw }: { path: string; pathRaw: Uint8Array | null }): string =>
  keyOf(pathRaw ?? Buffer.from(path))

/** Blobs that were looked at, so that a second round does not read them again. */
export type KnownBlobs = Map<Oid, BlobFacts>

export async function readSides(
  deps: SidesDeps,
  project: ProjectKey,
  { changes, basePaths }: RemoteChanges,
  rows: readonly LiveFileRow[],
  known: KnownBlobs,
): Promise<Sides> {
  await learnBlobs(deps, project, changes, known)
  const arriving = planArriving(changes)
  const sides: Sides = { base: new Map(), ours: [], theirs: [], names: new Map(), keys: new Map() }
  const names = new Map<string, Name>()
  const keys = new Map<string, Buffer>()
  const opaque = new Set(rows.filter(({ kind }) => kind === 'opaque').map(rowToKey))
  const toEntry = (planned: PlannedEntry, key: string): Entry => {
    const kind = opaque.has(key) ? 'opaque' : (planned.kind ?? known.get(planned.oid)?.kind ?? 'binary')
    return { path: nameToPath(planned), mode: planned.mode, kind, oid: planned.oid }
  }
  let at = 0
  for (const { from, to } of changes) {
    const [was] = from === null ? [] : planTree([sideToTreeEntry(from)])
    const base = was && from ? toEntry(was, keyOf(from.path)) : null
    if (base) sides.base.set(base.path, base)
    const planned = to === null ? undefined : from === null ? arriving[at++] : planTree([sideToTreeEntry(to)])[0]
    const entry = planned && to ? toEntry(planned, keyOf(to.path)) : null
    if (planned && entry) names.set(entry.path, { path: planned.path, pathRaw: planned.pathRaw, key: planned.key })
    sides.theirs.push({ from: base?.path ?? null, to: entry })
    keys.set(entry?.path ?? base?.path ?? '', Buffer.from((to ?? from)?.path ?? []))
  }
  const ours = rowsToOurs(rows, basePaths, sides.base)
  await learnLive(deps, project, ours, sides)
  return { ...sides, ours, names, keys }
}

/**
 * What theirs adds. Twins that come together are nobody's to touch, as they are in an import; a twin of a file that is here finds a place beside it
 * instead, so that whoever has that file open keeps it.
 */
const planArriving = (changes: readonly TreeDifference[]): PlannedEntry[] =>
  planTree(changes.flatMap(({ from, to }) => (from !== null || to === null ? [] : [sideToTreeEntry(to)])))

const sideToTreeEntry = ({ path, mode, oid }: TreeSide) => ({ path, mode, oid, bytes: 0 })

const isBlob = ({ mode }: TreeSide): boolean => (mode & 0o170000) === 0o100000

async function learnBlobs(
  deps: SidesDeps,
  project: ProjectKey,
  changes: readonly TreeDifference[],
  known: KnownBlobs,
): Promise<void> {
  const oids = new Set<Oid>()
  for (const side of changes.flatMap(({ from, to }) => [from, to])) {
    if (side !== null && isBlob(side) && !known.has(side.oid)) oids.add(side.oid)
  }
  await deps.git.readBlobs(project, [...oids], (oid, content) => {
    known.set(oid, factsOf(content))
  })
}

function factsOf(content: Uint8Array): BlobFacts {
  const bytes = content.length
  if (isLfsPointer(content)) return { kind: 'lfs', bytes, attributes: null }
  const decoded = bytesToText(content)
  if (decoded.kind === 'binary') return { kind: 'binary', bytes, attributes: null }
  return { kind: 'text', bytes, attributes: decoded.attributes }
}

function rowsToOurs(
  rows: readonly LiveFileRow[],
  basePaths: RemoteChanges['basePaths'],
  base: ReadonlyMap<string, Entry>,
): Our[] {
  const pathByKey = new Map(
    [...base.keys()].map((path) => [path.startsWith('\0') ? path.slice(1) : keyOf(Buffer.from(path)), path]),
  )
  return rows.map((row) => {
    const committed = row.committedPath === null ? null : rowToKey({ path: row.committedPath, pathRaw: row.pathRaw })
    const was = committed === null ? null : basePaths.has(committed) ? (basePaths.get(committed) ?? null) : committed
    const basePath = was === null ? null : (pathByKey.get(was) ?? keyToPath(was))
    const entry = { path: nameToPath(row), mode: row.mode, kind: row.kind, oid: row.committedOid ?? noOid }
    return { basePath, entry, row }
  })
}

/** Not the oid of anything: content that was never committed and that no plan asks for. */
const noOid = '0'.repeat(40) as Oid

function keyToPath(key: string): string {
  const bytes = Buffer.from(key, 'latin1')
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : `\0${key}`
}

/** Gives the files that theirs changed, or wants the place of, the oid of what they hold now. */
async function learnLive(deps: SidesDeps, project: ProjectKey, ours: readonly Our[], sides: Sides): Promise<void> {
  const asked = new Set(sides.theirs.flatMap(({ from, to }) => [from, to?.path]))
  const changed = ours.filter(
    ({ row, entry, basePath }) => row.isDirty && (asked.has(basePath) || asked.has(entry.path)),
  )
  const live: (Our & { row: { documentId: DocumentId } })[] = []
  for (const our of changed) {
    const { row } = our
    if (row.kind === 'text' && row.documentId !== null) live.push(our as (typeof live)[number])
    else if (row.blobSha256 !== null) {
      const content = await deps.blobs.get(project.workspaceId, row.blobSha256)
      if (content) our.entry.oid = encodeObject('blob', content).oid as Oid
    }
  }
  for (let start = 0; start < live.length; start += documentsPerBatch) {
    const batch = live.slice(start, start + documentsPerBatch)
    const texts = await deps.documents.read(batch.map(({ row }) => row.documentId))
    for (const { row, entry } of batch) {
      const text = texts.get(row.documentId)?.text
      if (text === undefined) continue
      entry.oid = encodeObject('blob', textToBytes(text, { eol: row.eol ?? 'lf', bom: row.bom })).oid as Oid
    }
  }
}
