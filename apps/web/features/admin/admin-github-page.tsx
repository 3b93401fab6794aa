'use client'
// GitHub for the whole of this Skein, for its admin: the App, its webhook, what sync does in all workspaces, and GitHub's calls.

import type { Me } from '@skein/protocol'
import { ChevronLeft, RefreshCw, ShieldUser, Webhook } from 'lucide-react'
import Link from 'next/link'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useState } from 'react'
import { LinkButton } from '../../components/button.tsx'
import { GitHubMark, Icon } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageState } from '../../components/page-state.tsx'
import { lastWorkspace } from '../../lib/last-workspace.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { adminGithubPath, workspacePath } from '../../lib/paths.ts'
import { SignedIn } from '../account/signed-in.tsx'
import { SettingsBones } from '../settings/settings-bones.tsx'
import { SettingsFrame } from '../settings/settings-frame.tsx'
import { SettingsNav, type SettingsPart } from '../settings/settings-nav.tsx'
import { AppSection } from './app-section.tsx'
import { DeliveriesSection } from './deliveries-section.tsx'
import { OperationsSection } from './operations-section.tsx'
import './admin.css'

const parts: readonly SettingsPart[] = [
  { id: 'app', label: 'GitHub App', icon: <GitHubMark /> },
  { id: 'operations', label: 'Operations', icon: <Icon of={RefreshCw} /> },
  { id: 'deliveries', label: 'Deliveries', icon: <Icon of={Webhook} /> },
]

/** `/admin/github`. */
export function AdminGithubPage() {
  usePageTitle('GitHub for this Skein')
  return (
    <SignedIn waiting={<SettingsBones />}>{(me) => (me.isInstanceAdmin ? <Page me={me} /> : <NotAdmin />)}</SignedIn>
  )
}

function NotAdmin() {
  return (
    <PageState
      full
      icon={ShieldUser}
      title="Only the admin of this Skein sees this page"
      actions={
        <LinkButton kind="primary" href="/">
          Your projects
        </LinkButton>
      }
    >
      That is whoever made its first account. They set up GitHub once, for all workspaces; to link a project you need
      nothing from here.
    </PageState>
  )
}

function Page({ me }: { me: Me }) {
  const last = lastWorkspace()
  const workspace = me.workspaces.find((candidate) => candidate.slug === last) ?? me.workspaces[0]
  const home = workspace ? workspacePath(workspace.slug) : '/'
  const isCreated = useIsCreated()
  return (
    <SettingsFrame
      me={me}
      place={{ href: home, words: workspace?.name ?? 'Skein' }}
      side={
        <nav className="nav" aria-label="GitHub for this Skein">
          <Link href={home}>
            <Icon of={ChevronLeft} /> Back to projects
          </Link>
          <div className="section">This Skein</div>
          <SettingsNav parts={parts} />
        </nav>
      }
    >
      <h1>GitHub for this Skein</h1>
      {isCreated && (
        <div className="created">
          <Notice
            kind="good"
            title="The GitHub App is made, and its keys are stored encrypted."
            action={
              workspace && (
                <LinkButton href={`${workspacePath(workspace.slug)}/settings#github`}>Connect accounts</LinkButton>
              )
            }
          >
            Next, admins of each workspace connect their accounts on GitHub in its settings.
          </Notice>
        </div>
      )}
      <AppSection />
      <OperationsSection />
      <DeliveriesSection />
    </SettingsFrame>
  )
}

/** Whether one has just come back from making the App; it is said once and taken out of the address. */
function useIsCreated(): boolean {
  const told = useSearchParams().get('github')
  const router = useRouter()
  const [isCreated] = useState(told === 'created')
  useEffect(() => {
    if (told !== null) router.replace(adminGithubPath)
  }, [told, router])
  return isCreated
}
