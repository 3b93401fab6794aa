'use client'
// All shortcuts, by group, found by typing. The same registry as everywhere; they are changed on the page of shortcuts.

import Link from 'next/link'
import { useState } from 'react'
import { Dialog } from '../../components/dialog.tsx'
import { formatKeys, isMac, type ShortcutGroup, shortcutKeys, shortcuts } from '../../lib/shortcuts.ts'

const groups: readonly ShortcutGroup[] = ['Anywhere', 'Project', 'Editor']

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const isFound = (label: string): boolean => label.toLowerCase().includes(typed.trim().toLowerCase())
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Shortcuts"
      description={
        <>
          In the text, Tab indents; after Esc it leaves the text. Keys are changed on the page of{' '}
          <Link className="link" href="/me#shortcuts">
            your shortcuts
          </Link>
          .
        </>
      }
    >
      <input
        className="input"
        aria-label="Find a shortcut"
        placeholder="Find a shortcut"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard */}
      <section className="help-list" aria-label="All shortcuts" tabIndex={0}>
        {groups.map((group) => {
          const shown = shortcuts.filter((shortcut) => shortcut.group === group && isFound(shortcut.label))
          return (
            shown.length > 0 && (
              <section key={group}>
                <h3 className="faint xs">{group}</h3>
                <dl>
                  {shown.map(({ id, label }) => (
                    <div key={id}>
                      <dt>{label}</dt>
                      <dd className="kbd">{formatKeys(shortcutKeys(id), isMac())}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            )
          )
        })}
      </section>
    </Dialog>
  )
}
