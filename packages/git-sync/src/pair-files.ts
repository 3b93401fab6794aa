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

/** `base` holds what the base tree has, by path; of what neither side changed it may say nothing. */
export type PairFiles = <O extends OurFile>(
  base: ReadonlyMap<string, Entry>,
  ours: readonly O[],
  theirs: readonly TheirChange[],
) => PairedFile<O>[]
