'use client'
// The first look at GitHub of a project that was made from there: how far it is, and why it waits. Everything that is told comes
// from the operation itself.

import type { GithubStatus, Project } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { Knot } from '../../components/knot.tsx'
import { Notice } from '../../components/notice.tsx'
import { useGithubStatus, useSyncGithub, useSyncOperations } from '../../lib/api/github.ts'
import { useProject } from '../../lib/api/projects.ts'
import { projectPath, projectSettingsPath } from '../../lib/paths.ts'
import { countOf } from '../sync/sync-words.ts'

/** Shorter than where somebody only looks on now and then: here they wait for it. */
const askEveryMs = 1_500

export type FirstPullFacts = {
  /** The project can be opened. */
  isReady: boolean
  /** Why it does not go on by itself, or waits; null while all is well. */
  reason: GithubStatus['reason']
  isHeld: boolean
  words: string
}

/** How a first pull stands; renews the list of projects when it is over. */
export function useFirstPull(project: Project): FirstPullFacts {
  const client = useQueryClient()
  const isReady = useProject(project.id).data?.state === 'ready' || project.state === 'ready'
  const github = useGithubStatus(project.id, { everyMs: askEveryMs, enabled: !isReady }).data
  const operations = useSyncOperations(project.id, { enabled: !isReady, everyMs: askEveryMs })
  const pull = operations.data?.pages[0]?.items.find(({ direction }) => direction === 'pull')
  useEffect(() => {
    if (isReady) void client.invalidateQueries({ queryKey: ['workspaces'] })
  }, [isReady, client])
  const counted = [pull?.commits && countOf(pull.commits, 'commit'), pull?.files && countOf(pull.files, 'file')]
  const known = counted.filter(Boolean).join(', ')
  return {
    isReady,
    reason: github?.reason ?? null,
    isHeld: github?.state === 'held',
    words: known ? `Reading from GitHub: ${known}` : 'Reading from GitHub',
  }
}

/** In the dialog that made it: opens the project as soon as it is there. */
export function FirstPull({ project, onClose }: { project: Project; onClose: () => void }) {
  const router = useRouter()
  const sync = useSyncGithub(project.id)
  const { isReady, reason, isHeld, words } = useFirstPull(project)
  useEffect(() => {
    if (isReady) router.push(projectPath(project.id))
  }, [isReady, project.id, router])
  return (
    <>
      {reason ? (
        <Notice
          kind="warn"
          title={reason.message}
          action={
            <Button busy={sync.isPending} onClick={() => sync.mutate()}>
              Try again
            </Button>
          }
        >
          {isHeld ? 'Nothing was changed on GitHub.' : 'It is tried again by itself. Nothing was changed on GitHub.'}
        </Notice>
      ) : (
        <div className="job-progress">
          <span className="row" role="status">
            <Knot kind="busy" /> <span className="num">{words}</span>
          </span>
          <progress max={100} aria-label={`First pull of ${project.name}`} />
        </div>
      )}
      <div className="dialog-foot">
        <LinkButton kind="quiet" href={`${projectSettingsPath(project.id)}#github`}>
          Settings of the link
        </LinkButton>
        <Button kind="primary" onClick={onClose}>
          Leave it running
        </Button>
      </div>
    </>
  )
}

/** In the row of the list. */
export function FirstPullState({ project }: { project: Project }) {
  const { reason, words } = useFirstPull(project)
  return (
    <span className="state" title={reason?.message}>
      <Knot kind={reason ? 'warn' : 'busy'} />
      <span className="clip">
        {reason ? (
          <>
            Waits for GitHub <span className="faint">{reason.message}</span>
          </>
        ) : (
          words
        )}
      </span>
    </span>
  )
}
