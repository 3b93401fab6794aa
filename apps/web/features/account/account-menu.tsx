'use client'
// The person's own menu, behind their avatar: settings, appearance, signing out.

import type { Me } from '@skein/protocol'
import { Keyboard, KeyRound, LogOut, ServerCog, UserRound } from 'lucide-react'
import { useState } from 'react'
import { avatarClass, nameToInitial, type PresenceColour } from '../../components/avatar.tsx'
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuLink, MenuSeparator } from '../../components/menu.tsx'
import { useMe } from '../../lib/api/account.ts'
import { adminGithubPath } from '../../lib/paths.ts'
import { chooseTheme, currentTheme, type Theme, themeChoices } from '../../lib/theme.ts'
import { useSignOut } from './use-sign-out.tsx'

/** The avatar of whoever is signed in, in the colour they have here, and its menu. */
export function AccountMenu({ me, colour = 1 }: { me: Pick<Me, 'id' | 'name' | 'email'>; colour?: PresenceColour }) {
  const { leave, question } = useSignOut(me)
  // What is known already; the menu asks for nothing itself.
  const isAdmin = useMe({ enabled: false }).data?.isInstanceAdmin === true
  return (
    <>
      {question}
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
        {isAdmin && (
          <>
            <MenuSeparator />
            <MenuLink icon={ServerCog} href={adminGithubPath}>
              GitHub for this Skein
            </MenuLink>
          </>
        )}
        <MenuSeparator />
        <ThemeChoices />
        <MenuSeparator />
        <MenuItem icon={LogOut} onSelect={leave}>
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
