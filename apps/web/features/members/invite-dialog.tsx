'use client'
// Inviting by link. The link is shown once, because the server keeps only its hash; a new one is made any time.

import type { CreatedInvitation, NewInvitation, Role } from '@skein/protocol'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, SelectField } from '../../components/field.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useCreateInvitation } from '../../lib/api/members.ts'
import { isAtLeast, roleMeanings, roleWithArticle } from '../../lib/roles.ts'
import { formatUntil } from '../../lib/time.ts'
import { FormFault } from '../account/form-fault.tsx'

type InvitedRole = Exclude<Role, 'owner'>

const roles: readonly InvitedRole[] = ['admin', 'editor', 'commenter', 'viewer']
const lives = [
  { days: 1, label: 'for one day' },
  { days: 7, label: 'for 7 days' },
  { days: 30, label: 'for 30 days' },
]
const useCounts = [
  { uses: 1, label: 'one person' },
  { uses: 10, label: 'up to 10 people' },
  { uses: 100, label: 'up to 100 people' },
]

/** The dialog of a workspace; with `projectId` the guest lands in that project. `by` is the role of whoever invites. */
export function InviteDialog({
  workspace,
  by,
  projectId,
  open,
  onOpenChange,
}: {
  workspace: { slug: string; name: string }
  by: Role
  projectId?: NewInvitation['projectId']
  open: boolean
  onOpenChange: (open: boolean) => void
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Invite people to ${workspace.name}`}
      description="Whoever opens the link can join, with or without an account."
    >
      <Invite workspace={workspace} by={by} projectId={projectId} onClose={() => onOpenChange(false)} />
    </Dialog>
  )
}

function Invite({
  workspace,
  by,
  projectId,
  onClose,
}: {
  workspace: { slug: string; name: string }
  by: Role
  projectId: NewInvitation['projectId']
  onClose: () => void
}) {
  const create = useCreateInvitation(workspace.slug)
  const [role, setRole] = useState<InvitedRole>('editor')
  const [days, setDays] = useState(7)
  const [uses, setUses] = useState(1)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate({ role, expiresInDays: days, usesMax: uses, ...(projectId && { projectId }) })
  }
  if (create.data) return <Link invitation={create.data} onClose={onClose} />
  return (
    <form className="form" onSubmit={submit}>
      {create.error && <FormFault error={toApiError(create.error)} />}
      <SelectField
        label="Role"
        value={role}
        hint={`They can ${roleMeanings[role]}.`}
        onChange={(event) => setRole(event.target.value as InvitedRole)}
      >
        {roles
          .filter((candidate) => isAtLeast(by, candidate))
          .map((candidate) => (
            <option key={candidate} value={candidate}>
              {candidate}
            </option>
          ))}
      </SelectField>
      <SelectField label="The link works" value={days} onChange={(event) => setDays(Number(event.target.value))}>
        {lives.map((life) => (
          <option key={life.days} value={life.days}>
            {life.label}
          </option>
        ))}
      </SelectField>
      <SelectField label="For" value={uses} onChange={(event) => setUses(Number(event.target.value))}>
        {useCounts.map((count) => (
          <option key={count.uses} value={count.uses}>
            {count.label}
          </option>
        ))}
      </SelectField>
      <div className="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={create.isPending}>
          Create link
        </Button>
      </div>
    </form>
  )
}

function Link({ invitation, onClose }: { invitation: CreatedInvitation; onClose: () => void }) {
  const people = invitation.usesMax === 1 ? 'one person' : `up to ${invitation.usesMax} people`
  return (
    <>
      <Field
        label="Invitation link"
        hint={`For ${people} as ${roleWithArticle(invitation.role)}, ends ${formatUntil(invitation.expiresAt, new Date())}. It is shown once.`}
      >
        {(control) => (
          <div className="row">
            <input
              {...control}
              className="input grow mono"
              readOnly
              value={invitation.link}
              // The link is what one came for: it is selected as soon as it is there.
              ref={(input) => input?.select()}
              onFocus={(event) => event.target.select()}
            />
            <CopyButton text={invitation.link} label="Copy link" />
          </div>
        )}
      </Field>
      <div className="dialog-foot">
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </>
  )
}
