'use client'
// The person's own menu, behind their avatar: settings, appearance, signing out.

import type { Me } from '@skein/protocol'
import { Keyboard, KeyRound, LogOut, UserRound } from 'lucide-react'
import { useState } from 'react'
import { avatarClass, nameToInitial, type PresenceColour } from '../../components/avatar.tsx'
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuLink, MenuSeparator } from '../../components/menu.tsx'
import { signOut } from '../../lib/api/account.ts'
import { chooseTheme, currentTheme, type Theme, themeChoices } from '../../lib/theme.ts'
import { countUnsentEdits, forgetSentDocuments } from '../project/device-store.ts'
import { SignOutDialog } from '../project/sign-out-dialog.tsx'

/** The avatar of whoever is signed in, in the colour they have here, and its menu. */
export function AccountMenu({ me, colour = 1 }: { me: Pick<Me, 'id' | 'name' | 'email'>; colour?: PresenceColour }) {
  const [unsent, setUnsent] = useState(0)
  const goodbye = async () => {
    await forgetSentDocuments(me.id)
    await signOut()
  }
  const leave = async () => {
    const edits = await countUnsentEdits(me.id)
    if (edits > 0) setUnsent(edits)
    else await goodbye()
  }
  return (
    <>
      <SignOutDialog unsent={unsent} onSignOut={() => void goodbye()} onClose={() => setUnsent(0)} />
      <Menu
        trigger={
          <button
            type="button"
            className={avatarClass({ colour })}
            aria-label={`Your account, ${me.name}`}
            title={me.name}
          >
            {nameToInitial(me.name)}
          </button>
        }
      >
        <MenuLabel>
          {me.name}
          <br />
          {me.email}
        </MenuLabel>
        <MenuSeparator />
        <MenuLink icon={UserRound} href="/me">
          Profile
        </MenuLink>
        <MenuLink icon={KeyRound} href="/me#tokens">
          Tokens
        </MenuLink>
        <MenuLink icon={Keyboard} href="/me#shortcuts">
          Shortcuts
        </MenuLink>
        <MenuSeparator />
        <ThemeChoices />
        <MenuSeparator />
        <MenuItem icon={LogOut} onSelect={() => void leave()}>
          Sign out
        </MenuItem>
      </Menu>
    </>
  )
}

/** The three themes as menu entries. */
function ThemeChoices() {
  const [theme, setTheme] = useState<Theme>(currentTheme)
  return (
    <MenuChoices
      label="Appearance"
      value={theme}
      choices={themeChoices}
      onChange={(next) => {
        chooseTheme(next)
        setTheme(next)
      }}
    />
  )
}
