'use client'
// The views of a project. Files is the one that is shown; more stand here when they exist.

import type { Project } from '@skein/protocol'
import { FileText, Settings } from 'lucide-react'
import Link from 'next/link'
import { Icon } from '../../components/icon.tsx'
import { projectPath, projectSettingsPath, workspacePath } from '../../lib/paths.ts'

export function SideNav({ project, reference }: { project: Project; reference: string }) {
  return (
    <nav className="nav" aria-label="Views">
      <Link className="only-narrow" href={workspacePath(project.workspace.slug)}>
        <span className="clip">
          {project.workspace.name} / {project.name}
        </span>
      </Link>
      <Link href={`${projectPath(reference)}/f`} aria-current="page" onClick={(event) => event.preventDefault()}>
        <Icon of={FileText} /> Files
      </Link>
      <Link href={projectSettingsPath(reference)}>
        <Icon of={Settings} /> Settings
      </Link>
    </nav>
  )
}
