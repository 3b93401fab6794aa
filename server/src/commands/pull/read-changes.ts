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
  git: Pick<GitStore, 'diffTrees' | 'joinBases' | 'listContents' | 'listCommits' | 'listTouched'>
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
  { base, ours, theirs, detail: { left, bases = base === null ? [] : [base] } }: pullQueries.PullRow,
): Promise<RemoteChanges> {
  const { git } = deps
  const from = bases.length > 1 ? await git.joinBases(project, bases) : base
  const changes = await Array.fromAsync(git.diffTrees(project, from, theirs))
  if (ours === null || ours === base) return { changes, basePaths: new Map() }
  const basePaths = await readPaths(git, project, from, ours)
  const own = (some: readonly TreeDifference[]) =>
    base === null ? [...some] : withoutOwn(git, project, some, ours, bases)
  if (left === null) return { changes: await own(changes), basePaths }
  const leftPaths = await readPaths(git, project, left, ours)
  const touched = await readTouched(deps, project, ours, bases)
  const isTouched = ([path]: [string, string | null]) => touched.has(path)
  const sinceLeft = await Array.fromAsync(git.diffTrees(project, left, theirs))
  const chosen = chooseSince(changes, sinceLeft, touched, [basePaths, leftPaths])
  return {
    // What was left is nothing of our own, whatever of it our commits held too.
    changes: [...(await own(chosen.sinceBase)), ...chosen.sinceLeft],
    basePaths: new Map([...[...basePaths].filter(isTouched), ...[...leftPaths].filter((path) => !isTouched(path))]),
  }
}

/** Paths of files that have another one in `from`, or (null) are not in it. */
async function readPaths(
  git: ReadDeps['git'],
  project: ProjectKey,
  from: Oid | null,
  ours: Oid,
): Promise<Map<string, string | null>> {
  const paths = new Map<string, string | null>()
  for await (const { from: was, to } of git.diffTrees(project, from, ours)) {
    if (to === null) continue
    const before = was === null ? null : keyOf(was.path)
    if (before !== keyOf(to.path)) paths.set(keyOf(to.path), before)
  }
  return paths
}

/** Paths that a commit made or pushed here has touched since the common base. */
async function readTouched(
  { db, git }: ReadDeps,
  project: ProjectKey,
  ours: Oid,
  bases: readonly Oid[],
): Promise<Set<string>> {
  const touched = new Set<string>()
  const since: Oid[] = []
  for await (const { oid } of git.listCommits(project, ours, bases)) since.push(oid)
  const own = await db.inWorkspace(
    project.workspaceId,
    (tx) => commitQueries.listOwnCommits(tx, project.projectId, since),
    { readOnly: true },
  )
  const oids = own.map(({ oid }) => oid)
  if (oids.length > 0) for await (const path of git.listTouched(project, oids)) touched.add(keyOf(path))
  return touched
}

/**
 * Of files that nobody here touched since the common base, the changes since what the remote had `left`; of the others those since that base: what the
 * remote left may be our own work, and that is not for it to take away. A file is one under all the names that it has had, so that no name of theirs
 * is in both lists or in none.
 */
function chooseSince(
  sinceBase: readonly TreeDifference[],
  sinceLeft: readonly TreeDifference[],
  touched: ReadonlySet<string>,
  formerPaths: readonly ReadonlyMap<string, string | null>[],
): { sinceBase: TreeDifference[]; sinceLeft: TreeDifference[] } {
  const names = new Set(touched)
  for (const path of touched) {
    for (const former of formerPaths) names.add(former.get(path) ?? path)
  }
  const pathsOf = ({ from, to }: TreeDifference) =>
    [from, to].flatMap((side) => (side === null ? [] : [keyOf(side.path)]))
  const isTouched = (change: TreeDifference) => pathsOf(change).some((path) => names.has(path))
  for (let before = -1; before < names.size; ) {
    before = names.size
    for (const change of [...sinceBase, ...sinceLeft]) {
      if (isTouched(change)) for (const path of pathsOf(change)) names.add(path)
    }
  }
  return { sinceBase: sinceBase.filter(isTouched), sinceLeft: sinceLeft.filter((change) => !isTouched(change)) }
}

async function withoutOwn(
  git: ReadDeps['git'],
  project: ProjectKey,
  changes: readonly TreeDifference[],
  ours: Oid,
  bases: readonly Oid[],
): Promise<TreeDifference[]> {
  const wanted = new Map(changes.flatMap(({ to }) => (to === null ? [] : [[keyOf(to.path), to.oid] as const])))
  const own = new Set<string>()
  for await (const { path, oid } of git.listContents(project, ours, bases)) {
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
