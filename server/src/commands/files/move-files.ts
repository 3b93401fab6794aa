/**
 * Renames and moves: of one file, and of a folder with everything in it. Ids and documents stay, so open tabs go on.
 */
import { fileQueries } from '@skein/db'
import { twinKey } from '@skein/git-model'
import { type File, type FileId, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound } from '../../policies/authorise.ts'
import type { ProjectKey } from '../event-hub.ts'
import { changeTree, type TreeDeps } from './change-tree.ts'
import { fileToView } from './file-view.ts'
import { modeOfExecutable, modeOfFile } from './new-content.ts'
import { checkPath, checkPlace } from './path-rules.ts'

/** Gives a file another path, or sets its executable bit, or both. */
export function updateFile(
  deps: TreeDeps,
  project: ProjectKey,
  actor: Actor,
  id: FileId,
  update: { path?: string | undefined; executable?: boolean | undefined },
): Promise<File> {
  if (update.path !== undefined) checkPath(update.path)
  return changeTree(deps, project, actor, async ({ tx, by, changed }) => {
    const found = await fileQueries.findFile(tx, project.projectId, id)
    if (!found) throw notFound('file')
    let file = found
    const { path, executable } = update
    if (path !== undefined && path !== file.path) {
      refuseOpaque([file])
      await checkPlace(tx, project.projectId, path, { file: id, folder: null })
      file = (await fileQueries.moveFiles(tx, project.projectId, by, [{ id, path, key: twinKey(path) }]))[0] ?? file
    }
    if (executable !== undefined) {
      if (file.kind !== 'text' && file.kind !== 'binary') {
        throw new Refusal(
          'invalid-request',
          `“${file.path}” is neither text nor binary, so it cannot be made executable.`,
        )
      }
      const mode = executable ? modeOfExecutable : modeOfFile
      if (mode !== file.mode) file = (await fileQueries.setFileMode(tx, project.projectId, id, by, mode)) ?? file
    }
    if (file !== found) await changed([file])
    return fileToView(file)
  })
}

/** Moves the folder `from` to the new path `to`, which must not exist yet. */
export function moveFolder(
  deps: TreeDeps,
  project: ProjectKey,
  actor: Actor,
  { from, to }: { from: string; to: string },
): Promise<File[]> {
  checkPath(to)
  if (to.startsWith(`${from}/`)) {
    throw new Refusal('invalid-path', `“${from}” cannot be moved into itself.`, { details: { from, to } })
  }
  return changeTree(deps, project, actor, async ({ tx, by, changed }) => {
    const files = await listFolder(tx, project, from)
    refuseOpaque(files)
    await checkPlace(tx, project.projectId, to, { file: null, folder: `${from}/` })
    const moves = files.map((file) => {
      const path = `${to}${file.path.slice(from.length)}`
      checkPath(path)
      return { id: file.id, path, key: twinKey(path) }
    })
    const moved = await fileQueries.moveFiles(tx, project.projectId, by, moves)
    await changed(moved)
    return moved.map(fileToView)
  })
}

/** The files below a folder of exactly this spelling. */
export async function listFolder(
  sql: Parameters<typeof fileQueries.listFolder>[0],
  project: ProjectKey,
  folder: string,
): Promise<fileQueries.FileRow[]> {
  const rows = await fileQueries.listFolder(sql, project.projectId, `${twinKey(folder)}/`)
  const files = rows.filter((row) => row.path.startsWith(`${folder}/`))
  if (files.length === 0) throw notFound('folder')
  return files
}

function refuseOpaque(files: readonly fileQueries.FileRow[]): void {
  const opaque = files.find(({ kind }) => kind === 'opaque')
  if (!opaque) return
  throw new Refusal('invalid-path', `“${opaque.path}” has a name that Skein keeps as it is but cannot change.`, {
    hint: 'Rename it with Git and import the project again. Nothing was moved.',
    details: { path: opaque.path },
  })
}
