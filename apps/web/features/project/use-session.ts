'use client'
// The live session of the project that is on the page: opened with it, closed with it, looked at by React.

import type { File } from '@skein/protocol'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { initialSavedState, type SavedState } from '../facts/saved-machine.ts'
import { type OpenableFile, ProjectSession } from './project-session.ts'

/** Documents kept beside the current one with their undo, so that going back to them is immediate. */
const openBesideMax = 7

const never = (): (() => void) => () => undefined
const noVersion = (): number => 0
const noState = (): SavedState => initialSavedState

export function useSession(projectId: string, userId: string): { session: ProjectSession | null; saved: SavedState } {
  const [session, setSession] = useState<ProjectSession | null>(null)
  useEffect(() => {
    const opened = new ProjectSession(projectId, userId)
    setSession(opened)
    return () => {
      opened.close()
      setSession(null)
    }
  }, [projectId, userId])
  useSyncExternalStore(session?.subscribe ?? never, session?.version ?? noVersion, noVersion)
  const saved = useSyncExternalStore(session?.saved.subscribe ?? never, session?.saved.getState ?? noState, noState)
  return { session, saved }
}

/** Which documents are to be open: the current one and those looked at last, as far as their tabs are open. */
export function filesToOpen(
  currentId: string | null,
  recent: readonly string[],
  open: readonly string[],
  fileOf: (id: string) => File | undefined,
): OpenableFile[] {
  const ids = [
    ...(currentId === null ? [] : [currentId]),
    ...recent.filter((id) => id !== currentId && open.includes(id)),
  ]
  return ids.slice(0, openBesideMax + 1).flatMap((id) => {
    const file = fileOf(id)
    return file?.documentId ? [{ id: file.id, path: file.path, documentId: file.documentId }] : []
  })
}
