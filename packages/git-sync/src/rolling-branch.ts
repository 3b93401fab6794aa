/** The names of the branches that pull requests are made of. */

/** The one of a project, by its slug. */
export const rollingBranchName = (slug: string): string => `skein/${slug}`

/**
 * The name itself or the next numbered one that a repository with these branches can have. Git keeps branches as files in folders: a branch `skein`
 * leaves no room for `skein/notes`, nor `skein/notes/old` for `skein/notes`.
 */
export function freeRollingBranch(name: string, taken: Iterable<string>): string {
  const branches = new Set(taken)
  const folders = new Set<string>()
  for (const branch of branches) for (const folder of foldersAbove(branch)) folders.add(folder)
  const isBlocked = [...foldersAbove(name)].some((folder) => branches.has(folder))
  const wanted = isBlocked ? name.replaceAll('/', '-') : name
  let free = wanted
  for (let count = 2; branches.has(free) || folders.has(free); count++) free = `${wanted}-${count}`
  return free
}

/** Of `a/b/c`: `a`, then `a/b`. */
function* foldersAbove(branch: string): Generator<string> {
  for (let slash = branch.indexOf('/'); slash >= 0; slash = branch.indexOf('/', slash + 1)) yield branch.slice(0, slash)
}
