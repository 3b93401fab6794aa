'use client'
// Binds an action of the registry to its keys while a component is on the page.

import { useEffect, useRef } from 'react'
import { tinykeys } from 'tinykeys'
import { type ShortcutId, shortcutKeys, watchShortcuts } from './shortcuts.ts'

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
