'use client'
// Keeps what the page knows of a project in step with the project's events. After a gap in them everything is read anew.

import { type FileList, ProjectEvent, type ProjectStatus } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { renewConflicts } from '../../lib/api/conflicts.ts'
import { rememberGithub, renewGithub } from '../../lib/api/github.ts'
import { projectKey } from '../../lib/api/projects.ts'
import { API } from '../../lib/api/request.ts'
import { openEventStream } from '../../lib/event-stream.ts'
import { applyTreeEvent, type TreeEvent } from '../files/file-list.ts'
import { filesKey } from '../files/files-api.ts'
import type { PresentPerson } from '../presence/people.ts'

const eventTypes: readonly ProjectEvent['type'][] = [
  'files-changed',
  'files-deleted',
  'snapshot',
  'sync',
  'conflicts',
  'job',
  'project',
  'members',
  'presence',
  'changes',
  'reset',
]

const statusKey = (projectId: string) => [...projectKey(projectId), 'status'] as const

/** What does not go into the cache but to whoever listens. */
export type ProjectListeners = {
  onTree: (event: TreeEvent) => void
  onPeople: (people: readonly PresentPerson[]) => void
  onGone: () => void
}

export function useProjectEvents(projectId: string, listeners: ProjectListeners): void {
  const client = useQueryClient()
  const latest = useRef(listeners)
  latest.current = listeners

  useEffect(() => {
    const patchStatus = (change: (status: ProjectStatus) => ProjectStatus): void => {
      client.setQueryData<ProjectStatus>(statusKey(projectId), (known) => known && change(known))
    }
    const onTree = (event: TreeEvent): void => {
      const list = client.getQueryData<FileList>(filesKey(projectId))
      if (!list) return
      latest.current.onTree(event)
      client.setQueryData<FileList>(filesKey(projectId), applyTreeEvent(list, event))
    }
    const readAnew = (): void => {
      void client.invalidateQueries({ queryKey: filesKey(projectId) })
      void client.invalidateQueries({ queryKey: statusKey(projectId) })
      void renewGithub(client, projectId)
      void renewConflicts(client, projectId)
      // Who one is and what the project is may have been asked for while nobody answered.
      void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
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
          rememberGithub(client, projectId, event.github)
          void renewGithub(client, projectId)
          break
        case 'conflicts':
          patchStatus((status) => ({ ...status, github: { ...status.github, openConflicts: event.open } }))
          void renewConflicts(client, projectId)
          void renewGithub(client, projectId)
          break
        case 'changes':
          patchStatus((status) => ({ ...status, changedFiles: { ...status.changedFiles, count: event.count } }))
          if (event.head !== client.getQueryData<ProjectStatus>(statusKey(projectId))?.head?.oid) {
            void client.invalidateQueries({ queryKey: statusKey(projectId) })
          }
          break
        case 'presence':
          latest.current.onPeople(event.people)
          break
        case 'project':
          if (event.state === 'deleted') latest.current.onGone()
          else void client.invalidateQueries({ queryKey: ['projects'] })
          break
        case 'members':
          void client.invalidateQueries({ queryKey: ['projects'] })
          break
        case 'reset':
          readAnew()
          break
        case 'suggestions':
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
        // What happened between reading the lists and this moment, or while the stream was away, is only in the lists. An
        // unchanged list of files costs an empty answer (ETag).
        if (state === 'open') readAnew()
      },
    })
  }, [client, projectId])
}
