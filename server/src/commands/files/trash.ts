/**
 * Deleting moves files to the trash, where they stay for 30 days; their documents go on taking late edits. What is
 * older is deleted for good with the next deletion in the same project.
 */
import { fileQueries } from '@skein/db'
import { twinKey } from '@skein/git-model'
import { type File, type FileId, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound } from '../../policies/authorise.ts'
import type { ProjectKey } from '../event-hub.ts'
import { changeTree, type TreeChange, type TreeDeps } from './change-tree.ts'
import { fileToView } from './file-view.ts'
import { listFolder } from './move-files.ts'
import { checkFileCount, checkPath, checkPlace } from './path-rules.ts'

export const trashDays = 30
/** One deletion clears up after at most so many, so that it stays quick. */
const purgedAtOnceMax = 500

/** Moves one file to the trash. */
export function deleteFile(deps: TreeDeps, project: ProjectKey, actor: Actor, id: FileId): Promise<void> {
  return changeTree(deps, project, actor, (change) => moveToTrash(change, [id]))
}

/** Moves a folder to the trash, file by file. */
export function deleteFolder(deps: TreeDeps, project: ProjectKey, actor: Actor, folder: string): Promise<void> {
  return changeTree(deps, project, actor, async (change) => {
    const files = await listFolder(change.tx, project, folder)
    await moveToTrash(
      change,
      files.map(({ id }) => id),
    )
  })
}

async function moveToTrash({ tx, project, by, deleted }: TreeChange, ids: readonly FileId[]): Promise<void> {
  const files = await fileQueries.trashFiles(tx, project.projectId, by, ids)
  if (files.length === 0) throw notFound('file')
  await deleted(files)
  await fileQueries.purgeTrash(tx, project.projectId, trashDays, purgedAtOnceMax)
}

/** Takes a file out of the trash, to where it was or to `path`. Refuses a place that is taken by now. */
export function restoreFile(
  deps: TreeDeps,
  project: ProjectKey,
  actor: Actor,
  id: FileId,
  path?: string,
): Promise<File> {
  return changeTree(deps, project, actor, async ({ tx, by, fileCount, changed }) => {
    const file = await fileQueries.findTrashedFile(tx, project.projectId, id, trashDays)
    if (!file) {
      throw new Refusal('not-found', 'This file is not in the trash.', {
        hint: `Files stay in the trash for ${trashDays} days. Look at the list of files: it may have been restored already.`,
      })
    }
    const place = path ?? file.path
    if (place !== file.path) checkPath(place)
    checkFileCount(fileCount, 1)
    await checkPlace(tx, project.projectId, place).catch((error: unknown) => {
      throw error instanceof Refusal ? refuseRestore(file.path, error) : error
    })
    const restored = await fileQueries.restoreFile(tx, project.projectId, by, { id, path: place, key: twinKey(place) })
    if (!restored) throw notFound('file')
    await changed([restored])
    return fileToView(restored)
  })
}

const refuseRestore = (path: string, cause: Refusal): Refusal =>
  new Refusal(cause.code, `“${path}” is safe in the trash but cannot go back to its place. ${cause.message}`, {
    hint: 'Rename what is there now, or restore the file under another name.',
    ...(cause.details && { details: cause.details }),
  })
