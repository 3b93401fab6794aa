'use client'
// The open files and the address. The address names the current file by its path; tabs hold files by id. Changing files is a
// change of the address without a request (history.pushState, which Next follows), so it is immediate and works
// offline; Back and Forward walk through the files. A renamed file keeps its tab and renames the address.

import type { File } from '@skein/protocol'
import { usePathname } from 'next/navigation'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { filePath, projectPath } from '../../lib/paths.ts'
import {
  closeTab,
  keepTabs,
  moveTab,
  noTabs,
  openTab,
  type Tabs,
  tabsStorageKey,
  tabsToText,
  textToTabs,
} from './tabs-model.ts'

/** The path of the file that an address names, or null when it names none. */
export function addressToPath(pathname: string): string | null {
  const [, p, , f, ...segments] = pathname.split('/')
  if (p !== 'p' || f !== 'f' || segments.length === 0 || segments[0] === '') return null
  try {
    return segments.map(decodeURIComponent).join('/')
  } catch {
    return null
  }
}

/** Whether an address shows files; while another view is shown, the tabs stay as they are. */
const isFilesAddress = (pathname: string): boolean => pathname.split('/')[3] !== 'sync'
/** What was seen last when the address was that of another view. */
const elsewhere = Symbol('another view')

/** The file to show when nothing says which: a welcome, a README, or the first text. */
export function firstFile(files: readonly File[]): File | null {
  const isText = ({ kind }: File): boolean => kind === 'text'
  return (
    files.find(({ path }) => path === 'welcome.md') ??
    files.find(({ path }) => /^readme(\.\w+)?$/i.test(path)) ??
    files.find((file) => isText(file) && !file.path.includes('/') && !file.path.startsWith('.')) ??
    files.find(isText) ??
    files[0] ??
    null
  )
}

function readTabs(key: string): Tabs {
  try {
    return textToTabs(localStorage.getItem(key))
  } catch {
    return noTabs
  }
}

export type OpenFiles = {
  tabs: Tabs
  /** The path in the address that no file has. */
  missingPath: string | null
  open: (file: Pick<File, 'id' | 'path'>) => void
  close: (id: string) => void
  move: (id: string, by: -1 | 1) => void
}

/** Tabs of `projectId` for `userId`; `reference` is how the address names the project. Mount it once the files are known. */
export function useTabs(options: {
  projectId: string
  reference: string
  userId: string
  files: readonly File[]
}): OpenFiles {
  const { projectId, reference, userId, files } = options
  const storageKey = tabsStorageKey(userId, projectId)
  const filesById = useMemo(() => new Map(files.map((file) => [file.id as string, file])), [files])
  const [tabs, setTabs] = useState<Tabs>(() => keepTabs(readTabs(storageKey), (id) => filesById.has(id)))
  const [missingPath, setMissingPath] = useState<string | null>(null)
  const pathname = usePathname()
  const isHere = isFilesAddress(pathname)
  const addressPath = addressToPath(pathname)
  /** The path that this hook wrote or read last: any other one in the address is news. */
  const knownPath = useRef<string | null | undefined>(undefined)
  const seenAddress = useRef<string | null | undefined | typeof elsewhere>(undefined)

  const write = useCallback(
    (path: string | null, how: 'pushState' | 'replaceState'): void => {
      knownPath.current = path
      // From inside a drawer, which has an address of its own, the file takes the place of the drawer.
      const isDrawer = window.location.hash !== ''
      window.history[isDrawer ? 'replaceState' : how](
        null,
        '',
        path === null ? `${projectPath(reference)}/f` : filePath(reference, path),
      )
    },
    [reference],
  )
  const open = useCallback(
    (file: Pick<File, 'id' | 'path'>): void => {
      setTabs((known) => openTab(known, file.id))
      setMissingPath(null)
      if (file.path !== knownPath.current) write(file.path, 'pushState')
    },
    [write],
  )

  useEffect(() => {
    try {
      localStorage.setItem(storageKey, tabsToText(tabs))
    } catch {
      // A browser that keeps nothing starts with the first file.
    }
  }, [storageKey, tabs])

  // The address came from elsewhere: the first load, Back, Forward, a link.
  useEffect(() => {
    if (!isHere) {
      if (seenAddress.current !== undefined) seenAddress.current = elsewhere
      knownPath.current = undefined
      return
    }
    // Next tells of a change of the address a moment after it was written; until then the old one is no news.
    if (addressPath === seenAddress.current) return
    const isFirst = seenAddress.current === undefined
    seenAddress.current = addressPath
    if (addressPath === knownPath.current) return
    knownPath.current = addressPath
    const named = addressPath === null ? null : files.find(({ path }) => path === addressPath)
    if (named) {
      setTabs((known) => openTab(known, named.id))
      setMissingPath(null)
    } else if (addressPath !== null) {
      setMissingPath(addressPath)
    } else {
      const last = tabs.current === null ? undefined : filesById.get(tabs.current)
      const start = last ?? (isFirst ? firstFile(files) : null)
      if (!start) return
      setTabs((known) => openTab(known, start.id))
      write(start.path, 'replaceState')
    }
  }, [isHere, addressPath, files, filesById, tabs, write])

  // Somebody made the file that was missing, or renamed the one that is shown.
  const current = tabs.current === null ? undefined : filesById.get(tabs.current)
  const shown = useRef<File | undefined>(undefined)
  useEffect(() => {
    const before = shown.current
    shown.current = current
    const made = missingPath === null || !isHere ? undefined : files.find(({ path }) => path === missingPath)
    if (made) open(made)
    else if (before && current?.id === before.id && current.path !== before.path && knownPath.current === before.path) {
      write(current.path, 'replaceState')
    }
  }, [isHere, missingPath, files, current, open, write])

  const close = useCallback(
    (id: string): void => {
      const next = closeTab(tabs, id)
      setTabs(next)
      if (next.current === tabs.current) return
      const file = next.current === null ? null : filesById.get(next.current)
      write(file?.path ?? null, 'replaceState')
    },
    [tabs, filesById, write],
  )
  const move = useCallback((id: string, by: -1 | 1): void => setTabs((known) => moveTab(known, id, by)), [])

  return { tabs, missingPath, open, close, move }
}
