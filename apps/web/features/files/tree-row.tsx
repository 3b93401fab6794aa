'use client'
// One row of the tree: icon, name, who is in the file, and its menu. While it is renamed the name is a field.

import type { ItemInstance } from '@headless-tree/core'
import { ChevronDown, ChevronRight, Ellipsis } from 'lucide-react'
import type { MouseEvent } from 'react'
import { Icon } from '../../components/icon.tsx'
import type { PersonHere } from '../presence/people.ts'
import { fileIcon } from './file-kinds.ts'
import type { TreeItem } from './tree-model.ts'

/** The part of a name that a rename usually means: without the ending. */
function selectStem(input: HTMLInputElement | null): void {
  if (!input || document.activeElement === input) return
  input.focus()
  const dot = input.value.lastIndexOf('.')
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length)
}

const namesOf = (people: readonly PersonHere[]): string =>
  people.map(({ name, isIdle }) => (isIdle ? `${name}, idle` : name)).join('; ')

export function TreeRow({
  item,
  data,
  start,
  isCurrent,
  people,
  onMenu,
  onActivate,
}: {
  item: ItemInstance<TreeItem>
  data: TreeItem
  /** Distance from the top of the list in pixels. */
  start: number
  isCurrent: boolean
  people: readonly PersonHere[] | undefined
  onMenu: (event: MouseEvent, item: ItemInstance<TreeItem>) => void
  onActivate: (item: ItemInstance<TreeItem>) => void
}) {
  const isRenaming = item.isRenaming()
  const here = people && people.length > 0 ? people : null
  const props = item.getProps()
  const level = item.getItemMeta().level
  return (
    <div
      {...props}
      role="treeitem"
      tabIndex={props.tabIndex}
      aria-label={here ? `${data.name}, here: ${namesOf(here)}` : data.name}
      aria-current={isCurrent || undefined}
      className="tree-row"
      data-selected={item.isSelected() || undefined}
      data-drop={item.isUnorderedDragTarget() || undefined}
      data-match={item.isMatchingSearch() || undefined}
      title={data.path}
      style={{ transform: `translateY(${start}px)`, '--depth': level } as React.CSSProperties}
      onFocus={(event) => {
        // A screen reader may put the focus on any row; keys then mean that row.
        if (event.target === event.currentTarget && !item.isFocused()) item.setFocused()
      }}
      onContextMenu={(event) => onMenu(event, item)}
      onDoubleClick={() => data.kind === 'file' && onActivate(item)}
    >
      {data.kind === 'folder' ? (
        <Icon of={item.isExpanded() ? ChevronDown : ChevronRight} />
      ) : (
        <Icon of={fileIcon(data.file)} />
      )}
      {isRenaming ? (
        <input
          {...item.getRenameInputProps()}
          ref={selectStem}
          className="input tree-rename"
          aria-label={`New name of ${data.name}`}
          onClick={(event) => event.stopPropagation()}
          onDoubleClick={(event) => event.stopPropagation()}
        />
      ) : (
        <span className="clip grow">{data.name}</span>
      )}
      {here && (
        <span className="in" aria-hidden="true">
          {here.map(({ id, name, colour, isIdle }) => (
            <span key={id} className={`dot who-${colour}${isIdle ? ' dot-idle' : ''}`} title={name} />
          ))}
        </span>
      )}
      {!isRenaming && (
        <button
          type="button"
          className="tree-more"
          tabIndex={-1}
          aria-label={`Actions for ${data.name}`}
          onClick={(event) => onMenu(event, item)}
        >
          <Icon of={Ellipsis} size="sm" />
        </button>
      )}
    </div>
  )
}
