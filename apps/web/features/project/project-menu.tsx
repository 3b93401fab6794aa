'use client'
// The name of the project in the top bar: behind it the other projects of the workspace, and the pages about this one.

import type { Project } from '@skein/protocol'
import { ChevronDown, FolderGit2, LayoutList, Settings, Users } from 'lucide-react'
import { Icon, SkeinMark } from '../../components/icon.tsx'
import { Menu, MenuLabel, MenuLink, MenuSeparator } from '../../components/menu.tsx'
import { useProjects } from '../../lib/api/projects.ts'
import { membersPath, projectPath, projectSettingsPath, workspacePath } from '../../lib/paths.ts'

const othersShownMax = 8

export function ProjectMenu({ project, reference }: { project: Project; reference: string }) {
  const { workspace } = project
  const projects = useProjects(workspace.slug)
  const others = (projects.data?.pages.flatMap(({ items }) => items) ?? [])
    .filter(({ id }) => id !== project.id)
    .slice(0, othersShownMax)
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="brand only-wide" title="Switch project, manage this one">
          <SkeinMark />
          <span className="clip">{workspace.name}</span>
          <span className="slash" aria-hidden="true">
            /
          </span>
          <span className="clip">{project.name}</span>
          <Icon of={ChevronDown} size="sm" className="faint" />
        </button>
      }
    >
      {others.length > 0 && <MenuLabel>Other projects</MenuLabel>}
      {others.map(({ id, name }) => (
        <MenuLink key={id} icon={FolderGit2} href={projectPath(id)}>
          {name}
        </MenuLink>
      ))}
      <MenuLink icon={LayoutList} href={workspacePath(workspace.slug)}>
        All projects of {workspace.name}
      </MenuLink>
      <MenuSeparator />
      <MenuLink icon={Users} href={membersPath(workspace.slug)}>
        Members
      </MenuLink>
      <MenuLink icon={Settings} href={projectSettingsPath(reference)}>
        Settings of this project
      </MenuLink>
    </Menu>
  )
}
