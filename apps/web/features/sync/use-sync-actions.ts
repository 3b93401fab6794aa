'use client'
// What people can do about the link, for the page and for the palette. Nothing is shown as done before the server has said so;
// a refusal stands on the sync page, wherever it was asked from.

import type { UpdateGithub } from '@skein/protocol'
import { useCallback, useState } from 'react'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { useStartPullRequest, useSyncGithub, useUpdateGithub } from '../../lib/api/github.ts'

/** What is being done now; the change names its fields, so that each control shows its own knot. */
export type SyncWork = { kind: 'check' } | { kind: 'pull-request' } | { kind: 'change'; change: UpdateGithub } | null

export type SyncActions = {
  work: SyncWork
  error: ApiError | null
  check: () => void
  change: (change: UpdateGithub) => void
  startPullRequest: () => void
}

export function useSyncActions(projectId: string): SyncActions {
  const sync = useSyncGithub(projectId).mutateAsync
  const update = useUpdateGithub(projectId).mutateAsync
  const start = useStartPullRequest(projectId).mutateAsync
  const [work, setWork] = useState<SyncWork>(null)
  const [error, setError] = useState<ApiError | null>(null)

  const run = useCallback(async (doing: NonNullable<SyncWork>, act: () => Promise<unknown>): Promise<void> => {
    setWork(doing)
    setError(null)
    try {
      await act()
    } catch (thrown) {
      setError(toApiError(thrown))
    }
    setWork(null)
  }, [])
  return {
    work,
    error,
    check: useCallback(() => void run({ kind: 'check' }, () => sync()), [run, sync]),
    change: useCallback((change) => void run({ kind: 'change', change }, () => update(change)), [run, update]),
    startPullRequest: useCallback(() => void run({ kind: 'pull-request' }, () => start()), [run, start]),
  }
}
