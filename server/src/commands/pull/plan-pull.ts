/**
 * What is still to be done of a pull, planned against the live files of this moment (PL4). A plan holds for one version of the tree: when somebody
 * changes the tree before it is applied, what is left is planned anew. What is done is known by the paths that were noted.
 */
import { type Database, projectQueries, pullQueries } from '@skein/db'
import { type FileConflict, type FileSides, pairFiles, planTree } from '@skein/git-sync'
import type { FileId, OverlapPolicy } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import { pathToKey } from '../import/plan-tree.ts'
import { keyOf, type RemoteChanges } from './read-changes.ts'
import { type KnownBlobs, type LiveFileRow, type Name, nameToPath, readSides, type SidesDeps } from './read-sides.ts'

/** What the merge of trees finds; or a text that with theirs would be larger than a file may be. */
export type WorkConflict = FileConflict | { what: 'too-large'; settled: null }

/** One file with what is to be done to it. */
export interface Work<Action> {
  action: Action
  sides: FileSides
  row: LiveFileRow | null
  conflicts: readonly WorkConflict[]
  /** What it is noted by when it is done. */
  key: Buffer
  /** Ours, where theirs is a file of its own in its place. */
  trashed?: FileId
}

type FileAction = ReturnType<typeof planTree>[number]['plan']['action']
export type Take = Extract<FileAction, { do: 'take' }>
export type MergeText = Extract<FileAction, { do: 'merge-text' }>
export type Add = Extract<FileAction, { do: 'add' }>

export interface PullPlan {
  treeVersion: number
  /** Nothing is done to these but that their conflicts are told. */
  kept: Work<{ do: 'keep' }>[]
  deleted: (Work<{ do: 'delete' }> & { row: LiveFileRow })[]
  taken: (Work<Take> & { row: LiveFileRow })[]
  merged: (Work<MergeText> & { row: LiveFileRow })[]
  added: Work<Add>[]
  /** The name in rows of a path of the plan. */
  nameOf: (path: string) => Name
  blobs: KnownBlobs
  policy: OverlapPolicy
}

/** Somebody changed the tree, or a file that was to be replaced or deleted, since it was planned; nothing was changed. */
export class OutdatedPlanError extends Error {
  override readonly name = 'OutdatedPlanError'
}

export interface PullUnderWay {
  project: ProjectKey
  pull: pullQueries.PullRow
  changes: RemoteChanges
  blobs: KnownBlobs
  policy: OverlapPolicy
}

/** Null when everything is done. */
export async function planPull(deps: SidesDeps, under: PullUnderWay): Promise<PullPlan | null> {
  const { project, pull, blobs, policy } = under
  const { rows, done, treeVersion } = await readTree(deps.db, project, pull.id)
  const left = under.changes.changes.filter(({ from, to }) => !done.has(keyOf((to ?? from)?.path ?? new Uint8Array())))
  const sides = await readSides(deps, project, { ...under.changes, changes: left }, rows, blobs)
  const planned = planTree(pairFiles(sides.base, sides.ours, sides.theirs), policy)
  const rawNames = new Map(rows.flatMap((row) => (row.pathRaw === null ? [] : [[nameToPath(row), row] as const])))
  const nameOf = (path: string): Name => {
    const { path: shown, pathRaw } = sides.names.get(path) ?? rawNames.get(path) ?? { path, pathRaw: null }
    return sides.names.get(path) ?? { path: shown, pathRaw, key: pathToKey(shown) }
  }
  const plan: PullPlan = { treeVersion, kept: [], deleted: [], taken: [], merged: [], added: [], nameOf, blobs, policy }
  for (const {
    file,
    plan: { action, conflicts },
  } of planned) {
    const path = file.theirs?.path ?? file.base?.path
    const key = path === undefined ? undefined : sides.keys.get(path)
    if (key === undefined) continue
    sort(plan, { action, sides: file, row: file.our?.row ?? null, conflicts, key }, done)
  }
  return left.length === 0 ? null : plan
}

/** Under which it is noted that the conflicts of a file were told, before its text is merged. No path has a NUL. */
export const toldKey = (key: Buffer): Buffer => Buffer.concat([key, Buffer.from('\0')])

function sort(plan: PullPlan, work: Work<FileAction>, done: ReadonlySet<string>): void {
  const { action, row } = work
  if (action.do === 'add') plan.added.push({ ...work, action })
  else if (action.do === 'keep') plan.kept.push({ ...work, action })
  else if (row === null) throw new Error(`a file that is not here is to be changed: ${action.do}`)
  else if (action.do === 'delete') plan.deleted.push({ ...work, action, row })
  else if (action.do === 'take') plan.taken.push({ ...work, action, row })
  else plan.merged.push({ ...work, action, row, conflicts: done.has(keyOf(toldKey(work.key))) ? [] : work.conflicts })
}

function readTree(db: Database, { projectId, workspaceId }: ProjectKey, pull: string) {
  return db.inWorkspace(
    workspaceId,
    async (tx) => {
      const tree = await projectQueries.findTreeVersion(tx, projectId)
      if (tree === null) throw new Error(`project ${projectId} is not there any more`)
      const rows = await pullQueries.listLiveFiles(tx, projectId)
      const done = new Set((await pullQueries.listPullFiles(tx, pull)).map(keyOf))
      return { rows, done, treeVersion: tree.treeVersion }
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}
