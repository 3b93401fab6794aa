'use client'
// The open project: it brings together what the server says (useProjectData), what is live (useSession) and what is open
// (useTabs), and hands each region what it shows. It draws nothing itself but the frame.

import type { Me, Project } from '@skein/protocol'
import { ServerState } from '../../components/server-state.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { Announcer } from '../facts/announcer.tsx'
import { useKeptProject } from '../offline/use-shell.ts'
import { Bench } from './bench.tsx'
import { ProjectGone } from './project-gone.tsx'
import { useProjectData } from './use-project-data.ts'
import { useSession } from './use-session.ts'
import { WorkbenchBones } from './workbench-bones.tsx'

export type WorkbenchProps = { project: Project; reference: string; me: Me; isAccessLost: boolean }

export function Workbench(props: WorkbenchProps) {
  const { project, me } = props
  const data = useProjectData(project)
  const live = useSession(project.id, me.id)
  const files = data.files.data?.items
  useKeptProject(me, project, data.files.data, props.isAccessLost || data.isGone)
  if (data.isGone) return <ProjectGone project={project} session={live.session} />
  if (!files || !live.session) {
    const error = data.files.error ? toApiError(data.files.error) : null
    return error && !files ? (
      <ServerState full error={error} onRetry={() => void data.files.refetch()} />
    ) : (
      <WorkbenchBones />
    )
  }
  return (
    <Announcer>
      <Bench {...props} data={data} files={files} session={live.session} saved={live.saved} />
    </Announcer>
  )
}
