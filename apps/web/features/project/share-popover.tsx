'use client'
// Share: makes a link that brings somebody into the workspace, straight to this project. The link is shown once, ready to be
// copied; everything made before is managed on the page of members.

import { CreatedInvitation, type InvitationRole, type Project } from '@skein/protocol'
import Link from 'next/link'
import { Popover } from 'radix-ui'
import { useId, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { SelectField } from '../../components/field.tsx'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { API, request } from '../../lib/api/request.ts'
import { membersPath } from '../../lib/paths.ts'
import { isAtLeast, roleMeanings } from '../../lib/roles.ts'
import { formatUntil } from '../../lib/time.ts'

const roles: readonly InvitationRole[] = ['editor', 'viewer', 'admin']

export function SharePopover({ project }: { project: Project }) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button type="button" className="btn only-wide">
          Share
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover share"
          aria-label={`Share ${project.name}`}
          align="end"
          sideOffset={6}
          collisionPadding={8}
        >
          <h2>Share {project.name}</h2>
          {isAtLeast(project.role, 'admin') ? <ShareForm project={project} /> : <AskAnAdmin project={project} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function AskAnAdmin({ project }: { project: Project }) {
  return (
    <p className="quiet">
      An admin of {project.workspace.name} can invite people.{' '}
      <Link className="link" href={membersPath(project.workspace.slug)}>
        See who they are
      </Link>
      .
    </p>
  )
}

function ShareForm({ project }: { project: Project }) {
  const [role, setRole] = useState<InvitationRole>('editor')
  const [made, setMade] = useState<CreatedInvitation | null>(null)
  const [fault, setFault] = useState<ApiError | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const linkId = useId()

  const create = async (): Promise<void> => {
    setIsBusy(true)
    setFault(null)
    try {
      const body = { role, projectId: project.id, usesMax: 10, expiresInDays: 7 }
      setMade(
        await request(CreatedInvitation, 'POST', `${API}/workspaces/${project.workspace.id}/invitations`, { body }),
      )
    } catch (error) {
      setFault(toApiError(error))
    }
    setIsBusy(false)
  }

  if (made) {
    return (
      <>
        <div className="field">
          <label htmlFor={linkId}>Invitation link</label>
          <div className="row">
            <input
              id={linkId}
              className="input mono"
              readOnly
              value={made.link}
              onFocus={(event) => event.currentTarget.select()}
            />
            <CopyButton text={made.link} label="Copy link" kind="primary" />
          </div>
          <span className="hint">
            For up to {made.usesMax} people as {made.role}s, ends {formatUntil(made.expiresAt, new Date())}. It is shown
            only now.
          </span>
        </div>
        <Link className="link xs" href={membersPath(project.workspace.slug)}>
          Members and other links
        </Link>
      </>
    )
  }
  return (
    <form
      className="stack"
      style={{ gap: 12 }}
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
    >
      <SelectField
        label="Whoever has the link can"
        hint={`They join ${project.workspace.name}, with all its projects.`}
        fault={fault && `${fault.message} ${fault.hint ?? ''}`}
        value={role}
        onChange={(event) => setRole(event.target.value as InvitationRole)}
      >
        {roles.map((choice) => (
          <option key={choice} value={choice}>
            {roleMeanings[choice]}
          </option>
        ))}
      </SelectField>
      <Button kind="primary" type="submit" busy={isBusy}>
        Create link
      </Button>
    </form>
  )
}
