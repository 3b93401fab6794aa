'use client'
// Binds an action of the registry to its keys while a component is on the page.

import { useEffect, useRef } from 'react'
import { tinykeys } from 'tinykeys'
import { type ShortcutId, shortcutKeys, watchShortcuts } from './shortcuts.ts'

/** Whether the press is a character for a text field rather than a command. */
function isTyping(event: KeyboardEvent): boolean {
  if (event.key.length > 1 || event.metaKey || event.ctrlKey) return false
  return (
    event.target instanceof Element &&
    event.target.closest('input, textarea, select, [contenteditable="true"]') !== null
  )
}

/** Runs `action` on the keys of `id`, also after they were changed; the browser's own meaning of them is held back. */
export function useShortcut(id: ShortcutId, action: () => void): void {
  const latest = useRef(action)
  latest.current = action
  useEffect(() => {
    let unbind = () => {}
    const bind = () => {
      unbind()
      const keys = shortcutKeys(id)
      unbind = keys === '' ? () => {} : tinykeys(window, { [keys]: run })
    }
    const run = (event: KeyboardEvent) => {
      if (isTyping(event)) return
      event.preventDefault()
      latest.current()
    }
    bind()
    const unwatch = watchShortcuts(bind)
    return () => {
      unwatch()
      unbind()
    }
  }, [id])
}
