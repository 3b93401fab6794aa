'use client'
// The frame of the pages of a workspace: which one, its views, going elsewhere, one's own account.

import type { Me, Workspace } from '@skein/protocol'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { LinkButton } from '../../components/button.tsx'
import { PageState } from '../../components/page-state.tsx'
import { ServerAway } from '../../components/server-away.tsx'
import { rememberWorkspace } from '../../lib/last-workspace.ts'
import { membersPath, workspacePath, workspaceSettingsPath } from '../../lib/paths.ts'
import { useShortcut } from '../../lib/use-shortcut.ts'
import { AccountMenu } from '../account/account-menu.tsx'
import { SignedIn } from '../account/signed-in.tsx'
import { ProjectPalette } from './project-palette.tsx'
import { WorkspaceMenu } from './workspace-menu.tsx'
import './workspace.css'

/** Draws a page of the workspace with this slug, or says that there is none. */
export function WorkspaceFrame({
  slug,
  waiting,
  children,
}: {
  slug: string
  waiting: ReactNode
  children: (workspace: Workspace, me: Me) => ReactNode
}) {
  return (
    <SignedIn waiting={<FrameBones>{waiting}</FrameBones>}>
      {(me) => {
        const workspace = me.workspaces.find((candidate) => candidate.slug === slug)
        return workspace ? (
          <Frame me={me} workspace={workspace}>
            {children(workspace, me)}
          </Frame>
        ) : (
          <PageState
            full
            title="There is no such workspace for you"
            actions={
              <LinkButton kind="primary" href="/">
                Your projects
              </LinkButton>
            }
          >
            It was renamed or deleted, or {me.email} is not a member of it. One of its members can invite you by link.
          </PageState>
        )
      }}
    </SignedIn>
  )
}

function FrameBones({ children }: { children: ReactNode }) {
  return (
    <>
      <header className="topbar workspace-top" />
      <main className="page">{children}</main>
    </>
  )
}

function Frame({ me, workspace, children }: { me: Me; workspace: Workspace; children: ReactNode }) {
  const path = usePathname()
  const router = useRouter()
  useShortcut('shortcuts', () => router.push('/me#shortcuts'))
  useEffect(() => rememberWorkspace(workspace.slug), [workspace.slug])
  const views = [
    { href: workspacePath(workspace.slug), label: 'Projects' },
    { href: membersPath(workspace.slug), label: 'Members' },
    { href: workspaceSettingsPath(workspace.slug), label: 'Settings' },
  ]
  return (
    <>
      <a className="btn skip-link" href="#content">
        Skip to the content
      </a>
      <header className="topbar workspace-top">
        <WorkspaceMenu me={me} workspace={workspace} />
        <nav className="segments workspace-views" aria-label="Workspace">
          {views.map((view) => (
            <Link key={view.href} href={view.href} {...(path === view.href && { 'aria-current': 'page' })}>
              {view.label}
            </Link>
          ))}
        </nav>
        <span className="grow" />
        <ProjectPalette me={me} workspace={workspace} />
        <AccountMenu me={me} />
      </header>
      <main className="page" id="content">
        <ServerAway />
        {children}
      </main>
    </>
  )
}
