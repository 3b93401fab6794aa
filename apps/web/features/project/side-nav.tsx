'use client'
// The views of a project; a number stands beside one where something waits for a person.

import type { GithubStatus, Project } from '@skein/protocol'
import { FileText, RefreshCw, Settings } from 'lucide-react'
import Link from 'next/link'
import { Icon } from '../../components/icon.tsx'
import { projectPath, projectSettingsPath, syncPath, workspacePath } from '../../lib/paths.ts'
import { countNeeds } from '../sync/sync-words.ts'
import { ViewLink } from '../sync/view-link.tsx'
import type { ProjectView } from './project-view.ts'

export function SideNav({
  project,
  reference,
  view,
  github,
}: {
  project: Project
  reference: string
  view: ProjectView
  github: GithubStatus | undefined
}) {
  const needs = countNeeds(github)
  const isFiles = view.kind === 'files'
  return (
    <nav className="nav" aria-label="Views">
      <Link className="only-narrow" href={workspacePath(project.workspace.slug)}>
        <span className="clip">
          {project.workspace.name} / {project.name}
        </span>
      </Link>
      <ViewLink href={`${projectPath(reference)}/f`} {...(isFiles && { 'aria-current': 'page' })}>
        <Icon of={FileText} /> Files
      </ViewLink>
      <ViewLink href={syncPath(reference)} {...(!isFiles && { 'aria-current': 'page' })}>
        <Icon of={RefreshCw} /> Sync
        {needs > 0 && (
          <span className="count num">
            {needs}
            <span className="sr-only"> to review</span>
          </span>
        )}
      </ViewLink>
      <Link href={projectSettingsPath(reference)}>
        <Icon of={Settings} /> Settings
      </Link>
    </nav>
  )
}
