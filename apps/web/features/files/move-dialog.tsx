'use client'
// "Move to…": the same as dragging, for keyboards, fingers and deep trees. A folder is found by typing; a path that does not
// exist yet is made by moving there.

import { Folder, FolderPlus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Icon } from '../../components/icon.tsx'
import { movedPath, type TreeItem, type TreeModel } from './tree-model.ts'

const foldersShownMax = 50

export function MoveDialog({
  items,
  model,
  onMove,
  onClose,
}: {
  items: readonly TreeItem[]
  model: TreeModel
  onMove: (folder: string) => void
  onClose: () => void
}) {
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().replace(/^\/+|\/+$/g, '')
  const folders = useMemo(
    () =>
      [...model.items.values()]
        .filter((item) => item.kind === 'folder' && items.some((moved) => movedPath(moved, item.path) !== null))
        .map(({ path }) => path),
    [model, items],
  )
  const found = folders.filter((path) => path.toLowerCase().includes(wanted.toLowerCase())).slice(0, foldersShownMax)
  const isNew = wanted !== '' && !folders.includes(wanted)
  const what = items.length === 1 ? items[0]?.name : `${items.length} items`
  const move = (folder: string): void => {
    onMove(folder)
    onClose()
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Move ${what} to…`}>
      <form
        className="stack"
        style={{ gap: 10 }}
        onSubmit={(event) => {
          event.preventDefault()
          const first = found[0]
          if (isNew && found.length === 0) move(wanted)
          else if (first !== undefined) move(first)
        }}
      >
        <input
          className="input"
          aria-label="Folder"
          placeholder="Find a folder, or type a new path"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <ul className="move-folders">
          {found.map((path) => (
            <li key={path}>
              <Button kind="quiet" onClick={() => move(path)}>
                <Icon of={Folder} /> <span className="clip">{path === '' ? 'The top of the project' : path}</span>
              </Button>
            </li>
          ))}
          {isNew && (
            <li>
              <Button kind="quiet" onClick={() => move(wanted)}>
                <Icon of={FolderPlus} /> <span className="clip">New folder “{wanted}”</span>
              </Button>
            </li>
          )}
        </ul>
      </form>
    </Dialog>
  )
}
