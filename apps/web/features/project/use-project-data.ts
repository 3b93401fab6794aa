'use client'
// What the server says of an open project: its files, its facts, who is here. Read once, then kept up to date by the
// events of the project; after a gap in them everything is read anew.

import { type File, type FileId, type FileList, type Project, ProjectEvent, type ProjectStatus } from '@skein/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { projectKey, useProjectStatus } from '../../lib/api/projects.ts'
import { API } from '../../lib/api/request.ts'
import { type EventStreamState, openEventStream } from '../../lib/event-stream.ts'
import { applyTreeEvent, type DeletedFile, rememberDeleted, type TreeEvent } from '../files/file-list.ts'
import { listFiles } from '../files/files-api.ts'
import type { PresentPerson } from '../presence/people.ts'

const eventTypes: readonly ProjectEvent['type'][] = [
  'files-changed',
  'files-deleted',
  'snapshot',
  'sync',
  'job',
  'project',
  'members',
  'presence',
  'changes',
  'reset',
]

export const filesKey = (projectId: string) => [...projectKey(projectId), 'files'] as const
const statusKey = (projectId: string) => [...projectKey(projectId), 'status'] as const

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
  const client = useQueryClient()
  const files = useFileList(projectId)
  const status = useProjectStatus(projectId)
  const [people, setPeople] = useState<readonly PresentPerson[]>([])
  const [deleted, setDeleted] = useState<ReadonlyMap<string, DeletedFile>>(new Map())
  const [isGone, setIsGone] = useState(false)
  const [stream, setStream] = useState<EventStreamState>('connecting')
  const known = useRef(new Map<string, File>())
  for (const file of files.data?.items ?? []) known.current.set(file.id, file)

  useEffect(() => {
    const patchStatus = (change: (status: ProjectStatus) => ProjectStatus): void => {
      client.setQueryData<ProjectStatus>(statusKey(projectId), (known) => known && change(known))
    }
    const onTree = (event: TreeEvent): void => {
      const list = client.getQueryData<FileList>(filesKey(projectId))
      if (!list) return
      setDeleted((before) => rememberDeleted(before, known.current, event))
      client.setQueryData<FileList>(filesKey(projectId), applyTreeEvent(list, event))
    }
    const readAnew = (): void => {
      void client.invalidateQueries({ queryKey: filesKey(projectId) })
      void client.invalidateQueries({ queryKey: statusKey(projectId) })
    }
    const onEvent = (event: ProjectEvent): void => {
      switch (event.type) {
        case 'files-changed':
        case 'files-deleted':
          onTree(event)
          break
        case 'snapshot': {
          const { oid, message, author, committedAt } = event.commit
          patchStatus((status) => ({ ...status, head: { oid, message, authorName: author.name, committedAt } }))
          void client.invalidateQueries({ queryKey: statusKey(projectId) })
          break
        }
        case 'sync':
          patchStatus((status) => ({ ...status, github: event.github }))
          break
        case 'changes':
          patchStatus((status) => ({ ...status, changedFiles: { ...status.changedFiles, count: event.count } }))
          if (event.head !== client.getQueryData<ProjectStatus>(statusKey(projectId))?.head?.oid) {
            void client.invalidateQueries({ queryKey: statusKey(projectId) })
          }
          break
        case 'presence':
          setPeople(event.people)
          break
        case 'project':
          if (event.state === 'deleted') setIsGone(true)
          else void client.invalidateQueries({ queryKey: ['projects'] })
          break
        case 'members':
          void client.invalidateQueries({ queryKey: ['projects'] })
          break
        case 'reset':
          readAnew()
          break
        case 'job':
          break
      }
    }
    return openEventStream({
      url: `${API}/projects/${projectId}/events`,
      types: eventTypes,
      schema: ProjectEvent,
      onEvent,
      onState: (state) => {
        setStream(state)
        // What happened between reading the lists and this moment, or while the stream was away, is only in the lists. An
        // unchanged list of files costs an empty answer (ETag).
        if (state === 'open') readAnew()
      },
    })
  }, [client, projectId])

  /** Says at once that these files were deleted by oneself; the event that follows says the same. */
  const markDeleted = useCallback((ids: readonly FileId[], by: { id: string; name: string }): void => {
    const files = ids.map((id) => ({ id, path: known.current.get(id)?.path ?? '' }))
    setDeleted((before) => rememberDeleted(before, known.current, { type: 'files-deleted', files, by, treeVersion: 0 }))
  }, [])

  return { files, status, people, deleted, markDeleted, isGone, stream }
}
