'use client'
// What people do to files, for React: the actions of the open project, made once.

import type { FileId } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useToast } from '../../components/toast.tsx'
import { FileActions, type FileFault } from './file-actions.ts'
import { filesKey } from './files-api.ts'

export function useFileActions(options: {
  projectId: string
  me: { id: string; name: string }
  onFault: (fault: FileFault | null) => void
  markDeleted: (ids: readonly FileId[], by: { id: string; name: string }) => void
}): FileActions {
  const { projectId, me, onFault, markDeleted } = options
  const client = useQueryClient()
  const toast = useToast()
  return useMemo(
    () =>
      new FileActions({
        projectId,
        read: () => client.getQueryData(filesKey(projectId)) ?? { items: [], treeVersion: 0 },
        change: (next) => client.setQueryData(filesKey(projectId), next(client.getQueryData(filesKey(projectId)))),
        readAnew: () => void client.invalidateQueries({ queryKey: filesKey(projectId) }),
        tell: toast,
        fail: onFault,
        markDeleted: (ids) => markDeleted(ids, me),
      }),
    [client, projectId, me, onFault, markDeleted, toast],
  )
}
