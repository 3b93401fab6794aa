/** What everybody is told when conflicts come or are decided, and the push that the last decision lets go. */
import { conflictQueries, outboxQueries, type Tx } from '@skein/db'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'

/** Tells how many are open now; `path`: of the one file that it is about. */
export async function tellConflicts(
  record: RecordEvent,
  tx: Tx,
  { projectId, workspaceId }: ProjectKey,
  { path, by }: { path: string | null; by: { id: string; name: string } | null },
): Promise<number> {
  const open = await conflictQueries.countOpenConflicts(tx, projectId)
  await record(tx, { projectId, workspaceId }, { type: 'conflicts', open, path, by })
  return open
}

/** As `tellConflicts`, after decisions: with the last one what was held back may be pushed. */
export async function tellDecided(
  record: RecordEvent,
  tx: Tx,
  project: ProjectKey,
  about: { path: string | null; by: { id: string; name: string } | null },
): Promise<number> {
  const open = await tellConflicts(record, tx, project, about)
  if (open === 0) await outboxQueries.askCheck(tx, project.projectId, { reason: 'conflict' })
  return open
}
