/**
 * What theirs changed since the base, file by file, from Git alone (PL3). The base is the last common commit, with two exceptions: where the
 * remote left what it had, files that nobody here touched since are compared with what it left; and content that one of our own commits gave a
 * file is no change of theirs, because that is how squash merges bring our edits back.
 */
import { isUtf8 } from 'node:buffer'
import { commitQueries, type Database, type pullQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore, TreeDifference } from '../git-store.ts'

export interface ReadDeps {
  db: Database
  git: Pick<GitStore, 'diffTrees' | 'listContents' | 'listCommits' | 'listTouched'>
}

export interface RemoteChanges {
  changes: TreeDifference[]
  /** Paths in our head (as latin1 bytes) of files that have another one in the base, or (null) are not in it. */
  basePaths: ReadonlyMap<string, string | null>
}

/** A path as a key that keeps its bytes. */
export const keyOf = (path: Uint8Array): string => Buffer.from(path).toString('latin1')

export async function readChanges(
  deps: ReadDeps,
  project: ProjectKey,
  pull: pullQueries.PullRow,
): Promise<RemoteChanges> {
  const { changes, basePaths } = await readDifferences(deps, project, pull)
  return { changes: changes.flatMap(withoutRenamedBytes), basePaths }
}

/** A name that is not UTF-8 belongs to its row for good, so that such a file is not renamed but goes, and another comes. */
function withoutRenamedBytes(change: TreeDifference): TreeDifference[] {
  const { from, to } = change
  if (from === null || to === null || keyOf(from.path) === keyOf(to.path)) return [change]
  if (isUtf8(from.path) && isUtf8(to.path)) return [change]
  return [
    { from, to: null },
    { from: null, to },
  ]
}

async function readDifferences(
  deps: ReadDeps,
  project: ProjectKey,
  { base, ours, theirs, detail: { left } }: pullQueries.PullRow,
): Promise<RemoteChanges> {
  const { git } = deps
  let changes = await Array.fromAsync(git.diffTrees(project, base, theirs))
  const basePaths = new Map<string, string | null>()
  if (ours === null || ours === base) return { changes, basePaths }
  for await (const { from, to } of git.diffTrees(project, base, ours)) {
    if (to === null) continue
    const was = from === null ? null : keyOf(from.path)
    if (was !== keyOf(to.path)) basePaths.set(keyOf(to.path), was)
  }
  if (left !== null) changes = await sinceLeft(deps, project, changes, { left, base, ours, theirs })
  if (base !== null) changes = await withoutOwn(git, project, changes, ours, base)
  return { changes, basePaths }
}

/**
 * Of files that nobody here touched since the common base, the changes since what the remote had `left`; of the others those since that base: what the
 * remote left may be our own work, and that is not for it to take away.
 */
async function sinceLeft(
  { db, git }: ReadDeps,
  project: ProjectKey,
  sinceBase: readonly TreeDifference[],
  { left, base, ours, theirs }: { left: Oid; base: Oid | null; ours: Oid; theirs: Oid },
): Promise<TreeDifference[]> {
  const touched = new Set<string>()
  const since: Oid[] = []
  for await (const { oid } of git.listCommits(project, ours, base === null ? [] : [base])) since.push(oid)
  const own = await db.inWorkspace(
    project.workspaceId,
    (tx) => commitQueries.listOwnCommits(tx, project.projectId, since),
    { readOnly: true },
  )
  const oids = own.map(({ oid }) => oid)
  if (oids.length > 0) for await (const path of git.listTouched(project, oids)) touched.add(keyOf(path))
  const isTouched = ({ from, to }: TreeDifference) =>
    [from, to].some((side) => side !== null && touched.has(keyOf(side.path)))
  const changes = sinceBase.filter(isTouched)
  for await (const change of git.diffTrees(project, left, theirs)) if (!isTouched(change)) changes.push(change)
  return changes
}

async function withoutOwn(
  git: ReadDeps['git'],
  project: ProjectKey,
  changes: readonly TreeDifference[],
  ours: Oid,
  base: Oid,
): Promise<TreeDifference[]> {
  const wanted = new Map(changes.flatMap(({ to }) => (to === null ? [] : [[keyOf(to.path), to.oid] as const])))
  const own = new Set<string>()
  for await (const { path, oid } of git.listContents(project, ours, base)) {
    const key = keyOf(path)
    if (wanted.get(key) === oid) own.add(key)
  }
  return changes.flatMap((change) => {
    const { from, to } = change
    if (to === null || !own.has(keyOf(to.path))) return [change]
    if (from !== null && keyOf(from.path) !== keyOf(to.path)) return [change]
    const held = { ...to, mode: from?.mode ?? to.mode }
    return held.mode === to.mode ? [] : [{ from: held, to }]
  })
}
