/**
 * Which of the conflicts that a merge has found are listed already: by an earlier try of the same pull, or by an earlier pull whose overlap nobody
 * has decided about. Pure; positions are those of one live text.
 */
import type { Oid } from '@skein/protocol'
import type { TextConflict } from './text-merge.ts'

export interface TextRange {
  from: number
  to: number
}

export type FoundConflict = Pick<TextConflict, 'from' | 'to' | 'base' | 'ours' | 'theirs'>

/** A conflict that is listed, and where it stands in the text; null: its place is gone. Of this pull also those that were decided. */
export interface ListedConflict {
  id: string
  base: string
  ours: string
  theirs: string
  remoteOid: Oid
  isOpen: boolean
  at: TextRange | null
}

/** What theirs changed and is written without a conflict: lines before and after, where they stand in the live text. */
export interface CleanChange extends TextRange {
  before: string
  after: string
}

export interface Matches {
  /** For each conflict the one that stands for it and is to be told anew, or is not when it `isListed`; null: it is new. */
  of: ({ id: string; isListed: boolean } | null)[]
  /** Open ones that lie within a conflict which another one stands for now; what they have of ours stays with them. */
  superseded: string[]
  /** Open ones of earlier pulls of which theirs has gone on in a part. */
  goneOn: Map<string, string>
}

/** Finds them. `remote` is the commit that is brought in; `givesUp`: ours goes, so that each has to be kept, also within larger ones. */
export function matchConflicts(
  found: readonly FoundConflict[],
  listed: readonly ListedConflict[],
  changes: readonly CleanChange[],
  { remote, givesUp = false }: { remote: Oid; givesUp?: boolean },
): Matches {
  const everywhere = listed.flatMap((conflict) => (conflict.at ? [{ ...conflict, at: conflict.at }] : []))
  const decided = givesUp ? [] : everywhere.filter(({ isOpen }) => !isOpen)
  const placed = everywhere.filter(({ isOpen }) => isOpen)
  const theirs = new Map(placed.map(({ id, theirs }) => [id, theirs]))
  const used = new Set<string>()
  const matches: Matches = { of: [], superseded: [], goneOn: new Map() }
  const goOn = (id: string, before: string, after: string): boolean => {
    const next = replaceLines(theirs.get(id) ?? '', before, after)
    if (next === null) return false
    theirs.set(id, next)
    matches.goneOn.set(id, next)
    return true
  }
  for (const conflict of found) {
    const same = decided.find(
      ({ at, base }) => isWithin(conflict, at) || (isWithin(at, conflict) && base === conflict.base),
    )
    if (same) {
      matches.of.push({ id: same.id, isListed: true })
      continue
    }
    const within = placed.filter(({ id, at }) => !used.has(id) && isWithin(at, conflict))
    // One whose ours is not in the text any more, because theirs was put there, is not to lose it.
    const told = within.find(({ ours }) => conflict.ours.includes(ours))
    for (const one of within) {
      used.add(one.id)
      if (one !== told) matches.superseded.push(one.id)
    }
    if (within.length > 0) {
      matches.of.push(told ? { id: told.id, isListed: false } : null)
      continue
    }
    const holder = givesUp ? undefined : placed.find(({ id, at }) => !used.has(id) && isWithin(conflict, at))
    const isListed =
      holder !== undefined && (holder.remoteOid === remote || goOn(holder.id, conflict.base, conflict.theirs))
    matches.of.push(isListed ? { id: holder.id, isListed } : null)
  }
  for (const { id, at, remoteOid } of placed) {
    if (used.has(id) || remoteOid === remote) continue
    for (const change of changes) if (isWithin(change, at)) goOn(id, change.before, change.after)
  }
  return matches
}

const isWithin = (inner: TextRange, outer: TextRange): boolean => inner.from >= outer.from && inner.to <= outer.to

/** Lines of a text replaced where they stand once; null when they do not. */
function replaceLines(text: string, before: string, after: string): string | null {
  if (before === '') return null
  const isAtLine = (at: number) => at === 0 || text[at - 1] === '\n'
  let found = -1
  for (let at = text.indexOf(before); at !== -1; at = text.indexOf(before, at + 1)) {
    if (!isAtLine(at)) continue
    if (found !== -1) return null
    found = at
  }
  return found === -1 ? null : text.slice(0, found) + after + text.slice(found + before.length)
}
