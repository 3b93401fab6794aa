'use client'
// One's own settings: name, password and devices, tokens, appearance, shortcuts.

import type { Me } from '@skein/protocol'
import { ChevronLeft, Command, Eye, KeyRound, MonitorSmartphone, Pencil } from 'lucide-react'
import Link from 'next/link'
import { Icon } from '../../components/icon.tsx'
import { lastWorkspace } from '../../lib/last-workspace.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { workspacePath } from '../../lib/paths.ts'
import { SignedIn } from '../account/signed-in.tsx'
import { SettingsBones } from '../settings/settings-bones.tsx'
import { SettingsFrame } from '../settings/settings-frame.tsx'
import { SettingsNav, type SettingsPart } from '../settings/settings-nav.tsx'
import { AppearanceSection } from './appearance-section.tsx'
import { ProfileSection } from './profile-section.tsx'
import { SessionsSection } from './sessions-section.tsx'
import { ShortcutsSection } from './shortcuts-section.tsx'
import { TokensSection } from './tokens-section.tsx'

const parts: readonly SettingsPart[] = [
  { id: 'profile', label: 'Profile', icon: <Icon of={Pencil} /> },
  { id: 'tokens', label: 'Tokens', icon: <Icon of={KeyRound} /> },
  { id: 'appearance', label: 'Appearance', icon: <Icon of={Eye} /> },
  { id: 'shortcuts', label: 'Shortcuts', icon: <Icon of={Command} /> },
  { id: 'devices', label: 'Password and devices', icon: <Icon of={MonitorSmartphone} /> },
]

/** `/me`. */
export function MePage() {
  usePageTitle('Your settings')
  return <SignedIn waiting={<SettingsBones />}>{(me) => <Settings me={me} />}</SignedIn>
}

function Settings({ me }: { me: Me }) {
  const last = lastWorkspace()
  const workspace = me.workspaces.find((candidate) => candidate.slug === last) ?? me.workspaces[0]
  const home = workspace ? workspacePath(workspace.slug) : '/'
  return (
    <SettingsFrame
      me={me}
      place={{ href: home, words: workspace?.name ?? 'Skein' }}
      side={
        <nav className="nav" aria-label="Your settings">
          <Link href={home}>
            <Icon of={ChevronLeft} /> Back to projects
          </Link>
          <div className="section">Yours</div>
          <SettingsNav parts={parts} />
        </nav>
      }
    >
      <h1>Your settings</h1>
      <ProfileSection me={me} />
      <TokensSection me={me} />
      <AppearanceSection />
      <ShortcutsSection />
      <SessionsSection me={me} />
    </SettingsFrame>
  )
}
