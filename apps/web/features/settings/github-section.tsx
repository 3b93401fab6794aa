'use client'
// The repository on GitHub that a project is linked to: linking it, where it stands, changing and unlinking it.

import type { Project } from '@skein/protocol'
import { type RefObject, useEffect, useRef } from 'react'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useGithubStatus, useLinkGithub } from '../../lib/api/github.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { LinkForm } from '../github/link-form.tsx'
import { GithubLink } from './github-link.tsx'

/** The section of a project's settings. */
export function GithubSection({ project }: { project: Project }) {
  const status = useGithubStatus(project.id, { watch: true })
  const canLink = isAtLeast(project.role, 'admin')
  const section = useRef<HTMLElement>(null)
  // Unlinking takes its own part of the page away; what becomes of its undo is told here.
  const undo = useLinkGithub(project.id)
  useArrival(section, status.data !== undefined)
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
        <GithubLink project={project} github={status.data} canChange={canLink} undo={undo} />
      ) : canLink ? (
        <>
          {undo.error && (
            <Notice kind="bad" title={`It was not linked again. ${toApiError(undo.error).message}`}>
              {toApiError(undo.error).hint}
            </Notice>
          )}
          {/* Anew when it is known what it was linked to, which is chosen at first. */}
          <LinkForm key={status.data.former?.repositoryId} project={project} former={status.data.former} />
        </>
      ) : (
        <p className="faint">Not linked. Admins of {project.workspace.name} can link a repository.</p>
      )}
    </section>
  )
}

/** Until then, in milliseconds, what the section asks for has come, and it grows no more by itself. */
const arrivalMs = 10_000

/**
 * Brings the section into view when the address names it: the page is drawn after the browser has looked for that place, and the form grows after
 * that, so that there was no room to scroll. Whoever presses, types or scrolls is not moved any more.
 */
function useArrival(section: RefObject<HTMLElement | null>, isKnown: boolean): void {
  useEffect(() => {
    const { current } = section
    const { hash, search } = window.location
    if (!isKnown || !current || (hash !== '#github' && !new URLSearchParams(search).has('github'))) return
    const growth = new ResizeObserver(() => current.scrollIntoView())
    const settled = new AbortController()
    const settle = () => settled.abort()
    settled.signal.addEventListener('abort', () => growth.disconnect())
    for (const type of ['wheel', 'touchstart', 'pointerdown', 'keydown']) {
      window.addEventListener(type, settle, { signal: settled.signal, capture: true, passive: true })
    }
    const timer = setTimeout(settle, arrivalMs)
    current.scrollIntoView()
    growth.observe(current)
    return () => {
      clearTimeout(timer)
      settle()
    }
  }, [section, isKnown])
}
