/**
 * What becomes of one file in a three-way merge of trees. Where it lies, its mode and its content are decided each by itself; what two sides
 * changed differently is a conflict, in which ours stays until somebody decides. SPEC.md has the table of every pair of changes.
 */
import type { FileKind, Oid, OverlapPolicy } from '@skein/protocol'
import { canonicalMode, hasLines, typeOf } from './change.ts'

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
export function planFile(sides: FileSides, policy: OverlapPolicy): FilePlan {
  const { base, ours, theirs } = sides
  const settled = settle(policy)
  if (!theirs) return base && ours ? planDeletedThere(base, ours, settled) : keep
  if (!ours) return base ? planDeletedHere(base, theirs, settled) : { action: addEntry(theirs), conflicts: [] }
  if (isSame(ours, theirs) || (base && isSame(base, theirs))) return keep
  if (!base) return planBothAdded(ours, theirs, settled)
  if (typeOf(base) === typeOf(ours) && typeOf(base) === typeOf(theirs)) {
    return mergeAspects(base, { ours, theirs }, settled)
  }
  return planTypeChange(base, { ours, theirs }, settled)
}

type Settled = FileConflict['settled']
type BothSides = { ours: Entry; theirs: Entry }

const keep: FilePlan = { action: { do: 'keep' }, conflicts: [] }

/** A branch of their own for our changes is for people to merge: the conflict stays open. */
function settle(policy: OverlapPolicy): 'ours' | 'theirs' | null {
  switch (policy) {
    case 'ask':
    case 'branch':
      return null
    case 'ours':
    case 'theirs':
      return policy
  }
}

const isSame = (a: Entry, b: Entry): boolean => a.path === b.path && a.mode === b.mode && a.oid === b.oid

const addEntry = ({ path, mode, oid, kind }: Entry): FileAction => ({ do: 'add', path, mode, oid, kind })

function planDeletedThere(base: Entry, ours: Entry, settled: Settled): FilePlan {
  if (isSame(base, ours)) return { action: { do: 'delete' }, conflicts: [] }
  const what = isOnlyRenamed(base, ours) ? 'renamed-deleted' : 'edited-deleted'
  return { action: { do: settled === 'theirs' ? 'delete' : 'keep' }, conflicts: [{ what, settled }] }
}

function planDeletedHere(base: Entry, theirs: Entry, settled: Settled): FilePlan {
  if (isSame(base, theirs)) return keep
  const what = isOnlyRenamed(base, theirs) ? 'deleted-renamed' : 'deleted-edited'
  return { action: settled === 'theirs' ? addEntry(theirs) : { do: 'keep' }, conflicts: [{ what, settled }] }
}

const isOnlyRenamed = (base: Entry, side: Entry): boolean => base.mode === side.mode && base.oid === side.oid

/** Two files of one path that do not come from one. */
function planBothAdded(ours: Entry, theirs: Entry, settled: Settled): FilePlan {
  if (typeOf(ours) === typeOf(theirs)) return mergeAspects(null, { ours, theirs }, settled)
  return chooseWhole({ ours, theirs }, 'both-added', settled)
}

/** At least one side turned the file into something else. Where the other did nothing that is taken; else there is nothing to merge it with. */
function planTypeChange(base: Entry, both: BothSides, settled: Settled): FilePlan {
  const { ours, theirs } = both
  if (isSame(base, ours)) return { action: takeEntry(ours, theirs), conflicts: [] }
  // Both made the same of it: two new contents, without a base.
  if (typeOf(ours) === typeOf(theirs)) return mergeAspects(base, both, settled)
  return chooseWhole(both, 'both-type', settled)
}

function chooseWhole({ ours, theirs }: BothSides, what: FileConflictCase, settled: Settled): FilePlan {
  return { action: settled === 'theirs' ? takeEntry(ours, theirs) : { do: 'keep' }, conflicts: [{ what, settled }] }
}

const takeEntry = (ours: Entry, theirs: Entry): FileAction => ({
  do: 'take',
  path: theirs.path,
  mode: theirs.mode,
  content: { oid: theirs.oid, kind: kindOfTheirs(ours, theirs) },
})

/** An entry that nobody may touch here stays one, whatever its content, while its name does. */
const kindOfTheirs = (ours: Entry, theirs: Entry): FileKind =>
  ours.kind === 'opaque' && ours.path === theirs.path ? 'opaque' : theirs.kind

/** Path, mode and content each by three-way. `base` null: both are new, and what differs has nothing to go by. */
function mergeAspects(base: Entry | null, both: BothSides, settled: Settled): FilePlan {
  const { ours, theirs } = both
  const conflicts: FileConflict[] = []
  const choose = <T>(merged: Merged<T>, what: FileConflictCase, here: T, there: T): T => {
    if (merged.isClean) return merged.value
    conflicts.push({ what, settled })
    return settled === 'theirs' ? there : here
  }
  const path = choose(mergeValue(base?.path, ours.path, theirs.path), 'both-renamed', ours.path, theirs.path)
  const mode = choose(mergeMode(base?.mode, ours.mode, theirs.mode), 'both-mode', ours.mode, theirs.mode)
  const lines = findLines(base, both)
  if (lines) return { action: { do: 'merge-text', path, mode, ...lines }, conflicts }
  // Of a changed type the old content is no base.
  const baseOid = base && typeOf(base) === typeOf(ours) ? base.oid : undefined
  const what = base === null ? 'both-added' : baseOid === undefined ? 'both-type' : 'both-binary'
  const oid = choose(mergeValue<Oid>(baseOid, ours.oid, theirs.oid), what, ours.oid, theirs.oid)
  if (path === ours.path && mode === ours.mode && oid === ours.oid) return { ...keep, conflicts }
  const content = oid === ours.oid ? null : { oid, kind: kindOfTheirs(ours, theirs) }
  return { action: { do: 'take', path, mode, content }, conflicts }
}

/** What theirs changed in a content that has lines on all sides; null: nothing, or the content is one value. */
function findLines(base: Entry | null, { ours, theirs }: BothSides): { base: Oid | null; theirs: Oid } | null {
  if (!hasLines(ours) || !hasLines(theirs) || ours.oid === theirs.oid) return null
  const isNew = base === null || typeOf(base) !== typeOf(ours)
  if (isNew) return { base: null, theirs: theirs.oid }
  if (!hasLines(base) || base.oid === theirs.oid) return null
  return { base: base.oid, theirs: theirs.oid }
}

type Merged<T> = { isClean: true; value: T } | { isClean: false }

function mergeValue<T>(base: T | undefined, ours: T, theirs: T): Merged<T> {
  if (ours === theirs || base === theirs) return { isClean: true, value: ours }
  if (base === ours) return { isClean: true, value: theirs }
  return { isClean: false }
}

/** As Git spells modes; only when all else is the same does the old spelling of one side count. */
function mergeMode(base: number | undefined, ours: number, theirs: number): Merged<number> {
  const exact = mergeValue(base, ours, theirs)
  if (exact.isClean) return exact
  const canonical = mergeValue(base && canonicalMode(base), canonicalMode(ours), canonicalMode(theirs))
  if (!canonical.isClean) return canonical
  return { isClean: true, value: canonical.value === canonicalMode(ours) ? ours : theirs }
}
