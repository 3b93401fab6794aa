'use client'
// The project was deleted while it was open. What was saved went with it; what was not is still in this window.

import type { Project } from '@skein/protocol'
import { FolderX } from 'lucide-react'
import { LinkButton } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { PageState } from '../../components/page-state.tsx'
import { workspacePath } from '../../lib/paths.ts'
import type { ProjectSession } from './project-session.ts'

export function ProjectGone({ project, session }: { project: Project; session: ProjectSession | null }) {
  const unsent = session?.countUnsent() ?? 0
  return (
    <PageState
      full
      icon={FolderX}
      title={`${project.name} was deleted`}
      actions={
        <>
          <LinkButton kind="primary" href={workspacePath(project.workspace.slug)}>
            All projects
          </LinkButton>
          {session && unsent > 0 && <CopyButton text={session.unsentTexts()} label="Copy your last text" />}
        </>
      }
    >
      Somebody with the right to do so deleted it. Clones made with Git, and the repository on GitHub, are not touched.
    </PageState>
  )
}
