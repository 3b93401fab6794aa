/**
 * Where files lie, and whether they are there: deletions, renames and modes of theirs, all in one transaction, because files may exchange their
 * names. Contents follow. Nobody's open document is closed by a rename: ids and documents stay.
 */
import { type Database, fileQueries, pullQueries } from '@skein/db'
import { twinKey } from '@skein/git-model'
import type { RecordEvent } from '../event-hub.ts'
import type { RemoteHead } from './file-conflicts.ts'
import type { MergeText, PullPlan, PullUnderWay, Take } from './plan-pull.ts'
import { changePulledTree } from './pull-change.ts'
import { filesPerBatch } from './pull-limits.ts'
import { actorOfPull } from './pull-source.ts'
import { type LiveFileRow, nameToPath } from './read-sides.ts'

export async function applyTree(
  deps: { db: Database; record: RecordEvent },
  under: PullUnderWay,
  plan: PullPlan,
  remote: RemoteHead,
): Promise<void> {
  const { projectId } = under.project
  const by = actorOfPull(under.pull)
  const { kept, deleted, taken, merged } = plan
  const patches = [...taken, ...merged].flatMap(({ row, action }) => moveOf(row, action, plan) ?? [])
  if (kept.length + deleted.length + taken.length + merged.length === 0) return
  await changePulledTree(deps, under, plan, remote, async (change) => {
    const { tx } = change
    if (deleted.length > 0) {
      const ids = deleted.map(({ row }) => row.id)
      await change.deleted(await fileQueries.trashFiles(tx, projectId, by, ids))
    }
    await park(tx, plan, projectId, patches)
    for (let start = 0; start < patches.length; start += filesPerBatch) {
      const some = patches.slice(start, start + filesPerBatch)
      await change.changed(await pullQueries.patchFiles(tx, projectId, by, some))
    }
    await change.told(merged.filter(({ conflicts }) => conflicts.length > 0))
    await change.done([...kept, ...deleted, ...taken.filter(({ action }) => action.content === null)])
    await change.checkUntouched(deleted.map(({ row }) => row))
  })
}

/** The row at its new place; null when that is where it was. Line ends change with the text. */
function moveOf(row: LiveFileRow, action: Take | MergeText, plan: PullPlan): pullQueries.FilePatch | null {
  const { path } = action
  // A mode says what a content is; where that is replaced it goes with it.
  const mode = action.do === 'take' && action.content !== null ? row.mode : action.mode
  const isSame = path === nameToPath(row) && mode === row.mode
  return isSame ? null : { ...row, ...plan.nameOf(path), mode, oid: null }
}

/** Takes those out of the way that lie where others go to. */
async function park(
  tx: Parameters<typeof pullQueries.parkFiles>[0],
  plan: PullPlan,
  projectId: Parameters<typeof pullQueries.parkFiles>[1],
  patches: readonly pullQueries.FilePatch[],
): Promise<void> {
  const rows = new Map([...plan.taken, ...plan.merged].map(({ row }) => [row.id, row]))
  const wanted = new Set(patches.map(({ key }) => key))
  const inTheWay = patches.flatMap(({ id, path }) => {
    const row = rows.get(id)
    return row && row.path !== path && wanted.has(twinKey(row.path)) ? [id] : []
  })
  if (inTheWay.length > 0) await pullQueries.parkFiles(tx, projectId, inTheWay)
}
