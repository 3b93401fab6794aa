// The progress of an import in numbers, as far as they are known.

import type { Job, JobProgress } from '@skein/protocol'
import type { ReactNode } from 'react'
import { Knot } from '../../components/knot.tsx'

/** The share that is done, in whole percent; null while the total is not known. */
export function progressToPercent(progress: JobProgress | null): number | null {
  if (progress?.total === undefined || progress.total <= 0) return null
  return Math.min(100, Math.floor((100 * (progress.done ?? 0)) / progress.total))
}

function formatCount(progress: JobProgress): string | null {
  if (progress.done === undefined) return null
  const done = progress.done.toLocaleString('en-GB')
  const total = progress.total === undefined ? '' : ` of ${progress.total.toLocaleString('en-GB')}`
  return `${done}${total} ${progress.unit ?? ''}`.trim()
}

/** The words of a running job: "Importing, 62 %". */
export function jobToWords(job: Job | undefined): string {
  if (!job || job.state === 'queued') return 'Waiting to start'
  const percent = progressToPercent(job.progress)
  return percent === null ? 'Importing' : `Importing, ${percent} %`
}

/** The phase with its count: "Receiving objects, 6,200 of 10,000 objects"; null before the first report. */
export function jobToDetail(job: Job | undefined): string | null {
  if (!job?.progress) return null
  const count = formatCount(job.progress)
  return count ? `${job.progress.phase}, ${count}` : job.progress.phase
}

/** Knot, words and bar of a running import; `action` stands beside the words. */
export function JobProgressBar({ job, name, action }: { job: Job | undefined; name: string; action?: ReactNode }) {
  const percent = progressToPercent(job?.progress ?? null)
  return (
    <div className="job-progress" title={jobToDetail(job) ?? undefined}>
      <span className="row">
        <Knot kind="busy" />
        <span>{jobToWords(job)}</span>
        {action}
      </span>
      <progress {...(percent !== null && { value: percent })} max={100} aria-label={`Import of ${name}`} />
    </div>
  )
}
