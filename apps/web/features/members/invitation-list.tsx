'use client'
// Links that still work. Those that are over are left out: nothing can be done with them.

import type { Invitation, Workspace } from '@skein/protocol'
import { Link2Off } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useInvitations, useRevokeInvitation } from '../../lib/api/members.ts'
import { useProjects } from '../../lib/api/projects.ts'
import { roleWithArticle } from '../../lib/roles.ts'
import { formatUntil } from '../../lib/time.ts'
import { FormFault } from '../account/form-fault.tsx'

/** The open invitations of a workspace; draws nothing while there are none. */
export function InvitationList({ workspace }: { workspace: Workspace }) {
  const invitations = useInvitations(workspace.slug, { enabled: true })
  const projects = useProjects(workspace.slug).data?.pages.flatMap((page) => page.items) ?? []
  if (invitations.isError) return <FormFault error={toApiError(invitations.error)} />
  const open = invitations.data?.items.filter((invitation) => invitation.state === 'open') ?? []
  if (open.length === 0) return null
  return (
    <>
      <h2>Links that work</h2>
      <ul className="sheet rows invitations" aria-label="Links that work">
        {open.map((invitation) => (
          <InvitationRow
            key={invitation.id}
            invitation={invitation}
            workspace={workspace}
            project={projects.find((project) => project.id === invitation.projectId)?.name}
          />
        ))}
      </ul>
    </>
  )
}

function usesToWords(invitation: Invitation): string {
  if (invitation.usesMax === 1) return 'for one person'
  return `used by ${invitation.uses} of ${invitation.usesMax}`
}

function InvitationRow({
  invitation,
  workspace,
  project,
}: {
  invitation: Invitation
  workspace: Workspace
  project: string | undefined
}) {
  const revoke = useRevokeInvitation(workspace.slug)
  const toast = useToast()
  return (
    <li>
      <span className="grow who">
        <b className="strong">
          Joins as {roleWithArticle(invitation.role)}
          {project && `, in ${project}`}
        </b>
        <span className="faint">
          Ends {formatUntil(invitation.expiresAt, new Date())}, {usesToWords(invitation)}
        </span>
        {revoke.error && (
          <span className="bad xs" role="alert">
            {toApiError(revoke.error).message}
          </span>
        )}
      </span>
      <Button
        size="sm"
        busy={revoke.isPending}
        onClick={() =>
          revoke.mutate(invitation.id, {
            onSuccess: () => toast({ icon: Link2Off, words: 'Link withdrawn; it leads nowhere now' }),
          })
        }
      >
        Withdraw
      </Button>
    </li>
  )
}
