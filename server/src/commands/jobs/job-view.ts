/** A job as the API and the events show it. */
import type { jobQueries } from '@skein/db'
import type { Job } from '@skein/protocol'

export const jobToView = (row: jobQueries.JobRow): Job => ({
  id: row.id,
  kind: row.kind,
  projectId: row.projectId,
  state: row.state,
  progress: row.progress,
  ...(row.error && { error: row.error }),
  createdAt: row.createdAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
})
