'use client'
// Keeps the app ready to open without the server, once a project is open: registers the worker when the page is at rest, asks
// for a newer one after each time that the server was away (it may have been replaced), and keeps what the device has to
// know of the project.

import type { FileList, Me, Project } from '@skein/protocol'
import { useEffect, useRef, useState } from 'react'
import type { SavedState } from '../facts/saved-machine.ts'
import { forgetProject, keepProject } from '../project/device-projects.ts'
import { canOpenWithoutServer, isPageOutdated, registerShell } from './shell-registration.ts'

/** A list of files that goes on changing is kept this often, in milliseconds. */
const KEEP_AFTER_MS = 1_000

/** True from when the server is known to hand out another build than this page's. */
export function useShell(saved: SavedState['kind']): boolean {
  const [isOutdated, setIsOutdated] = useState(false)
  const isDue = useRef(true)
  useEffect(() => {
    if (saved === 'offline' || saved === 'not-saved') isDue.current = true
    if (saved !== 'saved' || !isDue.current || !canOpenWithoutServer()) return
    isDue.current = false
    void registerShell().catch(() => undefined)
  }, [saved])
  useEffect(() => {
    if (!canOpenWithoutServer()) return
    const look = () => void isPageOutdated().then((isSo) => isSo && setIsOutdated(true))
    navigator.serviceWorker.addEventListener('controllerchange', look)
    return () => navigator.serviceWorker.removeEventListener('controllerchange', look)
  }, [])
  return isOutdated
}

/** Keeps a project on this device as the server last said it is, and no longer than its user may see it. */
export function useKeptProject(me: Me, project: Project, files: FileList | undefined, isLost: boolean): void {
  useEffect(() => {
    if (isLost) void forgetProject(me.id, project.id)
    if (isLost || !files) return
    const later = setTimeout(() => void keepProject(me.id, project, files).catch(() => undefined), KEEP_AFTER_MS)
    return () => clearTimeout(later)
  }, [me.id, project, files, isLost])
}
