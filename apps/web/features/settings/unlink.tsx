'use client'
// Taking the link away. Nothing is lost by it on either side, so it is undone instead of asked about. This part of the page goes
// away with the link, so the undo belongs to the section around it, which tells when it is refused.

import type { GithubStatus } from '@skein/protocol'
import { Unlink as UnlinkIcon } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { type useLinkGithub, useUnlinkGithub } from '../../lib/api/github.ts'
import { FormFault } from '../account/form-fault.tsx'

export function Unlink({
  projectId,
  github,
  undo,
}: {
  projectId: string
  github: GithubStatus
  undo: ReturnType<typeof useLinkGithub>
}) {
  const unlink = useUnlinkGithub(projectId)
  const toast = useToast()
  const { repository, mode } = github
  if (!repository) return null
  const { fullName, installationId, repositoryId, branch, directory } = repository
  const linkAgain = () => {
    undo.mutate({ installationId, repositoryId, branch, mode, ...(directory && { directory }) })
  }
  const run = () => {
    undo.reset()
    unlink.mutate(undefined, {
      onSuccess: () =>
        toast({
          icon: UnlinkIcon,
          words: (
            <>
              Unlinked from <b className="strong">{fullName}</b>
            </>
          ),
          action: { label: 'Undo', run: linkAgain },
        }),
    })
  }
  return (
    <div className="unlink">
      {unlink.error && <FormFault error={toApiError(unlink.error)} />}
      <p className="faint">
        Unlinked, {fullName} stays as it is, with its branches and pull requests; files and history stay here. It can be
        linked again where it stopped.
      </p>
      <Button busy={unlink.isPending} onClick={run}>
        <Icon of={UnlinkIcon} size="sm" /> Unlink repository
      </Button>
    </div>
  )
}
