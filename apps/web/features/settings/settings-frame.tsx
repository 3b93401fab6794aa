'use client'
// The frame of settings: the way back and the parts at the side, one readable column on the sheet. On a phone the side
// comes in from the left.

import type { Me } from '@skein/protocol'
import { PanelLeft } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useEffect, useState } from 'react'
import { Icon, SkeinMark } from '../../components/icon.tsx'
import { ServerAway } from '../../components/server-away.tsx'
import { AccountMenu } from '../account/account-menu.tsx'
import './settings.css'

/** The page; `place` is what the top bar names, `side` the navigation. */
export function SettingsFrame({
  me,
  place,
  side,
  children,
}: {
  me: Pick<Me, 'id' | 'name' | 'email'>
  place: { href: string; words: ReactNode }
  side: ReactNode
  children: ReactNode
}) {
  const [isSideOpen, setSideOpen] = useState(false)
  useEffect(() => {
    if (!isSideOpen) return
    const close = (event: KeyboardEvent) => event.key === 'Escape' && setSideOpen(false)
    document.addEventListener('keydown', close)
    return () => document.removeEventListener('keydown', close)
  }, [isSideOpen])
  return (
    <div className="app">
      <a className="btn skip-link" href="#content">
        Skip to the content
      </a>
      <header className="topbar">
        <button
          type="button"
          className="btn btn-quiet btn-icon only-narrow"
          aria-label="Settings menu"
          aria-expanded={isSideOpen}
          onClick={() => setSideOpen(!isSideOpen)}
        >
          <Icon of={PanelLeft} size="lg" />
        </button>
        <Link className="brand" href={place.href}>
          <SkeinMark /> {place.words}
        </Link>
        <span className="grow" />
        <span className="avatars">
          <AccountMenu me={me} />
        </span>
      </header>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a link inside was followed; Enter on it clicks as well */}
      <aside className="side" data-open={isSideOpen} onClick={() => setSideOpen(false)}>
        {side}
      </aside>
      <main className="main main-wide sheet" id="content">
        <div className="column-scroll">
          <div className="column settings">
            <ServerAway />
            {children}
          </div>
        </div>
      </main>
      {isSideOpen && (
        <button
          type="button"
          className="scrim drawer-scrim"
          aria-label="Close the menu"
          onClick={() => setSideOpen(false)}
        />
      )}
    </div>
  )
}
