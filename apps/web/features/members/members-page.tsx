'use client'
// The members of a workspace, in its frame.

import type { Me, Workspace } from '@skein/protocol'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { RowsSkeleton } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useMembers } from '../../lib/api/members.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { WorkspaceFrame } from '../workspace/workspace-frame.tsx'
import { InvitationList } from './invitation-list.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { MemberRow } from './member-row.tsx'
import './members.css'

/** `/w/:workspace/members`. */
export function MembersPage({ slug }: { slug: string }) {
  return (
    <WorkspaceFrame slug={slug} waiting={<Bones />}>
      {(workspace, me) => <Members key={workspace.id} workspace={workspace} me={me} />}
    </WorkspaceFrame>
  )
}

function Bones() {
  return (
    <>
      <div className="page-head">
        <h1 className="grow">Members</h1>
      </div>
      <RowsSkeleton label="Members are loading" rows={3} />
    </>
  )
}

function Members({ workspace, me }: { workspace: Workspace; me: Me }) {
  const members = useMembers(workspace.slug)
  const [isInviting, setInviting] = useState(false)
  const canInvite = isAtLeast(workspace.role, 'admin')
  usePageTitle('Members', workspace.name)

  if (members.isPending) return <Bones />
  if (members.isError && !members.data) {
    return <ServerState error={toApiError(members.error)} onRetry={() => void members.refetch()} />
  }
  return (
    <>
      <div className="page-head">
        <div className="grow">
          <h1>Members</h1>
          <p className="quiet">
            {canInvite
              ? 'Everybody here sees every project; their role says what they can change.'
              : 'Admins and owners invite people and change roles.'}
          </p>
        </div>
        {canInvite && (
          <Button kind="primary" onClick={() => setInviting(true)}>
            <Icon of={UserPlus} size="sm" /> Invite by link
          </Button>
        )}
      </div>
      <ul className="sheet rows members" aria-label="Members">
        {members.data.items.map((member, order) => (
          <MemberRow
            key={member.userId}
            member={member}
            order={order}
            workspace={workspace}
            isYou={member.userId === me.id}
            onInvite={() => setInviting(true)}
          />
        ))}
      </ul>
      {canInvite && <InvitationList workspace={workspace} />}
      <InviteDialog workspace={workspace} by={workspace.role} open={isInviting} onOpenChange={setInviting} />
    </>
  )
}
