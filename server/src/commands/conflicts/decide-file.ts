/**
 * Deciding about a whole file: where it lies, its mode, its content, or whether it is there at all. Everything happens in one change of the tree, and
 * nothing is overwritten: what gives way goes to the trash, from which it can be taken back, also by deciding for ours after all.
 */
import { randomUUID } from 'node:crypto'
import { conflictQueries, fileQueries, pullQueries } from '@skein/db'
import { bytesToText, PLAIN } from '@skein/document'
import { twinKey } from '@skein/git-model'
import { type FileSides, planTree } from '@skein/git-sync'
import { type DocumentId, type FileId, type Oid, Refusal } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import { changeTree, type TreeChange } from '../files/change-tree.ts'
import { checkFileCount, checkPlace } from '../files/path-rules.ts'
import { trashDays } from '../files/trash.ts'
import { pathToKey } from '../import/plan-tree.ts'
import { isLfsPointer } from '../import/write-tree.ts'
import { nameToPath } from '../pull/read-sides.ts'
import { actorOf, type DecideDeps, type Decision, personOf, refuseDecided, refuseRetold } from './decision.ts'
import { tellConflicts, tellDecided } from './tell-conflicts.ts'

type Row = conflictQueries.ConflictRow
type Content = Pick<pullQueries.PulledFile, 'kind' | 'bytes' | 'eol' | 'bom' | 'oid'> & { text: string | null }

const typeMask = 0o170000
const modeSymlink = 0o120000
const modeSubmodule = 0o160000

export async function decideFile(
  deps: Omit<DecideDeps, 'documents'>,
  project: ProjectKey,
  found: Row,
  decision: Decision,
): Promise<void> {
  const { id } = found
  const { projectId, workspaceId } = project
  const { actor, choice, closes } = decision
  await decision.checkRight()
  const before = await deps.db.inWorkspace(workspaceId, (tx) => conflictQueries.findConflict(tx, projectId, id))
  const theirs = before && (choice === 'theirs' || choice === 'both') ? await readTheirs(deps, project, before) : null
  await changeTree(deps, project, actor, async (change) => {
    const { tx } = change
    // Until the end of the transaction nobody else decides.
    await conflictQueries.claimConflict(tx, projectId, id, actorOf(decision), 0)
    const row = await conflictQueries.findConflict(tx, projectId, id)
    if (!row || row.state === 'resolved') throw refuseDecided(row ?? (before as Row))
    // A pull has told it anew: what was read is not what theirs has now.
    if (row.remoteOid !== found.remoteOid || row.theirs?.oid !== before?.theirs?.oid) throw refuseRetold(row)
    await put(change, row, choice, theirs)
    const about = { path: row.path, by: personOf(decision) }
    if (!closes) await tellConflicts(deps.record, tx, project, about)
    else {
      await conflictQueries.resolveConflict(tx, projectId, id, { choice, by: actorOf(decision) })
      await tellDecided(deps.record, tx, project, about)
    }
  })
}

/** What theirs holds, from the project's own repository; null: theirs does not have the file. */
async function readTheirs(
  { git }: Pick<DecideDeps, 'git'>,
  project: ProjectKey,
  { theirs }: Row,
): Promise<Content | null> {
  if (theirs?.oid === undefined || theirs.mode === undefined) return null
  const { oid } = theirs
  const type = Number.parseInt(theirs.mode, 8) & typeMask
  if (type === modeSubmodule) return { kind: 'submodule', bytes: 0, eol: null, bom: false, oid, text: null }
  let content: Uint8Array = new Uint8Array()
  await git.readBlobs(project, [oid], (_oid, bytes) => {
    content = Uint8Array.from(bytes)
  })
  const bytes = content.length
  if (type === modeSymlink) return { kind: 'symlink', bytes, eol: null, bom: false, oid, text: null }
  if (isLfsPointer(content)) return { kind: 'lfs', bytes, eol: null, bom: false, oid, text: null }
  const decoded = bytesToText(content)
  if (decoded.kind === 'binary') return { kind: 'binary', bytes, ...PLAIN, eol: null, oid, text: null }
  return { kind: 'text', bytes, ...decoded.attributes, oid, text: decoded.text }
}

async function put(change: TreeChange, row: Row, choice: Decision['choice'], theirs: Content | null): Promise<void> {
  const { tx, project } = change
  const file = row.fileId && (await fileQueries.findFile(tx, project.projectId, row.fileId))
  if (choice === 'ours') await putOurs(change, row, file)
  else if (choice === 'theirs') await putTheirs(change, row, file, theirs)
  else if (choice === 'both') await putBoth(change, row, file, theirs)
}

/** Ours is there unless somebody has looked at theirs before: that is taken back. */
async function putOurs(change: TreeChange, row: Row, file: fileQueries.FileRow | null): Promise<void> {
  const { ours, fileId } = row
  if (row.what.startsWith('path-')) return
  if (ours === null) {
    if (file) await trash(change, file)
    return
  }
  if (ours.file !== undefined) {
    if (file) await trash(change, file)
    await restore(change, row, ours.file)
  } else if (!file && fileId) await restore(change, row, fileId)
  else if (file && row.what === 'both-renamed') await move(change, file, ours.path)
  else if (file && row.what === 'both-mode') await setMode(change, file, ours.mode)
}

async function putTheirs(
  change: TreeChange,
  row: Row,
  file: fileQueries.FileRow | null,
  content: Content | null,
): Promise<void> {
  const { theirs, ours } = row
  if (row.what.startsWith('path-')) {
    throw refuseChoice(row, 'Both files are here, the one of GitHub under another name.', {
      hint: 'Rename or delete one of them, then close the conflict as it is.',
    })
  }
  if (theirs === null || content === null) {
    if (file) await trash(change, file)
    return
  }
  if (file?.committedOid === content.oid && (ours === null || ours.file !== undefined)) return
  if (file && row.what === 'both-renamed') return move(change, file, theirs.path)
  if (file && row.what === 'both-mode') return setMode(change, file, theirs.mode)
  const mode = file && isSameType(file.mode, theirs.mode) ? file.mode : toMode(theirs.mode)
  if (file) await trash(change, file)
  const added = await add(change, row, { ...placeOf(row, file), mode, content })
  const kept = file && ours && ours.file === undefined ? { ours: { ...ours, file: file.id } } : {}
  await conflictQueries.keepPlace(change.tx, change.project.projectId, row.id, { file: added, ...kept })
}

async function putBoth(
  change: TreeChange,
  row: Row,
  file: fileQueries.FileRow | null,
  content: Content | null,
): Promise<void> {
  const { theirs, ours, what } = row
  if (what.startsWith('path-')) return
  if (theirs === null || content === null)
    throw refuseChoice(row, 'On GitHub the file was deleted, so there is one version.')
  if (what === 'both-renamed' || what === 'both-mode') throw refuseChoice(row, 'A file has one name and one mode.')
  if (ours === null) return putTheirs(change, row, file, content)
  await putOurs(change, row, file)
  const { tx, project } = change
  if (theirs.file !== undefined && (await fileQueries.findFile(tx, project.projectId, theirs.file))) return
  const beside = await add(change, row, { ...placeOf(row, file), mode: toMode(theirs.mode), content })
  await conflictQueries.keepPlace(tx, project.projectId, row.id, { theirs: { ...theirs, file: beside } })
}

interface Place {
  path: string
  /** The bytes of a name that is not UTF-8. */
  raw: Uint8Array | null
}

/** Where ours lies, else where theirs does. Files with names that are not UTF-8 stay where they are. */
function placeOf({ theirs, path }: Row, file: fileQueries.FileRow | null): Place {
  const raw = theirs?.raw === undefined ? null : Buffer.from(theirs.raw, 'base64')
  if (raw === null || (file && file.path !== theirs?.path))
    return { path: file?.path ?? theirs?.path ?? path, raw: null }
  return { path: theirs?.path ?? path, raw }
}

/** Adds what theirs holds at this path, or at a free name beside, by the same rule as a pull. */
async function add(
  change: TreeChange,
  conflict: Row,
  { path, raw, mode, content }: Place & { mode: number; content: Content },
): Promise<FileId> {
  const { tx, project, by, fileCount } = change
  checkFileCount(fileCount, 1)
  const { text, ...rest } = content
  const rows = await pullQueries.listLiveFiles(tx, project.projectId)
  const entryOf = (row: pullQueries.LiveFileRow) => {
    return { path: nameToPath(row), mode: row.mode, kind: row.kind, oid: row.committedOid ?? noOid }
  }
  const present = rows.map((row): FileSides => ({ base: null, ours: entryOf(row), theirs: null }))
  // What nobody here can name nobody here can touch.
  const kind = raw ? ('opaque' as const) : content.kind
  const wanted = nameToPath({ path, pathRaw: raw })
  const coming: FileSides = { base: null, ours: null, theirs: { path: wanted, mode, kind, oid: content.oid } }
  const action = planTree([...present, coming], 'ask').at(-1)?.plan.action
  if (action?.do !== 'add') throw new Error(`No place for ${path}`)
  if (raw && action.path !== wanted) {
    throw refuseChoice(conflict, 'The name of this file is not UTF-8, so there is no other name beside it.')
  }
  const id = randomUUID() as FileId
  const documentId = text === null || raw ? null : (randomUUID() as DocumentId)
  const place = raw ? { path, key: pathToKey(path) } : { path: action.path, key: twinKey(action.path) }
  const file = { id, ...place, pathRaw: raw, mode, documentId, ...rest, kind }
  await pullQueries.insertPulledFiles(tx, project, by, [file])
  if (documentId !== null && text !== null) {
    await fileQueries.insertDocuments(tx, project, [{ id: documentId, fileId: id, text }])
  }
  await change.changed([{ ...file, blobSha256: null, committedOid: content.oid }])
  return id
}

async function trash({ tx, project, by, deleted }: TreeChange, { id }: fileQueries.FileRow): Promise<void> {
  await deleted(await fileQueries.trashFiles(tx, project.projectId, by, [id]))
}

async function restore(change: TreeChange, row: Row, id: FileId): Promise<void> {
  const { tx, project, by, fileCount, changed } = change
  const file = await fileQueries.findTrashedFile(tx, project.projectId, id, trashDays)
  if (!file) return
  checkFileCount(fileCount, 1)
  await checkPlace(tx, project.projectId, file.path)
  const place = { id, path: file.path, key: twinKey(file.path) }
  const restored = await fileQueries.restoreFile(tx, project.projectId, by, place)
  if (!restored) return
  await changed([restored])
  const { file: _file, ...ours } = row.ours ?? { text: null }
  await conflictQueries.keepPlace(tx, project.projectId, row.id, { file: id, ours })
}

async function move(change: TreeChange, file: fileQueries.FileRow, path: string | undefined): Promise<void> {
  if (path === undefined || path === file.path) return
  const { tx, project, by, changed } = change
  await checkPlace(tx, project.projectId, path, { file: file.id, folder: null })
  await changed(await fileQueries.moveFiles(tx, project.projectId, by, [{ id: file.id, path, key: twinKey(path) }]))
}

async function setMode(change: TreeChange, file: fileQueries.FileRow, mode: string | undefined): Promise<void> {
  if (toMode(mode) === file.mode) return
  const { tx, project, by, changed } = change
  const row = await fileQueries.setFileMode(tx, project.projectId, file.id, by, toMode(mode))
  if (row) await changed([row])
}

/** Not the oid of anything: places are all that is asked for. */
const noOid = '0'.repeat(40) as Oid
const toMode = (mode: string | undefined): number => Number.parseInt(mode ?? '100644', 8)
const isSameType = (mode: number, other: string | undefined): boolean =>
  (mode & typeMask) === (toMode(other) & typeMask)

const refuseChoice = ({ id }: Row, message: string, more: { hint?: string } = {}): Refusal =>
  new Refusal('invalid-request', `${message} Nothing was changed.`, {
    hint: more.hint ?? 'Choose ours or theirs.',
    details: { id },
  })
