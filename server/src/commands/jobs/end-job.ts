/** The end of a job: its row, what its end means for its project, and the event that people see it by, in one transaction. */
import { type Database, importQueries, jobQueries, projectQueries, type Tx } from '@skein/db'
import type { RecordEvent } from '../event-hub.ts'
import { jobToView } from './job-view.ts'

export interface EndJobDeps {
  db: Database
  record: RecordEvent
}

/** What a worker holds of a job that it runs: another attempt is another worker's. */
export type RunningJob = Pick<jobQueries.JobRow, 'id' | 'attempts' | 'projectId'>

export type JobEnd = { state: 'done' } | { state: 'failed'; error: jobQueries.JobError } | { state: 'cancelled' }

/** Ends a running job in `tx`; false when it was not this attempt's to end, and nothing was changed. */
export async function endJob(record: RecordEvent, tx: Tx, job: RunningJob, end: JobEnd): Promise<boolean> {
  await lockProjectOf(tx, job)
  const row = await jobQueries.finishJob(tx, job, end.state, end.state === 'failed' ? end.error : null)
  if (row !== null) await tellEnd(record, tx, row)
  return row !== null
}

/**
 * Asks a job to stop: one that waits has ended when this resolves, one that runs ends at its next report. Null when it had ended already.
 */
export function cancelJob(
  { db, record }: EndJobDeps,
  job: Pick<jobQueries.JobRow, 'id' | 'workspaceId' | 'projectId'>,
): Promise<jobQueries.JobRow | null> {
  return db.inWorkspace(job.workspaceId, async (tx) => {
    await lockProjectOf(tx, job)
    const row = await jobQueries.requestCancel(tx, job.id, job.workspaceId)
    if (row?.state === 'cancelled') await tellEnd(record, tx, row)
    return row
  })
}

/** The project's row comes before the job's, as for whoever deletes the project. */
async function lockProjectOf(tx: Tx, { projectId }: Pick<jobQueries.JobRow, 'projectId'>): Promise<void> {
  if (projectId !== null) await projectQueries.lockProject(tx, projectId)
}

async function tellEnd(record: RecordEvent, tx: Tx, row: jobQueries.JobRow): Promise<void> {
  const { projectId, workspaceId } = row
  if (projectId === null) return
  const project = { projectId, workspaceId }
  if (row.state !== 'done') {
    const name = await importQueries.failImport(tx, projectId)
    if (name !== null) await record(tx, project, { type: 'project', name, state: 'failed' })
  }
  await record(tx, project, { type: 'job', job: jobToView(row) })
}
