/**
 * The one way in which people change a project's tree: the lock of the tree, the change, what the next snapshot must
 * look at, and the event that others see it by, in one transaction.
 */
import { type Database, fileQueries, projectQueries, type Tx } from '@skein/db'
import { type ActorKey, type FileId, personToActorKey, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound } from '../../policies/authorise.ts'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { fileToView } from './file-view.ts'

export interface TreeDeps {
  db: Database
  record: RecordEvent
}

/** A change of a tree under way. */
export interface TreeChange {
  tx: Tx
  project: ProjectKey
  by: ActorKey
  /** Files before the change, the trash not counted. */
  fileCount: number
  /** Marks these files for the next snapshot, and tells everybody how they are now. */
  changed(files: readonly fileQueries.FileRow[]): Promise<void>
  /** Marks these files for the next snapshot, and tells everybody that they are gone. */
  deleted(files: readonly { id: FileId; path: string }[]): Promise<void>
}

/**
 * Runs `work` with the lock of the tree.
 * @throws Refusal not-found when the project is deleted; project-importing or project-not-ready while it has no tree
 * yet
 */
export function changeTree<T>(
  deps: TreeDeps,
  { projectId, workspaceId }: ProjectKey,
  actor: Actor,
  work: (change: TreeChange) => Promise<T>,
): Promise<T> {
  const project = { projectId, workspaceId }
  return deps.db.inWorkspace(workspaceId, async (tx) => {
    const tree = await projectQueries.advanceTree(tx, projectId)
    if (!tree) throw notFound('project')
    refuseUnlessReady(tree.state)
    const { treeVersion, fileCount } = tree
    const by = { id: actor.userId, name: actor.name }
    return work({
      tx,
      project,
      by: personToActorKey(actor.userId),
      fileCount,
      changed: async (files) => {
        if (files.length === 0) return
        await fileQueries.markDirty(
          tx,
          project,
          files.map(({ id }) => id),
        )
        await deps.record(tx, project, { type: 'files-changed', files: files.map(fileToView), by, treeVersion })
      },
      deleted: async (files) => {
        if (files.length === 0) return
        await fileQueries.markDirty(
          tx,
          project,
          files.map(({ id }) => id),
        )
        await deps.record(tx, project, { type: 'files-deleted', files: [...files], by, treeVersion })
      },
    })
  })
}

/** Refuses to touch the files of a project that has none yet. */
function refuseUnlessReady(state: projectQueries.ProjectState): void {
  if (state === 'importing') {
    throw new Refusal(
      'project-importing',
      'This project is still being imported. Its files can be changed when that is done.',
      {
        hint: 'Wait for the import, or cancel it.',
      },
    )
  }
  if (state === 'failed') {
    throw new Refusal('project-not-ready', 'The import of this project did not finish, so it has no files.', {
      hint: 'Delete the project and import it again.',
    })
  }
}
