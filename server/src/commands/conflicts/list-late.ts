/** Lists what people typed before they saw a pull, where it met the pull's lines (GS5). The text stays as Yjs merged it; a person looks at it. */
import { conflictQueries, projectQueries } from '@skein/db'
import type { LateEdit } from '../live-documents.ts'
import { keepConflict, seeText, toContent } from './list-lines.ts'
import type { LiveMerge, MergeLiveDeps } from './live-merge.ts'
import { tellConflicts } from './tell-conflicts.ts'

/** Gives what hears of late edits of one text; each place is listed once, as it is at last. */
export function listLate(deps: MergeLiveDeps, merge: LiveMerge): (edits: readonly LateEdit[]) => void {
  const idsByPlace = new Map<number, string>()
  let previous: Promise<void> = Promise.resolve()
  return (edits) => {
    previous = previous
      .then(() => listEdits(deps, merge, idsByPlace, edits))
      .catch((error: unknown) => deps.logFault?.(error, { pull: merge.pullId, document: merge.documentId }))
  }
}

async function listEdits(
  deps: MergeLiveDeps,
  merge: LiveMerge,
  idsByPlace: Map<number, string>,
  edits: readonly LateEdit[],
): Promise<void> {
  const { project, documentId, path, policy } = merge
  const placed = await deps.documents.place(documentId, edits)
  const seen = await seeText(deps, merge)
  if (!placed || !seen) return
  const isListed = (at: { from: number; to: number }) =>
    seen.listed.some(
      ({ row, at: place }) => row.state === 'open' && place !== null && place.from < at.to && place.to > at.from,
    )
  await deps.db.inWorkspace(project.workspaceId, async (tx) => {
    await projectQueries.lockProject(tx, project.projectId)
    let listed = 0
    for (const [n, edit] of edits.entries()) {
      const at = placed.ranges[n]
      const known = idsByPlace.get(edit.place) ?? null
      // Where a conflict waits already, people look at these lines anyhow.
      if (!at || (known === null && isListed(at))) continue
      const found = { ...at, base: edit.before, ours: edit.present, theirs: edit.after }
      const content = { ...toContent(merge, placed.current.text, found, edit), what: 'late' }
      const id = await keepConflict(tx, merge, known, content)
      idsByPlace.set(edit.place, id)
      // Whoever wants to be asked nothing finds it among what was decided.
      if (policy === 'ours' || policy === 'theirs') {
        await conflictQueries.resolveConflict(tx, project.projectId, id, { choice: 'current', by: null })
      }
      listed++
    }
    if (listed > 0) await tellConflicts(deps.record, tx, project, { path, by: null })
  })
}
