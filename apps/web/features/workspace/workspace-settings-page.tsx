'use client'
// The settings of a workspace: its name, leaving it, deleting it.

import type { Me, Workspace } from '@skein/protocol'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { DeleteDialog } from '../../components/delete-dialog.tsx'
import { TextField } from '../../components/field.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useRemoveMember } from '../../lib/api/members.ts'
import { useProjects } from '../../lib/api/projects.ts'
import { useDeleteWorkspace, useRenameWorkspace } from '../../lib/api/workspaces.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { isAtLeast, roleMeanings, roleWithArticle } from '../../lib/roles.ts'
import { FormFault } from '../account/form-fault.tsx'
import { WorkspaceFrame } from './workspace-frame.tsx'
import '../settings/settings.css'

/** `/w/:workspace/settings`. */
export function WorkspaceSettingsPage({ slug }: { slug: string }) {
  return (
    <WorkspaceFrame
      slug={slug}
      waiting={
        <div className="stack" style={{ gap: 16 }}>
          <h1>Settings</h1>
          <Bone width="40%" />
        </div>
      }
    >
      {(workspace, me) => <Settings key={workspace.id} workspace={workspace} me={me} />}
    </WorkspaceFrame>
  )
}

function Settings({ workspace, me }: { workspace: Workspace; me: Me }) {
  usePageTitle('Settings', workspace.name)
  return (
    <div className="settings">
      <h1>Settings</h1>
      <General workspace={workspace} />
      <Leave workspace={workspace} me={me} />
      {workspace.role === 'owner' && !workspace.personal && <Delete workspace={workspace} />}
    </div>
  )
}

function General({ workspace }: { workspace: Workspace }) {
  const rename = useRenameWorkspace(workspace.slug)
  const toast = useToast()
  const [name, setName] = useState(workspace.name)
  const canRename = isAtLeast(workspace.role, 'admin')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const before = workspace.name
    rename.mutate(name.trim(), {
      onSuccess: () =>
        toast({
          words: (
            <>
              Renamed to <b className="strong">{name.trim()}</b>
            </>
          ),
          action: {
            label: 'Undo',
            run: () => {
              setName(before)
              rename.mutate(before)
            },
          },
        }),
    })
  }
  return (
    <section aria-labelledby="general-title">
      <h2 id="general-title">General</h2>
      <form className="settings-form" onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={80}
          autoComplete="off"
          readOnly={!canRename}
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint={canRename ? 'Its address stays.' : 'Admins and owners can rename it.'}
          fault={rename.error && toApiError(rename.error).message}
        />
        {canRename && (
          <Button type="submit" busy={rename.isPending} disabled={name.trim() === '' || name.trim() === workspace.name}>
            Rename
          </Button>
        )}
      </form>
    </section>
  )
}

function Leave({ workspace, me }: { workspace: Workspace; me: Me }) {
  const remove = useRemoveMember(workspace.slug)
  return (
    <section aria-labelledby="role-title">
      <div>
        <h2 id="role-title">You in it</h2>
        <p className="quiet">
          You are {roleWithArticle(workspace.role)}: you can {roleMeanings[workspace.role]}.
        </p>
      </div>
      {remove.error && <FormFault error={toApiError(remove.error)} />}
      {!workspace.personal && (
        <div>
          <Button
            busy={remove.isPending}
            onClick={() => remove.mutate(me.id, { onSuccess: () => window.location.assign('/') })}
          >
            Leave {workspace.name}
          </Button>
        </div>
      )}
    </section>
  )
}

function Delete({ workspace }: { workspace: Workspace }) {
  const router = useRouter()
  const remove = useDeleteWorkspace(workspace.slug)
  const projects = useProjects(workspace.slug).data?.pages.flatMap((page) => page.items)
  const [isAsked, setAsked] = useState(false)
  return (
    <section aria-labelledby="delete-title">
      <div>
        <h2 id="delete-title">Delete</h2>
        <p className="quiet">All its projects go with it, for everybody.</p>
      </div>
      <div>
        <Button onClick={() => setAsked(true)}>Delete {workspace.name}</Button>
      </div>
      <DeleteDialog
        open={isAsked}
        title={`Delete ${workspace.name}`}
        name={workspace.name}
        action="Delete workspace"
        busy={remove.isPending}
        error={remove.error && toApiError(remove.error)}
        onClose={() => setAsked(false)}
        onDelete={() => remove.mutate(workspace.name, { onSuccess: () => router.replace('/') })}
      >
        {projects?.length === 1 ? 'Its project' : `Its ${projects?.length ?? ''} projects`} and their Git history go for
        every member, and cannot come back. Clones and repositories on GitHub stay as they are.
      </DeleteDialog>
    </section>
  )
}
