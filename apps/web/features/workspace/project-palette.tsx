'use client'
// ⌘K on the pages of a workspace: goes to a project, another workspace, or a page. (Inside a project the palette of the
// editor takes the same key.)

import type { Me, Workspace } from '@skein/protocol'
import { Command } from 'cmdk'
import { Box, FolderOpen, type LucideIcon, Search, Settings, UserRound, Users } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Dialog as Radix } from 'radix-ui'
import { useEffect, useState } from 'react'
import { Icon } from '../../components/icon.tsx'
import { useProjects } from '../../lib/api/projects.ts'
import { membersPath, projectPath, workspacePath, workspaceSettingsPath } from '../../lib/paths.ts'
import { formatKeys, isMac } from '../../lib/shortcuts.ts'
import { useShortcut } from '../../lib/use-shortcut.ts'

type Place = { href: string; label: string; detail?: string; icon: LucideIcon }

function workspaceToPlaces(workspace: Workspace, me: Me): Place[] {
  return [
    { href: membersPath(workspace.slug), label: 'Members', icon: Users },
    { href: workspaceSettingsPath(workspace.slug), label: 'Settings', icon: Settings },
    { href: '/me', label: 'Your profile', icon: UserRound },
    ...me.workspaces
      .filter((other) => other.id !== workspace.id)
      .map((other) => ({ href: workspacePath(other.slug), label: other.name, detail: 'workspace', icon: Box })),
  ]
}

/** The search button of the top bar and the dialog that it opens. */
export function ProjectPalette({ me, workspace }: { me: Me; workspace: Workspace }) {
  const [isOpen, setOpen] = useState(false)
  const [keys, setKeys] = useState('')
  useEffect(() => setKeys(formatKeys('$mod+k', isMac())), [])
  useShortcut('palette', () => setOpen((open) => !open))
  return (
    <>
      <button type="button" className="search-button only-wide" onClick={() => setOpen(true)}>
        <Icon of={Search} size="sm" /> Go to project <span className="kbd">{keys}</span>
      </button>
      <button
        type="button"
        className="btn btn-quiet btn-icon only-narrow"
        aria-label="Go to project"
        onClick={() => setOpen(true)}
      >
        <Icon of={Search} size="lg" />
      </button>
      <Radix.Root open={isOpen} onOpenChange={setOpen}>
        <Radix.Portal>
          <Radix.Overlay className="scrim" />
          <Radix.Content className="dialog" aria-describedby={undefined}>
            <Radix.Title className="sr-only">Go to project</Radix.Title>
            <Places me={me} workspace={workspace} onClose={() => setOpen(false)} />
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </>
  )
}

function Places({ me, workspace, onClose }: { me: Me; workspace: Workspace; onClose: () => void }) {
  const router = useRouter()
  const projects = useProjects(workspace.slug)
  const [query, setQuery] = useState('')
  const go = (href: string) => {
    onClose()
    router.push(href)
  }
  const items = projects.data?.pages.flatMap((page) => page.items) ?? []
  const option = (place: Place) => (
    <Command.Item key={place.href} value={`${place.label} ${place.href}`} onSelect={() => go(place.href)}>
      <Icon of={place.icon} />
      <span className="clip">
        {place.label} {place.detail && <span className="faint">{place.detail}</span>}
      </span>
    </Command.Item>
  )
  return (
    <Command label="Go to project" loop>
      <div className="palette-input">
        <Icon of={Search} className="faint" />
        <Command.Input value={query} onValueChange={setQuery} placeholder="Go to project" />
      </div>
      <Command.List className="options">
        <Command.Empty>
          <div className="empty">
            <b className="strong">“{query}” is in none of the names</b>
            <p>
              {items.length} {items.length === 1 ? 'project' : 'projects'} of {workspace.name} were searched, by name.
            </p>
          </div>
        </Command.Empty>
        {items.length > 0 && (
          <Command.Group heading="Projects">
            {items
              .filter((project) => project.state === 'ready')
              .map((project) => option({ href: projectPath(project.id), label: project.name, icon: FolderOpen }))}
          </Command.Group>
        )}
        <Command.Group heading="Elsewhere">{workspaceToPlaces(workspace, me).map(option)}</Command.Group>
      </Command.List>
      <div className="palette-foot">
        <span>↑↓ choose</span>
        <span>↵ open</span>
        <span>Esc close</span>
      </div>
    </Command>
  )
}
