/**
 * What becomes of one file in a three-way merge of trees. Where it lies, its mode and its content are decided each by itself; what two sides
 * changed differently is a conflict, in which ours stays until somebody decides. SPEC.md has the table of every pair of changes.
 */
import type { FileKind, Oid, OverlapPolicy } from '@skein/protocol'

/** A file as one side holds it. Kinds go by name, mode and content of this one entry; twins are found by `planTree`. */
export interface Entry {
  path: string
  /** Git's mode, as a number. */
  mode: number
  kind: FileKind
  /** Of the content; for `ours` the live one, committed or not. */
  oid: Oid
}

/** One file on three sides; null: that side does not have it. `pairFiles` says what is one file. */
export interface FileSides {
  base: Entry | null
  ours: Entry | null
  theirs: Entry | null
}

/**
 * What is to be done to the live file. It holds for the `ours` that it was planned for: a whole value (`take` with content, `delete`) may be put only
 * while ours still has that oid; else the file is planned again. `merge-text` needs no such care, because the live document merges.
 */
export type FileAction =
  /** Nothing: ours as it is, which may be nothing. */
  | { do: 'keep' }
  /** Path and mode as given; the content too unless it is null. */
  | { do: 'take'; path: string; mode: number; content: { oid: Oid; kind: FileKind } | null }
  /** Three-way in the live document, also where only theirs changed it, as somebody may be typing. A base of null: the empty text. */
  | { do: 'merge-text'; path: string; mode: number; base: Oid | null; theirs: Oid }
  /** A file that is not here, or not any more. */
  | { do: 'add'; path: string; mode: number; oid: Oid; kind: FileKind }
  | { do: 'delete' }

/** Ours is named first. SPEC.md says of each what is done meanwhile. */
export const fileConflictCases = [
  'edited-deleted',
  'renamed-deleted',
  'deleted-edited',
  'deleted-renamed',
  'both-renamed',
  'both-mode',
  'both-binary',
  'both-type',
  'both-added',
  'path-taken',
  'path-twin',
  'path-folder',
] as const
export type FileConflictCase = (typeof fileConflictCases)[number]

export interface FileConflict {
  what: FileConflictCase
  /** What the project's policy chose for people, to be kept as a record; null: somebody has to decide. */
  settled: 'ours' | 'theirs' | 'both' | null
}

/** `conflicts` say what was not done; the action is what is done meanwhile, and never takes anything from ours without a policy. */
export interface FilePlan {
  action: FileAction
  conflicts: readonly FileConflict[]
}

/** Plans one file by itself, without a look at the others. */
export type PlanFile = (sides: FileSides, policy: OverlapPolicy) => FilePlan
