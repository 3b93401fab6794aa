/**
 * What of whole files waits for people. One aspect of one file has one open conflict: a later pull tells it anew, and whatever theirs makes of a file
 * that waits is what the conflict offers from then on, so that nobody puts an older version over a newer one.
 */
import { conflictQueries, type Tx } from '@skein/db'
import type { Entry, FileSides } from '@skein/git-sync'
import { type ActorKey, type FileId, type Oid, personToActorKey, type UserId } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { Work } from './plan-pull.ts'

/** Where and by whom the remote head was made, for whoever decides about an overlap. */
export interface RemoteHead {
  oid: Oid
  authorName: string | null
  at: Date | null
}

type Waiting = Awaited<ReturnType<typeof conflictQueries.listOpenFiles>>[number]
type Side = conflictQueries.Side | null

/** Tells what of these files waits for people, or what a policy chose for them; how many conflicts were told or have changed. */
export async function tellFiles(
  tx: Tx,
  project: ProjectKey,
  pullId: string,
  works: readonly Work<unknown>[],
  remote: RemoteHead,
): Promise<number> {
  if (works.length === 0) return 0
  const waiting = new WaitingFiles(await conflictQueries.listOpenFiles(tx, project.projectId))
  let told = 0
  for (const work of works) {
    const earlier = waiting.of(work)
    for (const conflict of work.conflicts) {
      const same = earlier.filter(({ what }) => aspectOf(what) === aspectOf(conflict.what))
      for (const one of same) earlier.splice(earlier.indexOf(one), 1)
      await tellOne(tx, project, { ...work, conflict }, same, { pullId, remote })
      told++
    }
    for (const one of earlier) if (await goOn(tx, project, one, work, { pullId, remote })) told++
  }
  return told
}

/** Open conflicts by the file that they are about: its id while it is here, else where it lies, or lay. */
class WaitingFiles {
  readonly #byId = new Map<FileId, Waiting[]>()
  readonly #byPlace = new Map<string, Waiting[]>()

  constructor(rows: readonly Waiting[]) {
    for (const row of rows) {
      if (row.hasFile && row.fileId !== null) push(this.#byId, row.fileId, row)
      else for (const place of placesOf(row)) push(this.#byPlace, place, row)
    }
  }

  of({ row, sides }: Work<unknown>): Waiting[] {
    const found = new Set(row === null ? [] : this.#byId.get(row.id))
    for (const place of placesOf(toSides(sides))) for (const one of this.#byPlace.get(place) ?? []) found.add(one)
    return [...found]
  }
}

function push<Key>(map: Map<Key, Waiting[]>, key: Key, row: Waiting): void {
  const rows = map.get(key)
  if (rows) rows.push(row)
  else map.set(key, [row])
}

const placesOf = ({ base, ours, theirs }: Record<'base' | 'ours' | 'theirs', Side>): Set<string> =>
  new Set([base, ours, theirs].flatMap((side) => (side?.path === undefined ? [] : [side.raw ?? `/${side.path}`])))

/** A file has one name, one mode, one place and one content, of which it may be that it is not there. */
function aspectOf(what: string): string {
  return what === 'both-renamed' || what === 'both-mode' || what.startsWith('path-') ? what : 'content'
}

async function tellOne(
  tx: Tx,
  project: ProjectKey,
  {
    conflict: { what, settled },
    sides,
    row,
    trashed,
  }: Work<unknown> & { conflict: Work<unknown>['conflicts'][number] },
  same: readonly Waiting[],
  { pullId, remote }: { pullId: string; remote: RemoteHead },
): Promise<void> {
  const { projectId } = project
  const { base, ours, theirs } = toSides(sides)
  const content: conflictQueries.NewConflict = {
    kind: 'file',
    what,
    pullId,
    fileId: row?.id ?? null,
    documentId: row?.documentId ?? null,
    path: (ours ?? theirs ?? base)?.path ?? '',
    line: null,
    contextBefore: '',
    contextAfter: '',
    base,
    ours: ours && { ...ours, ...(trashed && { file: trashed }) },
    theirs,
    anchors: null,
    oursBy: [],
    remote,
  }
  // One that names what somebody has put aside for theirs keeps it, on record.
  const told = same.find((earlier) => earlier.ours?.file === undefined && earlier.fileId === content.fileId)
  let id = told?.id
  for (const one of same) {
    if (one !== told) await close(tx, project, one)
  }
  if (id === undefined) id = await conflictQueries.insertConflict(tx, project, content)
  else await conflictQueries.changeConflict(tx, projectId, id, content)
  if (settled !== null) await conflictQueries.resolveConflict(tx, projectId, id, { choice: settled, by: null })
}

/** Brings a conflict up to date that is not told again: theirs has another version now, or both have come to the same. */
async function goOn(
  tx: Tx,
  project: ProjectKey,
  row: Waiting,
  { sides, row: file }: Work<unknown>,
  { pullId, remote }: { pullId: string; remote: RemoteHead },
): Promise<boolean> {
  const { ours, theirs } = toSides(sides)
  // Both files are here, and only people know which is to go.
  if (row.what.startsWith('path-')) return false
  if (isSame(ours, theirs) && row.ours?.file === undefined) {
    await close(tx, project, row)
    return true
  }
  if (isSame(row.theirs, theirs)) return false
  const oursBy = row.oursBy.map(({ id }): ActorKey => personToActorKey(id as UserId))
  const content = { ...row, pullId, theirs, anchors: null, oursBy, remote }
  if (file && file.id !== row.fileId) await conflictQueries.keepPlace(tx, project.projectId, row.id, { file: file.id })
  return conflictQueries.changeConflict(tx, project.projectId, row.id, content)
}

const close = (tx: Tx, { projectId }: ProjectKey, { id }: Waiting): Promise<boolean> =>
  conflictQueries.resolveConflict(tx, projectId, id, { choice: 'current', by: null })

const toSides = ({ base, ours, theirs }: FileSides) => ({
  base: toSide(base),
  ours: toSide(ours),
  theirs: toSide(theirs),
})

/** Names that are not UTF-8 have no text; what shows of their bytes does. */
function toSide(entry: Entry | null): Side {
  if (entry === null) return null
  const { path, mode, oid } = entry
  const bytes = path.startsWith('\0') ? Buffer.from(path.slice(1), 'latin1') : null
  const name = bytes ? { path: bytes.toString('utf8'), raw: bytes.toString('base64') } : { path }
  return { text: null, ...name, mode: mode.toString(8).padStart(6, '0'), oid }
}

const isSame = (a: Side, b: Side): boolean =>
  a?.path === b?.path && a?.raw === b?.raw && a?.mode === b?.mode && a?.oid === b?.oid
