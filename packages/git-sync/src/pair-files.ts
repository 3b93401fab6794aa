/**
 * Which entries of the three sides are one file: by identity where a side knows it (ours by file id, theirs by the renames that Git saw), and else
 * by path, as Git does.
 */
import type { Entry, FileSides } from './tree-plan.ts'

/** A live file; `basePath` is where it lay in the base, null when it was not there. */
export interface OurFile {
  basePath: string | null
  entry: Entry
}

/** A line of `git diff-tree -r -M` from base to theirs: deleted (`to` null), added (`from` null), or changed and perhaps renamed. */
export interface TheirChange {
  from: string | null
  to: Entry | null
}

export interface PairedFile<O extends OurFile> extends FileSides {
  /** The caller's own row for ours. */
  our: O | null
}

/**
 * All live files, and what theirs changed of others. `base` holds at least the entries that theirs changed, by path; a file of which it says nothing
 * comes out without base and theirs, and is kept.
 */
export function pairFiles<O extends OurFile>(
  base: ReadonlyMap<string, Entry>,
  ours: readonly O[],
  theirs: readonly TheirChange[],
): PairedFile<O>[] {
  const oursByBasePath = findOurs(base, ours)
  const newOursByPath = new Map(ours.map((our) => [our.entry.path, our]))
  for (const our of oursByBasePath.values()) newOursByPath.delete(our.entry.path)

  const paired: PairedFile<O>[] = []
  const done = new Set<O>()
  for (const { from, to } of theirs) {
    const our = (from === null ? to && newOursByPath.get(to.path) : oursByBasePath.get(from)) ?? null
    if (our) done.add(our)
    paired.push({ our, base: from === null ? null : entryAt(base, from), ours: our?.entry ?? null, theirs: to })
  }
  for (const [basePath, our] of oursByBasePath) {
    if (done.has(our)) continue
    const entry = base.get(basePath) ?? null
    paired.push({ our, base: entry, ours: our.entry, theirs: entry })
  }
  for (const our of newOursByPath.values()) {
    if (!done.has(our)) paired.push({ our, base: null, ours: our.entry, theirs: null })
  }
  return paired
}

/** Our files by where they lay in the base: those that know it, then those that stand where a file was that is gone. */
function findOurs<O extends OurFile>(base: ReadonlyMap<string, Entry>, ours: readonly O[]): Map<string, O> {
  const byBasePath = new Map<string, O>()
  for (const our of ours) {
    if (our.basePath !== null && !byBasePath.has(our.basePath)) byBasePath.set(our.basePath, our)
  }
  for (const our of ours) {
    const { path } = our.entry
    if (our.basePath === null && base.has(path) && !byBasePath.has(path)) byBasePath.set(path, our)
  }
  return byBasePath
}

function entryAt(base: ReadonlyMap<string, Entry>, path: string): Entry {
  const entry = base.get(path)
  if (!entry) throw new Error(`the base of the merge has nothing at ${JSON.stringify(path)}, which theirs changed`)
  return entry
}
