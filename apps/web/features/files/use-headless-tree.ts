'use client'
// headless-tree as this page uses it: where its rows come from, what its keys do, what may be dragged where. Everything that
// changes is read through `latest`, since the library keeps the handlers it was given first.

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
import type { Dispatch, RefObject, SetStateAction } from 'react'
import type { TreeCommands } from './tree-commands.ts'
import { movedPath, pathToFolder, ROOT_ID, type TreeItem, type TreeModel } from './tree-model.ts'

/** What the tree reads anew at every key and row. */
export type LatestTree = RefObject<{ model: TreeModel; canChange: boolean; commands: TreeCommands }>

/** The folder that something dropped on this item goes to. */
const folderOf = (item: TreeItem): string => (item.kind === 'folder' ? item.path : pathToFolder(item.path))

/** What a key or a menu concerns: the selection when the focus is in it, else the focused item alone. */
export function selectedOrFocused(tree: TreeInstance<TreeItem>): TreeItem[] {
  const focused = tree.getFocusedItem()
  const selected = tree.getSelectedItems()
  return selected.some((item) => item.getId() === focused.getId())
    ? selected.map((item) => item.getItemData())
    : [focused.getItemData()]
}

/** Enter on a row: opens a file with the focus in its text, opens or closes a folder. */
export function activateItem(item: ItemInstance<TreeItem>, commands: TreeCommands): void {
  const data = item.getItemData()
  if (data.kind === 'file') commands.open(data, true)
  else if (item.isExpanded()) item.collapse()
  else item.expand()
}

export function useHeadlessTree({
  latest,
  expandedItems,
  setExpandedItems,
  scrollToIndex,
}: {
  latest: LatestTree
  expandedItems: string[]
  setExpandedItems: Dispatch<SetStateAction<string[]>>
  scrollToIndex: RefObject<(index: number) => void>
}): TreeInstance<TreeItem> {
  return useTree<TreeItem>({
    rootItemId: ROOT_ID,
    state: { expandedItems },
    setExpandedItems,
    getItemName: (item) => item.getItemData()?.name ?? '',
    isItemFolder: (item) => item.getItemData()?.kind === 'folder',
    dataLoader: {
      getItem: (id) => (latest.current.model.items.get(id) ?? latest.current.model.items.get(ROOT_ID)) as TreeItem,
      getChildren: (id) => [...(latest.current.model.children.get(id) ?? [])],
    },
    onPrimaryAction: (item) => {
      const data = item.getItemData()
      if (data.kind === 'file') latest.current.commands.open(data, false)
    },
    scrollToItem: (item) => scrollToIndex.current(item.getItemMeta().index),
    canRename: () => latest.current.canChange,
    onRename: (item, name) => latest.current.commands.rename(item.getItemData(), name),
    canReorder: false,
    canDrag: () => latest.current.canChange,
    canDrop: (items, target) =>
      items.some((item) => movedPath(item.getItemData(), folderOf(target.item.getItemData())) !== null),
    onDrop: (items, target) =>
      latest.current.commands.move(
        items.map((item) => item.getItemData()),
        folderOf(target.item.getItemData()),
      ),
    canDragForeignDragObjectOver: (transfer) => latest.current.canChange && transfer.types.includes('Files'),
    canDropForeignDragObject: (transfer) => latest.current.canChange && transfer.types.includes('Files'),
    onDropForeignDragObject: (transfer, target) =>
      latest.current.commands.dropFiles(transfer, folderOf(target.item.getItemData())),
    hotkeys: {
      customOpen: {
        hotkey: 'Enter',
        isEnabled: (tree) => !tree.isSearchOpen() && !tree.isRenamingItem(),
        preventDefault: true,
        handler: (_, tree) => activateItem(tree.getFocusedItem(), latest.current.commands),
      },
      customTrash: {
        hotkey: 'Delete',
        isEnabled: () => latest.current.canChange,
        handler: (_, tree) => latest.current.commands.trash(selectedOrFocused(tree)),
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
}
