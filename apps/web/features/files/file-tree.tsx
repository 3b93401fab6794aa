'use client'
// The tree of files: headless-tree keeps focus, selection, folding, renaming and dragging, and gives rows their roles; only
// the rows in sight are drawn, so that ten thousand files are as quick as ten. Keys: arrows, Enter, F2, Delete, letters
// to find, Shift with arrows to select more. Everything that can be dragged can be moved from the menu too.

import {
  dragAndDropFeature,
  hotkeysCoreFeature,
  type ItemInstance,
  propMemoizationFeature,
  renamingFeature,
  searchFeature,
  selectionFeature,
  syncDataLoaderFeature,
  type TreeInstance,
} from '@headless-tree/core'
import { useTree } from '@headless-tree/react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type MouseEvent, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { RowMenu, type RowMenuPlace } from './row-menu.tsx'
import { fileItemId, folderId, foldersAbove, movedPath, ROOT_ID, type TreeItem, type TreeModel } from './tree-model.ts'
import { TreeRow } from './tree-row.tsx'
import { useExpandedFolders } from './use-expanded-folders.ts'

const rowsBeyondSight = 12
const rowHeight = { wide: 28, narrow: 44 }

/** Somebody in a file, as a dot in their colour. */
export type PersonHere = { id: string; name: string; colour: number; isIdle: boolean }

export type TreeCommands = {
  open: (item: TreeItem, andFocus: boolean) => void
  rename: (item: TreeItem, name: string) => void
  move: (items: readonly TreeItem[], folder: string) => void
  askWhereTo: (items: readonly TreeItem[]) => void
  trash: (items: readonly TreeItem[]) => void
  newFile: (folder: string) => void
  newFolder: (folder: string) => void
  uploadTo: (folder: string) => void
  dropFiles: (transfer: DataTransfer, folder: string) => void
  download: (item: TreeItem) => void
}

/** What the rest of the page asks of the tree. */
export type TreeHandle = { reveal: (path: string) => void; focus: () => void; rename: (fileId: string) => void }

type FileTreeProps = {
  model: TreeModel
  projectId: string
  currentFileId: string | null
  peopleByFile: ReadonlyMap<string, readonly PersonHere[]>
  /** Changes of the tree wait while there is no connection, and for those who only read. */
  canChange: boolean
  isNarrow: boolean
  commands: TreeCommands
  handle: React.Ref<TreeHandle>
}

/** The folder that a new file beside this item goes to. */
const folderOf = (item: TreeItem): string =>
  item.kind === 'folder' ? item.path : item.path.slice(0, Math.max(0, item.path.lastIndexOf('/')))

function selectedOrFocused(tree: TreeInstance<TreeItem>): TreeItem[] {
  const focused = tree.getFocusedItem()
  const selected = tree.getSelectedItems()
  return selected.some((item) => item.getId() === focused.getId())
    ? selected.map((item) => item.getItemData())
    : [focused.getItemData()]
}

export function FileTree(props: FileTreeProps) {
  const { model, projectId, currentFileId, peopleByFile, canChange, isNarrow, commands, handle } = props
  const scroller = useRef<HTMLDivElement>(null)
  const latest = useRef(props)
  latest.current = props
  const [expandedItems, setExpandedItems] = useExpandedFolders(projectId)
  const [menu, setMenu] = useState<RowMenuPlace | null>(null)

  const tree = useTree<TreeItem>({
    rootItemId: ROOT_ID,
    state: { expandedItems },
    setExpandedItems,
    getItemName: (item) => item.getItemData()?.name ?? '',
    isItemFolder: (item) => item.getItemData()?.kind === 'folder',
    dataLoader: {
      getItem: (id) => (latest.current.model.items.get(id) ?? model.items.get(ROOT_ID)) as TreeItem,
      getChildren: (id) => [...(latest.current.model.children.get(id) ?? [])],
    },
    onPrimaryAction: (item) => {
      const data = item.getItemData()
      if (data.kind === 'file') commands.open(data, false)
    },
    scrollToItem: (item) => virtualizer.scrollToIndex(item.getItemMeta().index),
    canRename: () => latest.current.canChange,
    onRename: (item, name) => commands.rename(item.getItemData(), name),
    canReorder: false,
    canDrag: () => latest.current.canChange,
    canDrop: (items, target) =>
      items.some((item) => movedPath(item.getItemData(), folderOf(target.item.getItemData())) !== null),
    onDrop: (items, target) =>
      commands.move(
        items.map((item) => item.getItemData()),
        folderOf(target.item.getItemData()),
      ),
    canDragForeignDragObjectOver: (transfer) => latest.current.canChange && transfer.types.includes('Files'),
    canDropForeignDragObject: (transfer) => latest.current.canChange && transfer.types.includes('Files'),
    onDropForeignDragObject: (transfer, target) => commands.dropFiles(transfer, folderOf(target.item.getItemData())),
    hotkeys: {
      customOpen: {
        hotkey: 'Enter',
        isEnabled: (tree) => !tree.isSearchOpen() && !tree.isRenamingItem(),
        preventDefault: true,
        handler: (_, tree) => activate(tree.getFocusedItem()),
      },
      customTrash: {
        hotkey: 'Delete',
        isEnabled: () => latest.current.canChange,
        handler: (_, tree) => commands.trash(selectedOrFocused(tree)),
      },
    },
    features: [
      syncDataLoaderFeature,
      selectionFeature,
      hotkeysCoreFeature,
      searchFeature,
      renamingFeature,
      dragAndDropFeature,
      propMemoizationFeature,
    ],
  })

  const activate = (item: ItemInstance<TreeItem>): void => {
    const data = item.getItemData()
    if (data.kind === 'file') commands.open(data, true)
    else if (item.isExpanded()) item.collapse()
    else item.expand()
  }

  const rows = tree.getItems()
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? rowHeight.narrow : rowHeight.wide),
    overscan: rowsBeyondSight,
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new model is the reason to build the rows anew
  useEffect(() => tree.rebuildTree(), [tree, model, expandedItems])
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are taller on narrow screens
  useEffect(() => virtualizer.measure(), [virtualizer, isNarrow])

  useImperativeHandle(handle, () => {
    const expand = (path: string): void => {
      const folders = foldersAbove(path).map(folderId)
      setExpandedItems((open) => [...open, ...folders.filter((id) => !open.includes(id))])
    }
    const focusItem = (id: string, then?: (item: ItemInstance<TreeItem>) => void): void => {
      // The row exists once the folders above it have been drawn open.
      requestAnimationFrame(() => {
        tree.rebuildTree()
        const item = tree.getItems().find((row) => row.getId() === id)
        if (!item) return
        virtualizer.scrollToIndex(item.getItemMeta().index)
        then?.(item)
      })
    }
    return {
      reveal(path) {
        expand(path)
        const found = [...latest.current.model.items.values()].find(
          (item) => item.path === path && item.kind === 'file',
        )
        if (found) focusItem(found.id)
      },
      focus: () => tree.updateDomFocus(),
      rename(fileId) {
        const item = latest.current.model.items.get(fileItemId(fileId))
        if (!item) return
        expand(item.path)
        focusItem(item.id, (row) => {
          row.setFocused()
          row.startRenaming()
        })
      },
    }
  }, [tree, virtualizer, setExpandedItems])

  const openMenu = (event: MouseEvent, item: ItemInstance<TreeItem>): void => {
    event.preventDefault()
    event.stopPropagation()
    item.setFocused()
    if (!item.isSelected()) tree.setSelectedItems([item.getId()])
    const box = event.currentTarget.getBoundingClientRect()
    const isKey = event.clientX === 0 && event.clientY === 0
    setMenu({
      x: isKey ? box.left + 24 : event.clientX,
      y: isKey ? box.bottom : event.clientY,
      item: item.getItemData(),
      targets: selectedOrFocused(tree),
    })
  }

  return (
    <>
      {tree.isSearchOpen() && (
        <div className="tree-find">
          <input {...tree.getSearchInputElementProps()} className="input" aria-label="Find in the tree" />
          <span className="faint xs num">{tree.getSearchMatchingItems().length}</span>
        </div>
      )}
      <div ref={scroller} className="tree grow-y" data-drop={isDraggedOver(tree) || undefined}>
        <div
          {...tree.getContainerProps('Files')}
          role="tree"
          aria-multiselectable="true"
          style={{ height: virtualizer.getTotalSize(), position: 'relative' }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const item = rows[index]
            const data = item?.getItemData()
            if (!item || !data) return null
            return (
              <TreeRow
                key={item.getKey()}
                item={item}
                data={data}
                start={start}
                isCurrent={data.kind === 'file' && data.file.id === currentFileId}
                people={data.kind === 'file' ? peopleByFile.get(data.file.id) : undefined}
                onMenu={openMenu}
                onActivate={activate}
              />
            )
          })}
        </div>
      </div>
      <RowMenu
        place={menu}
        onClose={() => {
          setMenu(null)
          tree.updateDomFocus()
        }}
        canChange={canChange}
        commands={commands}
        onRename={(item) => {
          // The menu returns the focus first; renaming then takes it.
          setTimeout(() => tree.getItemInstance(item.id).startRenaming(), 0)
        }}
      />
    </>
  )
}

function isDraggedOver(tree: TreeInstance<TreeItem>): boolean {
  return tree.getDragTarget()?.item.getId() === ROOT_ID
}
