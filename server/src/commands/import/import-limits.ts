/** How large an import may be. Each limit with its reason; what is above them is refused in words before it is stored. */
import { filesPerProjectMax } from '../files/path-rules.ts'

/** Most bytes of one fetch: the packs of most projects are far below, and they stand in the database. */
export const importPackBytesMax = 1024 * 1024 * 1024
/** Longest time of one fetch. */
export const importTimeMaxMs = 30 * 60_000
/** Files in the tree: what a project may have. */
export const importFilesMax = filesPerProjectMax
/** Bytes of all files of the tree together, unpacked: a pack of a kilobyte can hold any number of them. */
export const importTreeBytesMax = 4 * 1024 * 1024 * 1024
/** Commits of the history. */
export const importCommitsMax = 500_000
/** Imports of one workspace that may wait or run at a time. */
export const importsPerWorkspaceMax = 3
