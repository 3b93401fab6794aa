'use client'
// The page of a project: who is signed in, whether the project is there and ready, and then the workbench. Loaded without
// server rendering, since everything in it lives in the browser.

import type { Me, Project } from '@skein/protocol'
import { CloudDownload } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { LinkButton } from '../../components/button.tsx'
import { PageState } from '../../components/page-state.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { isEnded, useImportJob } from '../../lib/api/jobs.ts'
import { useProject } from '../../lib/api/projects.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { workspacePath } from '../../lib/paths.ts'
import { SignedIn } from '../account/signed-in.tsx'
import { Workbench } from './workbench.tsx'
import { WorkbenchBones } from './workbench-bones.tsx'
import './project.css'

const lostStatuses: readonly number[] = [403, 404]

/** `reference` names the project as the address does: by id, or as `workspace/project`. */
export default function ProjectPage({ reference }: { reference: string }) {
  return (
    <SignedIn keeps waiting={<WorkbenchBones />}>
      {(me) => <ProjectFor me={me} reference={reference} />}
    </SignedIn>
  )
}

function ProjectFor({ me, reference }: { me: Me; reference: string }) {
  const query = useProject(reference)
  const project = query.data
  const error = query.error ? toApiError(query.error) : null
  usePageTitle(project?.name)

  if (!project) {
    return error ? <ServerState full error={error} onRetry={() => void query.refetch()} /> : <WorkbenchBones />
  }
  if (project.state !== 'ready') {
    return <NotReady project={project} onEnded={() => void query.refetch()} />
  }
  const isAccessLost = error !== null && lostStatuses.includes(error.status)
  return <Workbench key={project.id} project={project} reference={reference} me={me} isAccessLost={isAccessLost} />
}

function NotReady({ project, onEnded }: { project: Project; onEnded: () => void }) {
  const { name } = project
  const hasFailed = project.state === 'failed'
  const job = useImportJob(project).data
  const isOver = !hasFailed && job !== undefined && isEnded(job)
  const ended = useRef(onEnded)
  ended.current = onEnded
  useEffect(() => {
    if (isOver) ended.current()
  }, [isOver])
  const { done, total, phase } = job?.progress ?? {}
  const progress = phase && (total ? `${phase}, ${done ?? 0} of ${total}` : phase)
  return (
    <PageState
      full
      icon={CloudDownload}
      title={hasFailed ? `${name} could not be imported` : `${name} is being imported`}
      actions={
        <LinkButton kind="primary" href={workspacePath(project.workspace.slug)}>
          All projects
        </LinkButton>
      }
    >
      {hasFailed
        ? `${job?.error ? `${job.error.message} ` : ''}Nothing of it was kept. It can be imported again from the list of projects.`
        : `${progress ? `${progress}. ` : ''}You can leave this page; the import goes on, and the list of projects shows it.`}
    </PageState>
  )
}
