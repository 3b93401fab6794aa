'use client'
// Binds the commands of a project to their keys, and the few keys that are no command: help on `?` outside of text, and the
// walk through the regions of the page.

import { useEffect, useRef } from 'react'
import { tinykeys } from 'tinykeys'
import { shortcutKeys, watchShortcuts } from '../../lib/shortcuts.ts'
import type { Command } from './commands.ts'

const isText = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null

/** Keys that are letters or signs mean themselves where text is typed. */
const isTyped = (keys: string): boolean => !/\$mod|Control|Meta|Alt|^F\d|Escape/.test(keys)

export function useProjectKeys(commands: readonly Command[]): void {
  const latest = useRef(commands)
  latest.current = commands
  useEffect(() => {
    let unbind = () => {}
    const bind = (): void => {
      unbind()
      const bindings: Record<string, (event: KeyboardEvent) => void> = {}
      for (const { id, shortcut, isKeyElsewhere } of latest.current) {
        const keys = shortcut === undefined || isKeyElsewhere ? '' : shortcutKeys(shortcut)
        if (keys === '') continue
        bindings[keys] = (event) => {
          const command = latest.current.find((candidate) => candidate.id === id)
          if (!command?.isEnabled || event.defaultPrevented || (isTyped(keys) && isText(event.target))) return
          event.preventDefault()
          command.run()
        }
      }
      // By default keys in text are left alone; here each binding decides, since ⌘K and ⌘S are meant there too.
      unbind = tinykeys(window, bindings, { ignore: (event) => event.repeat || event.isComposing })
    }
    bind()
    const unwatch = watchShortcuts(bind)
    return () => {
      unwatch()
      unbind()
    }
  }, [])
}
