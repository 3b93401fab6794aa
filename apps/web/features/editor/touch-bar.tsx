'use client'
// The bar of a phone above its keyboard: what has no key there. Every button answers the finger without taking the focus
// from the text, so that the keyboard stays.

import { Bold, Heading, Link, type LucideIcon, Redo2, Search, Undo2 } from 'lucide-react'
import { Icon } from '../../components/icon.tsx'

export type TouchCommands = {
  undo: () => void
  redo: () => void
  heading: () => void
  bold: () => void
  link: () => void
  goToFile: () => void
}

const buttons: readonly { command: keyof TouchCommands; label: string; icon: LucideIcon; isEdit: boolean }[] = [
  { command: 'undo', label: 'Undo', icon: Undo2, isEdit: true },
  { command: 'redo', label: 'Redo', icon: Redo2, isEdit: true },
  { command: 'heading', label: 'Heading', icon: Heading, isEdit: true },
  { command: 'bold', label: 'Bold', icon: Bold, isEdit: true },
  { command: 'link', label: 'Link', icon: Link, isEdit: true },
  { command: 'goToFile', label: 'Go to file', icon: Search, isEdit: false },
]

export function TouchBar({ commands, canEdit }: { commands: TouchCommands; canEdit: boolean }) {
  return (
    <div className="touchbar only-narrow" role="toolbar" aria-label="Editing">
      {buttons.map(({ command, label, icon, isEdit }) => (
        <button
          key={command}
          type="button"
          className="btn"
          aria-label={label}
          disabled={isEdit && !canEdit}
          onPointerDown={(event) => event.preventDefault()}
          onClick={commands[command]}
        >
          <Icon of={icon} size="lg" />
        </button>
      ))}
    </div>
  )
}
