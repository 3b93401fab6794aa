/** Background work with progress that a person can see, leave, find again and cancel. */
import { z } from 'zod'
import { ErrorBody } from './error.ts'
import { JobId, ProjectId } from './id.ts'
import { Instant } from './page.ts'

export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled'])
export type JobState = z.infer<typeof JobState>

/** `phase` is a sentence in the present tense; `total` is absent while it is not known. */
export const JobProgress = z.object({
  phase: z.string(),
  done: z.number().optional(),
  total: z.number().optional(),
  unit: z.enum(['objects', 'files', 'bytes', 'commits']).optional(),
})
export type JobProgress = z.infer<typeof JobProgress>

export const Job = z.object({
  id: JobId,
  kind: z.enum(['import']),
  projectId: ProjectId.nullable(),
  state: JobState,
  progress: JobProgress.nullable(),
  error: ErrorBody.shape.error.optional(),
  createdAt: Instant,
  finishedAt: Instant.nullable(),
})
export type Job = z.infer<typeof Job>
