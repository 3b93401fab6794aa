'use client'
// All shortcuts, to be searched and changed. A key that another action of the same place has is refused with its name.

import { Search } from 'lucide-react'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import {
  changeShortcut,
  eventToKeys,
  findKeysInUse,
  formatKeys,
  isMac,
  isReserved,
  type Shortcut,
  type ShortcutId,
  shortcutKeys,
  shortcuts,
  watchShortcuts,
} from '../../lib/shortcuts.ts'

const groups = ['Anywhere', 'Project', 'Editor'] as const

/** The section of `/me`. */
export function ShortcutsSection() {
  const [query, setQuery] = useState('')
  const [isOnMac, setOnMac] = useState(false)
  const [, setVersion] = useState(0)
  useEffect(() => {
    setOnMac(isMac())
    return watchShortcuts(() => setVersion((version) => version + 1))
  }, [])
  const words = query.trim().toLowerCase()
  const found = shortcuts.filter(
    (shortcut) =>
      shortcut.label.toLowerCase().includes(words) ||
      formatKeys(shortcutKeys(shortcut.id), isOnMac).toLowerCase().includes(words),
  )
  return (
    <section id="shortcuts" aria-labelledby="shortcuts-title">
      <h2 id="shortcuts-title">Shortcuts</h2>
      <div className="row" style={{ maxWidth: 440 }}>
        <Icon of={Search} className="faint" />
        <input
          className="input"
          type="search"
          aria-label="Search shortcuts"
          placeholder="Search shortcuts"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </div>
      <div className="shortcuts">
        {groups.map((group) => {
          const inGroup = found.filter((shortcut) => shortcut.group === group)
          return (
            inGroup.length > 0 && (
              <div key={group}>
                <h3>{group}</h3>
                <ul className="card rows">
                  {inGroup.map((shortcut) => (
                    <ShortcutRow key={shortcut.id} shortcut={shortcut} isOnMac={isOnMac} />
                  ))}
                </ul>
              </div>
            )
          )
        })}
        {found.length === 0 && (
          <p className="faint">
            “{query}” is in none of the {shortcuts.length} shortcuts.
          </p>
        )}
      </div>
    </section>
  )
}

function ShortcutRow({ shortcut, isOnMac }: { shortcut: Shortcut & { id: ShortcutId }; isOnMac: boolean }) {
  const [isListening, setListening] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const keys = shortcutKeys(shortcut.id)

  const listen = (event: KeyboardEvent) => {
    if (!isListening || event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') return setListening(false)
    const pressed = eventToKeys(event)
    if (!pressed) return
    const other = findKeysInUse(pressed, shortcut.id)
    if (other) return setFault(`${formatKeys(pressed, isOnMac)} is “${other.label}” already.`)
    if (isReserved(pressed)) return setFault(`${formatKeys(pressed, isOnMac)} belongs to the browser or to typing.`)
    changeShortcut(shortcut.id, pressed === shortcut.keys ? null : pressed)
    setFault(null)
    setListening(false)
  }

  return (
    <li>
      <span className="grow">
        {shortcut.label}
        {fault && (
          <span className="bad xs" role="alert" style={{ display: 'block' }}>
            {fault}
          </span>
        )}
      </span>
      {keys !== shortcut.keys && (
        <Button
          size="sm"
          kind="quiet"
          aria-label={`Give “${shortcut.label}” its own keys back`}
          onClick={() => changeShortcut(shortcut.id, null)}
        >
          Reset
        </Button>
      )}
      <Button
        size="sm"
        kind={isListening ? 'plain' : 'quiet'}
        aria-label={
          isListening
            ? `Press the new keys for “${shortcut.label}”, Escape keeps the old`
            : `Change the keys of “${shortcut.label}”, now ${formatKeys(keys, isOnMac)}`
        }
        onClick={() => {
          setFault(null)
          setListening(true)
        }}
        onKeyDown={listen}
        onBlur={() => setListening(false)}
      >
        {isListening ? 'Press the new keys' : <span className="kbd">{formatKeys(keys, isOnMac)}</span>}
      </Button>
    </li>
  )
}
