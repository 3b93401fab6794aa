'use client'
// The menu of a row of the tree, for the pointer (right click, the three dots) and the keyboard (the menu key). One menu
// serves all rows: it opens at a point.

import {
  Copy,
  Download,
  FilePlus,
  FolderInput,
  FolderPlus,
  type LucideIcon,
  Pencil,
  SquareArrowOutUpRight,
  Trash2,
  Upload,
} from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { Icon } from '../../components/icon.tsx'
import type { TreeCommands } from './tree-commands.ts'
import { pathToFolder, type TreeItem } from './tree-model.ts'

/** Where the menu opens, for which row, and what its actions concern (the row, or all selected ones). */
export type RowMenuPlace = { x: number; y: number; item: TreeItem; targets: readonly TreeItem[] }

function Entry({
  icon,
  hint,
  bad = false,
  disabled = false,
  onSelect,
  children,
}: {
  icon: LucideIcon
  hint?: string
  bad?: boolean
  disabled?: boolean
  onSelect: () => void
  children: string
}) {
  return (
    <DropdownMenu.Item className={bad ? 'bad' : ''} disabled={disabled} onSelect={onSelect}>
      <Icon of={icon} />
      <span className="clip">{children}</span>
      {hint && <span className="kbd">{hint}</span>}
    </DropdownMenu.Item>
  )
}

export function RowMenu({
  place,
  onClose,
  canChange,
  commands,
  onRename,
}: {
  place: RowMenuPlace | null
  onClose: () => void
  canChange: boolean
  commands: TreeCommands
  onRename: (item: TreeItem) => void
}) {
  if (!place) return null
  const { item, targets, x, y } = place
  const folder = item.kind === 'folder' ? item.path : pathToFolder(item.path)
  const many = targets.length > 1
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden="true" style={{ position: 'fixed', left: x, top: y, width: 0, height: 0 }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="popover menu"
          align="start"
          collisionPadding={8}
          aria-label={`Actions for ${item.name}`}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          {item.kind === 'file' && !many && (
            <>
              <Entry icon={SquareArrowOutUpRight} hint="↵" onSelect={() => commands.open(item, true)}>
                Open
              </Entry>
              <Entry icon={Download} onSelect={() => commands.download(item)}>
                Download
              </Entry>
            </>
          )}
          {!many && (
            <Entry icon={Copy} onSelect={() => void navigator.clipboard?.writeText(item.path)}>
              Copy path
            </Entry>
          )}
          <DropdownMenu.Separator />
          {!many && (
            <>
              <Entry icon={FilePlus} disabled={!canChange} onSelect={() => commands.newFile(folder)}>
                New file here
              </Entry>
              <Entry icon={FolderPlus} disabled={!canChange} onSelect={() => commands.newFolder(folder)}>
                New folder here
              </Entry>
              <Entry icon={Upload} disabled={!canChange} onSelect={() => commands.uploadTo(folder)}>
                Upload here
              </Entry>
              <DropdownMenu.Separator />
              <Entry icon={Pencil} hint="F2" disabled={!canChange} onSelect={() => onRename(item)}>
                Rename
              </Entry>
            </>
          )}
          <Entry icon={FolderInput} disabled={!canChange} onSelect={() => commands.askWhereTo(targets)}>
            Move to…
          </Entry>
          <Entry icon={Trash2} hint="Del" bad disabled={!canChange} onSelect={() => commands.trash(targets)}>
            {many ? `Move ${targets.length} items to trash` : 'Move to trash'}
          </Entry>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
