'use client'
// What the server says of an open project: its files, its facts, who is here. Read once, then kept up to date by the
// events of the project.

import type { File, FileId, Project } from '@skein/protocol'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { useProjectStatus } from '../../lib/api/projects.ts'
import { type DeletedFile, rememberDeleted } from '../files/file-list.ts'
import { filesKey, listFiles } from '../files/files-api.ts'
import type { PresentPerson } from '../presence/people.ts'
import { useProjectEvents } from './use-project-events.ts'

/** The files of a project, ordered by path. */
export function useFileList(projectId: string) {
  return useQuery({
    queryKey: filesKey(projectId),
    queryFn: ({ signal }) => listFiles(projectId, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Keeps the cache of a project in step with its events while the page is open. */
export function useProjectData(project: Project) {
  const projectId = project.id
  const files = useFileList(projectId)
  const status = useProjectStatus(projectId)
  const [people, setPeople] = useState<readonly PresentPerson[]>([])
  const [deleted, setDeleted] = useState<ReadonlyMap<string, DeletedFile>>(new Map())
  const [isGone, setIsGone] = useState(false)
  const known = useRef(new Map<string, File>())
  for (const file of files.data?.items ?? []) known.current.set(file.id, file)

  useProjectEvents(projectId, {
    onTree: (event) => setDeleted((before) => rememberDeleted(before, known.current, event)),
    onPeople: setPeople,
    onGone: () => setIsGone(true),
  })

  /** Says at once that these files were deleted by oneself; the event that follows says the same. */
  const markDeleted = useCallback((ids: readonly FileId[], by: { id: string; name: string }): void => {
    const files = ids.map((id) => ({ id, path: known.current.get(id)?.path ?? '' }))
    setDeleted((before) => rememberDeleted(before, known.current, { type: 'files-deleted', files, by, treeVersion: 0 }))
  }, [])

  return { files, status, people, deleted, markDeleted, isGone }
}
