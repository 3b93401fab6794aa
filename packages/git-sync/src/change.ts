/** How one side changed a file since the base, in the eight words of the table in SPEC.md. One side may well have several of them. */
import type { Entry } from './tree-plan.ts'

/**
 * `edited`: other content, lines before and after. `binary`: other content that has no lines (binary files, targets of symlinks, submodules, LFS
 * pointers, opaque entries), before or after. `type`: a file, a symlink or a submodule became another of them; its content is part of that.
 */
export const changeWords = ['unchanged', 'edited', 'added', 'deleted', 'renamed', 'mode', 'binary', 'type'] as const
export type ChangeWord = (typeof changeWords)[number]

/** What one side did, in the order of the words; `['unchanged']` when it did nothing, or has as little as the base. */
export function describeChange(base: Entry | null, side: Entry | null): ChangeWord[] {
  if (!base) return side ? ['added'] : ['unchanged']
  if (!side) return ['deleted']
  const words: ChangeWord[] = []
  const hasType = typeOf(base) !== typeOf(side)
  const hasContent = !hasType && base.oid !== side.oid
  if (hasContent && hasLines(base) && hasLines(side)) words.push('edited')
  if (base.path !== side.path) words.push('renamed')
  if (!hasType && base.mode !== side.mode) words.push('mode')
  if (hasContent && !words.includes('edited')) words.push('binary')
  if (hasType) words.push('type')
  return words.length > 0 ? words : ['unchanged']
}

/** Whether the content is merged line by line; everything else is a value that one side wins whole. */
export const hasLines = (entry: Entry): boolean => entry.kind === 'text'

const typeMask = 0o170000

/** Git's type bits: file, symlink or submodule. */
export const typeOf = (entry: Entry): number => entry.mode & typeMask

/** Old trees spell a file's mode in ways that Git reads as one of two; other types have only one. */
export const canonicalMode = (mode: number): number =>
  (mode & typeMask) === 0o100000 ? (mode & 0o100 ? 0o100755 : 0o100644) : mode
