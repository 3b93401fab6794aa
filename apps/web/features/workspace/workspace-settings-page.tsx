'use client'
// The settings of a workspace: its name, the accounts on GitHub that it works with, leaving it, deleting it.

import type { Me, Workspace } from '@skein/protocol'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { DeleteDialog } from '../../components/delete-dialog.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useRemoveMember } from '../../lib/api/members.ts'
import { useProjects } from '../../lib/api/projects.ts'
import { useDeleteWorkspace, useRenameWorkspace } from '../../lib/api/workspaces.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { isAtLeast, roleMeanings, roleWithArticle } from '../../lib/roles.ts'
import { FormFault } from '../account/form-fault.tsx'
import { InstallationsSection } from '../github/installations-section.tsx'
import { RenameForm } from '../settings/rename-form.tsx'
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
      {isAtLeast(workspace.role, 'admin') && <InstallationsSection workspace={workspace} />}
      <Leave workspace={workspace} me={me} />
      {workspace.role === 'owner' && !workspace.personal && <Delete workspace={workspace} />}
    </div>
  )
}

function General({ workspace }: { workspace: Workspace }) {
  const rename = useRenameWorkspace(workspace.slug)
  const canRename = isAtLeast(workspace.role, 'admin')
  return (
    <section aria-labelledby="general-title">
      <h2 id="general-title">General</h2>
      <RenameForm
        name={workspace.name}
        canRename={canRename}
        hint={canRename ? 'Its address stays.' : 'Admins and owners can rename it.'}
        action="Rename"
        rename={rename.mutateAsync}
        toWords={(name) => (
          <>
            Renamed to <b className="strong">{name}</b>
          </>
        )}
      />
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
