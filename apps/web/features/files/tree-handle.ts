// What the rest of the page asks of the tree: to show a file in it, to give it the focus, to rename a file there.

import type { ItemInstance, TreeInstance } from '@headless-tree/core'
import type { Dispatch, RefObject, SetStateAction } from 'react'
import { fileItemId, folderId, foldersAbove, type TreeItem } from './tree-model.ts'
import type { LatestTree } from './use-headless-tree.ts'

export type TreeHandle = { reveal: (fileId: string) => void; focus: () => void; rename: (fileId: string) => void }

/** Makes the handle of a tree. */
export function treeHandle(
  tree: TreeInstance<TreeItem>,
  latest: LatestTree,
  setExpandedItems: Dispatch<SetStateAction<string[]>>,
  scrollToIndex: RefObject<(index: number) => void>,
): TreeHandle {
  const show = (fileId: string, then?: (row: ItemInstance<TreeItem>) => void): void => {
    const item = latest.current.model.items.get(fileItemId(fileId))
    if (!item) return
    const closed = foldersAbove(item.path).map(folderId)
    setExpandedItems((open) => {
      const missing = closed.filter((id) => !open.includes(id))
      return missing.length > 0 ? [...open, ...missing] : open
    })
    // The row exists once the folders above it have been drawn open.
    requestAnimationFrame(() => {
      tree.rebuildTree()
      const row = tree.getItems().find((candidate) => candidate.getId() === item.id)
      if (!row) return
      scrollToIndex.current(row.getItemMeta().index)
      then?.(row)
    })
  }
  return {
    reveal: (fileId) => show(fileId),
    focus: () => tree.updateDomFocus(),
    rename: (fileId) =>
      show(fileId, (row) => {
        row.setFocused()
        row.startRenaming()
      }),
  }
}
