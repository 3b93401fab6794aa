/**
 * People decide about conflicts. A decision puts one of the versions into the project under the name of whoever makes it, and closes the conflict or
 * leaves it open to be looked at. One person decides at a time, and what is decided stays so.
 */
import { conflictQueries } from '@skein/db'
import { Refusal } from '@skein/protocol'
import { notFound } from '../../policies/authorise.ts'
import type { ProjectKey } from '../event-hub.ts'
import { decideFile } from './decide-file.ts'
import { decideLines } from './decide-lines.ts'
import { type DecideDeps, type Decision, refuseDecided } from './decision.ts'

/** Conflicts that one call decides about; whoever has more calls again. */
const decidedAtOnceMax = 1_000
const pageSize = 100

/**
 * Makes a decision.
 * @throws Refusal not-found; conflict-decided, with who has; conflict-moved when its place is gone; request-in-progress while somebody else decides;
 * invalid-request for a choice that this conflict does not have; unavailable while somebody types on these lines
 */
export async function decideConflict(
  deps: DecideDeps,
  project: ProjectKey,
  id: string,
  decision: Decision,
): Promise<void> {
  const row = await deps.db.inWorkspace(
    project.workspaceId,
    (tx) => conflictQueries.findConflict(tx, project.projectId, id),
    { readOnly: true },
  )
  if (!row) throw notFound('conflict')
  if (row.state === 'resolved') throw refuseDecided(row)
  await (row.kind === 'lines' ? decideLines : decideFile)(deps, project, row, decision)
}

/** Makes the same decision about all that are open; those that do not have this choice stay so. */
export async function decideAll(
  deps: DecideDeps,
  project: ProjectKey,
  decision: Decision,
): Promise<{ resolved: number; open: number }> {
  const { projectId, workspaceId } = project
  let [resolved, seen] = [0, 0]
  let after: string | null = null
  while (seen < decidedAtOnceMax) {
    const page = { state: 'open', after, limit: pageSize } as const
    const rows: conflictQueries.ConflictRow[] = await deps.db.inWorkspace(
      workspaceId,
      (tx) => conflictQueries.listConflicts(tx, projectId, page),
      { readOnly: true },
    )
    for (const { id } of rows) {
      try {
        await decideConflict(deps, project, id, decision)
        resolved++
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        // Whoever may not write any more, or finds the database away, is not to try the next one.
        await decision.checkRight()
      }
    }
    after = rows.at(-1)?.id ?? null
    seen += rows.length
    if (rows.length < pageSize) break
  }
  const open = await deps.db.inWorkspace(workspaceId, (tx) => conflictQueries.countOpenConflicts(tx, projectId), {
    readOnly: true,
  })
  return { resolved, open }
}
