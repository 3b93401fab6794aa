'use client'
// The tree of files: headless-tree keeps focus, selection, folding, renaming and dragging, and gives rows their roles; only
// the rows in sight are drawn, so that ten thousand files are as quick as ten. Keys: arrows, Enter, F2, Delete, letters
// to find, Shift with arrows to select more. Everything that can be dragged can be moved from the menu too.

import type { ItemInstance, TreeInstance } from '@headless-tree/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type MouseEvent, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { PersonHere } from '../presence/people.ts'
import { RowMenu, type RowMenuPlace } from './row-menu.tsx'
import type { TreeCommands } from './tree-commands.ts'
import { type TreeHandle, treeHandle } from './tree-handle.ts'
import { ROOT_ID, type TreeItem, type TreeModel } from './tree-model.ts'
import { TreeRow } from './tree-row.tsx'
import { useExpandedFolders } from './use-expanded-folders.ts'
import { activateItem, selectedOrFocused, useHeadlessTree } from './use-headless-tree.ts'

const rowsBeyondSight = 12
const rowHeight = { wide: 28, narrow: 44 }

export type FileTreeProps = {
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

export function FileTree(props: FileTreeProps) {
  const { model, projectId, currentFileId, peopleByFile, canChange, isNarrow, commands, handle } = props
  const scroller = useRef<HTMLDivElement>(null)
  const latest = useRef(props)
  latest.current = props
  const [expandedItems, setExpandedItems] = useExpandedFolders(projectId)
  const [menu, setMenu] = useState<RowMenuPlace | null>(null)

  const scrollToIndex = useRef<(index: number) => void>(() => undefined)
  const tree = useHeadlessTree({ latest, expandedItems, setExpandedItems, scrollToIndex })

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

  scrollToIndex.current = (index) => virtualizer.scrollToIndex(index)

  useImperativeHandle(handle, () => treeHandle(tree, latest, setExpandedItems, scrollToIndex), [tree, setExpandedItems])

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
                onActivate={(row) => activateItem(row, commands)}
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
