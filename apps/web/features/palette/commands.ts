// The one list of commands of an open project. Palette, menus, keys and help read it; what a command does is given by the
// page. A command that cannot run now is left out of the palette and off its keys.

import type { LucideIcon } from 'lucide-react'
import type { ShortcutId } from '../../lib/shortcuts.ts'

export type Command = {
  id: string
  /** Verb and object, in sentence case. */
  label: string
  icon: LucideIcon
  /** Its entry in the registry of keys. */
  shortcut?: ShortcutId
  /** Its key belongs to a part of the page (the text, the tree), which listens itself. */
  isKeyElsewhere?: boolean
  /** Other words under which people look for it. */
  also?: string
  isEnabled: boolean
  run: () => void
}

const wordsOf = ({ label, also }: Command): string => `${label} ${also ?? ''}`.toLowerCase()

/** Enabled commands that hold every typed word; those whose label starts with it first. */
export function findCommands(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const first = words[0]
  const found = commands.filter(
    (command) => command.isEnabled && words.every((word) => wordsOf(command).includes(word)),
  )
  const rank = (command: Command): number =>
    first === undefined || command.label.toLowerCase().startsWith(first)
      ? 0
      : command.label.toLowerCase().includes(` ${first}`)
        ? 1
        : 2
  return found
    .map((command, order) => ({ command, order }))
    .sort((one, other) => rank(one.command) - rank(other.command) || one.order - other.order)
    .map(({ command }) => command)
}

/** What the palette looks for: everything, or with a first `>` commands, with `@` people. */
export type PaletteScope = 'all' | 'commands' | 'people'

export function readTyped(typed: string): { scope: PaletteScope; query: string } {
  if (typed.startsWith('>')) return { scope: 'commands', query: typed.slice(1).trim() }
  if (typed.startsWith('@')) return { scope: 'people', query: typed.slice(1).trim() }
  return { scope: 'all', query: typed.trim() }
}
