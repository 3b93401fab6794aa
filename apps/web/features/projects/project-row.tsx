'use client'
// One project in the list: what it is called and comes from, its furthest fact or the import in flight, and its menu.

import type { Project } from '@skein/protocol'
import { Ellipsis, FolderOpen, Pencil, RefreshCw, Settings, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Knot } from '../../components/knot.tsx'
import { Menu, MenuItem, MenuLink, MenuSeparator } from '../../components/menu.tsx'
import { useGithubStatus } from '../../lib/api/github.ts'
import { isEnded, useCancelJob, useImportJob } from '../../lib/api/jobs.ts'
import { useProjectStatus } from '../../lib/api/projects.ts'
import { projectPath, projectSettingsPath } from '../../lib/paths.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { FirstPullState } from './first-pull.tsx'
import { JobProgressBar } from './job-progress.tsx'
import { ProjectState } from './project-state.tsx'

/** What can be asked of a row. */
export type ProjectActions = {
  onRename: (project: Project) => void
  onDelete: (project: Project) => void
  onImportAgain: (project: Project) => void
}

/** A Git URL without its scheme and credentials, as people name it. */
export function urlToName(url: string): string {
  return url.replace(/^[a-z+]+:\/\//i, '').replace(/^[^@/]*@/, '')
}

function sourceToWords(project: Project, repository: string | null): string {
  if (repository) return `${repository} on GitHub`
  if (project.sourceUrl) return `From ${urlToName(project.sourceUrl)}`
  return 'Not linked'
}

/** A row of the list. */
export function ProjectRow({ project, now, actions }: { project: Project; now: Date; actions: ProjectActions }) {
  const github = useProjectStatus(project.id, { enabled: project.state === 'ready' }).data?.github ?? null
  const words = (
    <>
      <b className="strong clip" title={project.name}>
        {project.name}
      </b>
      <span className="faint clip">{sourceToWords(project, github?.repository?.fullName ?? null)}</span>
    </>
  )
  return (
    <li>
      {project.state === 'ready' ? (
        <Link className="name" href={projectPath(project.id)} prefetch={false}>
          {words}
        </Link>
      ) : (
        <span className="name">{words}</span>
      )}
      {project.state === 'ready' ? (
        <ProjectState project={project} github={github} now={now} />
      ) : (
        <ImportState project={project} />
      )}
      <RowMenu project={project} actions={actions} />
    </li>
  )
}

/** A project that comes from GitHub has no job: its first look at GitHub fills it. */
function ImportState({ project }: { project: Project }) {
  const github = useGithubStatus(project.id).data
  return github?.repository ? <FirstPullState project={project} /> : <JobState project={project} />
}

function JobState({ project }: { project: Project }) {
  const job = useImportJob(project).data
  const cancel = useCancelJob()
  if (project.state === 'failed' || job?.state === 'failed' || job?.state === 'cancelled') {
    return (
      <span className="state" title={job?.error?.message}>
        <Knot kind={job?.state === 'cancelled' ? 'open' : 'bad'} />
        <span className="clip">
          {job?.state === 'cancelled' ? 'Import cancelled' : 'Import failed'}{' '}
          {job?.error && <span className="faint">{job.error.message}</span>}
        </span>
      </span>
    )
  }
  return (
    <span className="state">
      <JobProgressBar
        job={job}
        name={project.name}
        action={
          job &&
          !isEnded(job) &&
          isAtLeast(project.role, 'editor') && (
            <button
              type="button"
              className="link"
              disabled={cancel.isPending}
              onClick={() => cancel.mutate(job.id)}
              aria-label={`Cancel the import of ${project.name}`}
            >
              {cancel.isPending ? 'Cancelling' : 'Cancel'}
            </button>
          )
        }
      />
    </span>
  )
}

function RowMenu({ project, actions }: { project: Project; actions: ProjectActions }) {
  const isReady = project.state === 'ready'
  const canDelete = isAtLeast(project.role, 'admin')
  return (
    <Menu
      trigger={
        <Button kind="quiet" size="sm" square aria-label={`More for ${project.name}`}>
          <Icon of={Ellipsis} />
        </Button>
      }
    >
      {isReady && (
        <>
          <MenuLink icon={FolderOpen} href={projectPath(project.id)}>
            Open
          </MenuLink>
          {isAtLeast(project.role, 'editor') && (
            <MenuItem icon={Pencil} onSelect={() => actions.onRename(project)}>
              Rename
            </MenuItem>
          )}
          <MenuLink icon={Settings} href={projectSettingsPath(project.id)}>
            Settings
          </MenuLink>
        </>
      )}
      {project.state === 'failed' && project.sourceUrl && (
        <MenuItem icon={RefreshCw} onSelect={() => actions.onImportAgain(project)}>
          Import again
        </MenuItem>
      )}
      {canDelete && (
        <>
          {isReady && <MenuSeparator />}
          <MenuItem icon={Trash2} bad onSelect={() => actions.onDelete(project)}>
            Delete
          </MenuItem>
        </>
      )}
    </Menu>
  )
}
