/** One writer and others on one text, for tests: what the writer's hunks become after the others' changes. */
import { diffToHunks } from '@skein/merge'
import type { ActorKey } from '@skein/protocol'
import { planHunks, plannedEdits, type standsThere } from '../apply.ts'
import { type JournalEntry, toChanges } from '../journal.ts'
import { editText, type TextEdit } from '../text-edit.ts'

export const ANA = 'person:ana' as ActorKey
export const MINE = 'my-run'

export const entry = (before: string, edits: readonly TextEdit[], run?: string, at = 0): JournalEntry => ({
  changes: toChanges(
    edits.map(({ at: from, remove, insert }) => ({ from, to: from + remove, insert })),
    before.length,
  ),
  author: { actor: ANA, ...(run !== undefined && { run }) },
  at,
})

/** Writes `mine` over `base` after others have made `theirs` of it, one text after the other. */
export const merged = (base: string, mine: string, theirs: readonly string[], isThere?: typeof standsThere) => {
  const entries: JournalEntry[] = []
  let current = base
  for (const next of theirs) {
    entries.push(entry(current, diffToHunks(current, next)))
    current = next
  }
  const planned = planHunks({ base, hunks: diffToHunks(base, mine), entries, current, run: MINE }, isThere)
  return { text: editText(current, plannedEdits(planned)), outcomes: planned.map(outcomeOf), planned, entries, current }
}

const outcomeOf = (plan: ReturnType<typeof planHunks>[number]): string => {
  if (plan.outcome === 'write') return plan.isMoved ? 'rebased' : 'applied'
  return plan.outcome === 'review' || plan.outcome === 'waiting' ? `${plan.outcome}:${plan.reason}` : plan.outcome
}
