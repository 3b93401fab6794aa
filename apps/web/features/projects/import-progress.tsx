'use client'
// An import that was just started: its progress, until it opens by itself, fails with a reason, or is cancelled.

import type { Project } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { useCancelJob, useImportJob } from '../../lib/api/jobs.ts'
import { projectPath } from '../../lib/paths.ts'
import { JobProgressBar, jobToDetail } from './job-progress.tsx'

/** Follows the import of `project` and opens it when it is done. */
export function ImportProgress({ project, onClose }: { project: Project; onClose: () => void }) {
  const router = useRouter()
  const client = useQueryClient()
  const job = useImportJob(project).data
  const cancel = useCancelJob()
  const state = job?.state

  useEffect(() => {
    if (state === 'done') router.push(projectPath(project.id))
    if (state === 'cancelled') onClose()
    if (state === 'done' || state === 'failed' || state === 'cancelled') {
      void client.invalidateQueries({ queryKey: ['workspaces'] })
    }
  }, [state, project.id, router, client, onClose])

  if (state === 'failed') {
    return (
      <>
        <Notice kind="bad" title={job?.error?.message ?? 'The import failed.'}>
          {job?.error?.hint && <p>{job.error.hint}</p>}
        </Notice>
        <div className="dialog-foot">
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </div>
      </>
    )
  }
  return (
    <>
      <JobProgressBar job={job} name={project.name} />
      <p className="faint xs num">{jobToDetail(job) ?? 'Waiting for a free hand'}</p>
      <div className="dialog-foot">
        <Button busy={cancel.isPending} onClick={() => job && cancel.mutate(job.id)}>
          Cancel import
        </Button>
        <Button kind="primary" onClick={onClose}>
          Leave it running
        </Button>
      </div>
    </>
  )
}
