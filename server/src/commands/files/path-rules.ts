/**
 * Where a file may be. `safeRepoPath` judges the name itself; the rules here look at the other files: one file per
 * path, none that differs only in case or normal form (folders neither), and no file inside a file. They hold because
 * whoever changes the tree holds its lock.
 */
import { fileQueries, type Sql } from '@skein/db'
import { safeRepoPath, twinKey } from '@skein/git-model'
import { type ProjectId, Refusal } from '@skein/protocol'

/** Files in one project, the trash not counted. Above this a list of them is no longer a fast answer. */
export const filesPerProjectMax = 50_000

/** Refuses a name that no file may have. */
export function checkPath(path: string): void {
  const safe = safeRepoPath(path)
  if (safe.ok) return
  throw new Refusal('invalid-path', safe.message, {
    hint: 'Choose another name. Nothing was changed.',
    details: { path, rule: safe.code },
  })
}

/** Refuses a place that another file or folder has, or stands in the way of. What is `leaving` is in nobody's way. */
export async function checkPlace(
  sql: Sql,
  project: ProjectId,
  path: string,
  leaving: fileQueries.Leaving = { file: null, folder: null },
): Promise<void> {
  const key = twinKey(path)
  const folders = foldersAbove(path).map((folder) => ({ path: folder, key: twinKey(folder) }))
  const folderKeys = folders.map((folder) => folder.key.slice(0, -1))

  const files = await fileQueries.findFilesByKey(sql, project, [key, ...folderKeys], leaving)
  const same = files.find((file) => file.key === key)
  if (same) throw same.path === path ? refuseTaken(path) : refuseTwin(path, same.path)
  if (files[0]) throw refuseBelowFile(path, files[0].path)

  const inside = await fileQueries.findFileInFolder(sql, project, `${key}/`, leaving)
  if (inside !== null) throw refuseFolder(path, inside.split('/').slice(0, path.split('/').length).join('/'))

  const [twin] = await fileQueries.findFolderTwins(sql, project, folders, leaving)
  if (twin) {
    const depth = twin.folder.split('/').length - 1
    throw refuseTwin(twin.folder.slice(0, -1), twin.twin.split('/').slice(0, depth).join('/'))
  }
}

/** Refuses more files than a project may have. */
export function checkFileCount(files: number, added: number): void {
  if (files + added <= filesPerProjectMax) return
  const limit = filesPerProjectMax.toLocaleString('en')
  throw new Refusal(
    'quota-exceeded',
    `A project holds at most ${limit} files, and this one has ${files.toLocaleString('en')}.`,
    {
      hint: 'Delete files that are not needed, or start a second project. Nothing was changed.',
      details: { files, filesMax: filesPerProjectMax },
    },
  )
}

/** `a/b/c` lies in `a/` and `a/b/`. */
function foldersAbove(path: string): string[] {
  const segments = path.split('/').slice(0, -1)
  return segments.map((_, depth) => `${segments.slice(0, depth + 1).join('/')}/`)
}

/** The refusal of a path that another file has. */
export const refuseTaken = (path: string): Refusal =>
  new Refusal('path-taken', `There is already a file named “${path}”.`, {
    hint: 'Choose another name, or open that file.',
    details: { path },
  })

const refuseTwin = (path: string, twin: string): Refusal =>
  new Refusal(
    'path-twin',
    `“${path}” and “${twin}” differ only in letter case or accents, and many computers can keep only one of them.`,
    { hint: `Use the spelling “${twin}”, or choose another name.`, details: { path, twin } },
  )

const refuseBelowFile = (path: string, file: string): Refusal =>
  new Refusal('path-is-folder', `“${file}” is a file, so “${path}” cannot lie in it.`, {
    hint: 'Choose another folder.',
    details: { path, file },
  })

const refuseFolder = (path: string, folder: string): Refusal =>
  new Refusal(
    'path-is-folder',
    folder === path
      ? `There is already a folder named “${path}”.`
      : `There is already a folder named “${folder}”, which differs from “${path}” only in letter case or accents.`,
    { hint: 'Choose another name.', details: { path, folder } },
  )
