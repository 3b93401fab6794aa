'use client'
// One member: their role, which whoever may can change in place, and the way out.

import { type Member, Role, type Workspace } from '@skein/protocol'
import { Ellipsis, LogOut, UserMinus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Avatar, orderToColour } from '../../components/avatar.tsx'
import { Button } from '../../components/button.tsx'
import { Select } from '../../components/field.tsx'
import { Icon } from '../../components/icon.tsx'
import { Menu, MenuItem } from '../../components/menu.tsx'
import { useToast } from '../../components/toast.tsx'
import { useRefreshMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { useChangeRole, useRemoveMember } from '../../lib/api/members.ts'
import { isAtLeast, roleMeanings } from '../../lib/roles.ts'
import { formatDay } from '../../lib/time.ts'

/** A row of the list; `order` is the place in the order of joining and gives the colour. */
export function MemberRow({
  member,
  order,
  workspace,
  isYou,
  onInvite,
}: {
  member: Member
  order: number
  workspace: Workspace
  isYou: boolean
  onInvite: () => void
}) {
  const change = useChangeRole(workspace.slug)
  const remove = useRemoveMember(workspace.slug)
  const canManage = isAtLeast(workspace.role, 'admin') && isAtLeast(workspace.role, member.role)
  const shownRole = (change.isPending && change.variables?.role) || member.role
  const error = change.error ?? remove.error
  return (
    <li>
      <Avatar name={member.name} colour={orderToColour(order)} decorative />
      <span className="grow who">
        <b className="strong clip" title={member.name}>
          {member.name} {isYou && <span className="faint">you</span>}
        </b>
        <span className="faint clip" title={member.email}>
          {member.email}
        </span>
        {error && (
          <span className="bad xs" role="alert">
            {toApiError(error).message} {toApiError(error).hint}
          </span>
        )}
      </span>
      <span className="faint only-wide joined">Joined {formatDay(member.joinedAt, new Date())}</span>
      {canManage ? (
        <Select
          small
          aria-label={`Role of ${member.name}`}
          title={`Can ${roleMeanings[shownRole]}`}
          value={shownRole}
          onChange={(event) => change.mutate({ userId: member.userId, role: Role.parse(event.target.value) })}
        >
          {Role.options
            .filter((role) => isAtLeast(workspace.role, role))
            .map((role) => (
              <option key={role} value={role}>
                {role}
              </option>
            ))}
        </Select>
      ) : (
        <span className="chip" title={`Can ${roleMeanings[member.role]}`}>
          {member.role}
        </span>
      )}
      {(canManage || isYou) && (
        <RowMenu member={member} workspace={workspace} isYou={isYou} remove={remove} onInvite={onInvite} />
      )}
    </li>
  )
}

function RowMenu({
  member,
  workspace,
  isYou,
  remove,
  onInvite,
}: {
  member: Member
  workspace: Workspace
  isYou: boolean
  remove: ReturnType<typeof useRemoveMember>
  onInvite: () => void
}) {
  const router = useRouter()
  const toast = useToast()
  const refreshMe = useRefreshMe()
  const leave = async () => {
    const isGone = await remove.mutateAsync(member.userId).then(
      () => true,
      () => false,
    )
    if (!isGone) return
    if (isYou) {
      await refreshMe()
      router.replace('/')
      return
    }
    toast({
      icon: UserMinus,
      words: (
        <>
          <b className="strong">{member.name}</b> removed from {workspace.name}
        </>
      ),
      action: { label: 'Invite again', run: onInvite },
    })
  }
  return (
    <Menu
      trigger={
        <Button kind="quiet" size="sm" square aria-label={`More for ${member.name}`} busy={remove.isPending}>
          <Icon of={Ellipsis} />
        </Button>
      }
    >
      <MenuItem icon={isYou ? LogOut : UserMinus} bad onSelect={() => void leave()}>
        {isYou ? `Leave ${workspace.name}` : 'Remove from workspace'}
      </MenuItem>
    </Menu>
  )
}
