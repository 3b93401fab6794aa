'use client'
// The repository on GitHub that a project is linked to: linking it, where it stands, changing and unlinking it.

import type { Project } from '@skein/protocol'
import { useEffect, useRef } from 'react'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useGithubStatus } from '../../lib/api/github.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { LinkForm } from '../github/link-form.tsx'
import { GithubLink } from './github-link.tsx'

/** The section of a project's settings. */
export function GithubSection({ project }: { project: Project }) {
  const status = useGithubStatus(project.id, { watch: true })
  const canLink = isAtLeast(project.role, 'admin')
  const section = useRef<HTMLElement>(null)
  const isKnown = status.data !== undefined
  // The page is drawn after the browser has looked for the place that the address names.
  useEffect(() => {
    if (isKnown && window.location.hash === '#github') section.current?.scrollIntoView()
  }, [isKnown])
  return (
    <section id="github" ref={section} aria-labelledby="github-title">
      <div>
        <h2 id="github-title">GitHub</h2>
        <p className="quiet">
          Commits of this project go to one repository, and those that are made there come here, into the open files.
          Nothing on either side is ever overwritten.
        </p>
      </div>
      {status.isPending ? (
        <Bone width="260px" />
      ) : !status.data ? (
        <Notice
          kind="bad"
          title={toApiError(status.error).message}
          action={<Button onClick={() => void status.refetch()}>Try again</Button>}
        >
          {toApiError(status.error).hint}
        </Notice>
      ) : status.data.state !== 'not-linked' ? (
        <GithubLink project={project} github={status.data} canChange={canLink} />
      ) : canLink ? (
        <LinkForm project={project} former={status.data.former} />
      ) : (
        <p className="faint">Not linked. Admins of {project.workspace.name} can link a repository.</p>
      )}
    </section>
  )
}
