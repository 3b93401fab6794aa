'use client'
// The name of the workspace; behind it the others, and a new one.

import type { Me, Workspace } from '@skein/protocol'
import { ChevronDown, Plus } from 'lucide-react'
import { useState } from 'react'
import { Icon, SkeinMark } from '../../components/icon.tsx'
import { Menu, MenuItem, MenuLabel, MenuLink, MenuSeparator } from '../../components/menu.tsx'
import { workspacePath } from '../../lib/paths.ts'
import { NewWorkspaceDialog } from './new-workspace-dialog.tsx'

/** Switches between the workspaces of a person. */
export function WorkspaceMenu({ me, workspace }: { me: Me; workspace: Workspace }) {
  const [isCreating, setCreating] = useState(false)
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button
            type="button"
            className="brand"
            aria-label={`Workspace ${workspace.name}, change`}
            title={workspace.name}
          >
            <SkeinMark /> <span className="clip">{workspace.name}</span>
            <Icon of={ChevronDown} size="sm" className="faint" />
          </button>
        }
      >
        <MenuLabel>Workspaces</MenuLabel>
        {me.workspaces.map((candidate) => (
          <MenuLink key={candidate.id} href={workspacePath(candidate.slug)} current={candidate.id === workspace.id}>
            {candidate.name}
          </MenuLink>
        ))}
        <MenuSeparator />
        <MenuItem icon={Plus} onSelect={() => setCreating(true)}>
          New workspace
        </MenuItem>
      </Menu>
      <NewWorkspaceDialog open={isCreating} onOpenChange={setCreating} />
    </>
  )
}
