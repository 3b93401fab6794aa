/** The subject of a commit that nobody wrote a message for: what changed, in a line that reads well in a log. */
import type { snapshotQueries } from '@skein/db'

type Changed = Pick<snapshotQueries.CutFile, 'path' | 'committedPath'>

const nameCharactersMax = 50

/** One line for the files of a cut, at least one. */
export function describeChanges(files: readonly Changed[]): string {
  const [first] = files
  if (!first) throw new Error('a cut without files has no description')
  if (files.length === 1) return describeOne(first)
  return `${commonVerb(files)} ${files.length} files`
}

function describeOne({ path, committedPath }: Changed): string {
  if (path === null) return `Delete ${shorten(committedPath ?? 'a file')}`
  if (committedPath === null) return `Add ${shorten(path)}`
  if (committedPath !== path) return `Rename ${shorten(committedPath)} to ${shorten(path)}`
  return `Update ${shorten(path)}`
}

function commonVerb(files: readonly Changed[]): string {
  if (files.every(({ path }) => path === null)) return 'Delete'
  if (files.every(({ committedPath }) => committedPath === null)) return 'Add'
  return 'Update'
}

/** The end of a path says more than its beginning. */
function shorten(path: string): string {
  const characters = [...path]
  return characters.length <= nameCharactersMax ? path : `…${characters.slice(1 - nameCharactersMax).join('')}`
}
