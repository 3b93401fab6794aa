'use client'
// Which folders stand open, kept per project on this device.

import { useEffect, useState } from 'react'

const keyOf = (projectId: string): string => `skein-folders:${projectId}`

function read(projectId: string): string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(keyOf(projectId)) ?? '[]')
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}

/** The ids of open folders and how to change them; like useState, but they survive a reload. */
export function useExpandedFolders(projectId: string) {
  const state = useState<string[]>(() => read(projectId))
  const [folders] = state
  useEffect(() => {
    try {
      localStorage.setItem(keyOf(projectId), JSON.stringify(folders))
    } catch {
      // A browser that keeps nothing shows the folders closed next time.
    }
  }, [projectId, folders])
  return state
}
