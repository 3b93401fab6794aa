/**
 * The one way in which a pull changes a project's tree, as `change-tree.ts` is for people: the lock of the tree, the change, what the next commit
 * must look at, events, what is done, in one transaction. It holds only for the tree that was planned (PL5).
 */
import {
  conflictQueries,
  type Database,
  fileQueries,
  projectQueries,
  pullQueries,
  snapshotQueries,
  type Tx,
} from '@skein/db'
import type { FileId } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { fileToView } from '../files/file-view.ts'
import { type RemoteHead, tellFiles } from './file-conflicts.ts'
import { OutdatedPlanError, type PullPlan, type PullUnderWay, toldKey, type Work } from './plan-pull.ts'
import { filesPerBatch } from './pull-limits.ts'
import type { LiveFileRow } from './read-sides.ts'

export interface PullChange {
  tx: Tx
  changed(files: readonly fileQueries.FileRow[]): Promise<void>
  deleted(files: readonly { id: FileId; path: string }[]): Promise<void>
  /** Notes files as done, and tells what of them waits for people. */
  done(works: readonly Work<unknown>[]): Promise<void>
  /** Tells what of files waits for people whose texts are still to be merged. */
  told(works: readonly Work<unknown>[]): Promise<void>
  /** To be called last, where files were replaced or deleted whole: nobody has touched them since they were looked at. */
  checkUntouched(rows: readonly LiveFileRow[]): Promise<void>
}

/** Throws OutdatedPlanError when the tree is another one than `plan` is for. Afterwards the plan is for the tree as it is then. */
export async function changePulledTree(
  deps: { db: Database; record: RecordEvent },
  { project, pull }: PullUnderWay,
  plan: PullPlan,
  remote: RemoteHead,
  work: (change: PullChange) => Promise<void>,
): Promise<void> {
  const { projectId, workspaceId } = project
  const treeVersion = await deps.db.inWorkspace(workspaceId, async (tx) => {
    const tree = await projectQueries.advanceTree(tx, projectId)
    if (tree?.treeVersion !== plan.treeVersion + 1) throw new OutdatedPlanError('the tree has changed')
    const dirty = async (files: readonly { id: FileId }[]) => {
      const ids = files.map(({ id }) => id)
      await fileQueries.markDirty(tx, project, ids)
    }
    let conflicts = 0
    const note = async (works: readonly Work<unknown>[], keys: readonly Buffer[]) => {
      for (const some of batches(keys)) await pullQueries.insertPullFiles(tx, workspaceId, pull.id, some)
      conflicts += await tellFiles(tx, project, pull.id, works, remote)
    }
    await work({
      tx,
      changed: async (files) => {
        await dirty(files)
        for (const some of batches(files)) {
          const event = { files: some.map(fileToView), by: null, treeVersion: tree.treeVersion }
          await deps.record(tx, project, { type: 'files-changed', ...event })
        }
      },
      deleted: async (files) => {
        await dirty(files)
        for (const some of batches(files)) {
          const event = { files: [...some], by: null, treeVersion: tree.treeVersion }
          await deps.record(tx, project, { type: 'files-deleted', ...event })
        }
      },
      done: (works) => {
        const keys = works.map(({ key }) => key)
        return note(works, keys)
      },
      told: (works) => {
        const keys = works.map(({ key }) => toldKey(key))
        return note(works, keys)
      },
      checkUntouched: (rows) => checkUntouched(tx, project, rows),
    })
    if (conflicts > 0) {
      const open = await conflictQueries.countOpenConflicts(tx, projectId)
      await deps.record(tx, project, { type: 'conflicts', open, path: null, by: null })
    }
    return tree.treeVersion
  })
  plan.treeVersion = treeVersion
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += filesPerBatch) yield all.slice(start, start + filesPerBatch)
}

async function checkUntouched(tx: Tx, { projectId }: ProjectKey, rows: readonly LiveFileRow[]): Promise<void> {
  const expected = new Map(rows.flatMap(({ documentId, head }) => (documentId === null ? [] : [[documentId, head]])))
  if (expected.size === 0) return
  await snapshotQueries.lockDocuments(tx, [...expected.keys()])
  const heads = await pullQueries.listHeads(tx, projectId, [...expected.keys()])
  if (heads.some(({ id, head }) => expected.get(id) !== head)) throw new OutdatedPlanError('a file has changed')
}
