'use client'
// The open files. Arrows move along the tabs, Enter shows one, Delete closes it, Shift with an arrow moves it. A deleted
// file keeps its tab, struck through; who else is in a file stands in its tab as dots.

import type { File } from '@skein/protocol'
import { X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Icon } from '../../components/icon.tsx'
import { fileIcon } from '../files/file-kinds.ts'
import { pathToFolder, pathToName } from '../files/tree-model.ts'
import type { PersonHere } from '../presence/people.ts'
import { fileTabId, sheetBodyId } from './editor-ids.ts'

export type Tab = { file: File; isDeleted: boolean; others: readonly PersonHere[] }

/** Names that stand twice get their folder beside them. */
function labelsOf(tabs: readonly Tab[]): Map<string, string> {
  const counts = new Map<string, number>()
  for (const { file } of tabs) counts.set(pathToName(file.path), (counts.get(pathToName(file.path)) ?? 0) + 1)
  return new Map(
    tabs.map(({ file }) => {
      const name = pathToName(file.path)
      const folder = pathToFolder(file.path)
      return [file.id, (counts.get(name) ?? 0) > 1 && folder !== '' ? `${name} · ${folder}` : name]
    }),
  )
}

export function TabStrip({
  tabs,
  currentId,
  onShow,
  onClose,
  onMove,
}: {
  tabs: readonly Tab[]
  currentId: string | null
  onShow: (file: File) => void
  onClose: (id: string) => void
  onMove: (id: string, by: -1 | 1) => void
}) {
  const strip = useRef<HTMLDivElement>(null)
  const labels = labelsOf(tabs)
  useEffect(() => {
    if (currentId === null) return
    document.getElementById(fileTabId(currentId))?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [currentId])

  const onKey = (event: KeyboardEvent, index: number, { file }: Tab): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step !== 0 && event.shiftKey) onMove(file.id, step)
    else if (step !== 0) {
      const next = tabs[(index + step + tabs.length) % tabs.length]
      if (next) document.getElementById(fileTabId(next.file.id))?.focus()
    } else if (event.key === 'Delete') onClose(file.id)
    else return
    event.preventDefault()
  }

  return (
    <div ref={strip} className="tabs only-wide" role="tablist" aria-label="Open files">
      {tabs.map((tab, index) => {
        const { file, isDeleted, others } = tab
        const isCurrent = file.id === currentId
        return (
          <button
            key={file.id}
            type="button"
            id={fileTabId(file.id)}
            className="tab"
            role="tab"
            aria-selected={isCurrent}
            aria-controls={isCurrent ? sheetBodyId : undefined}
            tabIndex={isCurrent || (currentId === null && index === 0) ? 0 : -1}
            title={file.path}
            onClick={(event) => {
              const isClose = event.target instanceof Element && event.target.closest('.tab-close') !== null
              if (isClose) onClose(file.id)
              else onShow(file)
            }}
            onAuxClick={(event) => event.button === 1 && onClose(file.id)}
            onKeyDown={(event) => onKey(event, index, tab)}
          >
            <Icon of={fileIcon(file)} size="sm" />
            <span className={isDeleted ? 'clip removed' : 'clip'}>{labels.get(file.id)}</span>
            {others.map(({ id, name, colour, isIdle }) => (
              <span key={id} className={`dot who-${colour}${isIdle ? ' dot-idle' : ''}`} title={name} />
            ))}
            {/* For the pointer; with the keyboard Delete closes. A tab may hold no button of its own. */}
            <span className="tab-close" title="Close (Delete)" aria-hidden="true">
              <Icon of={X} size="sm" />
            </span>
          </button>
        )
      })}
    </div>
  )
}
