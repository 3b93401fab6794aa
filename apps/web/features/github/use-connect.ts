'use client'
// Connecting GitHub: asks where to go, remembers where one was, and goes. The button stays busy until the page is left.

import { useState } from 'react'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { useBeginInstall } from '../../lib/api/installations.ts'
import { leaveForGithub } from './github-return.ts'

/** `path`: where one comes back to; `known`: the installations there are. With a number an installation is shown to be one's own. */
export function useConnect(workspace: string, path: string, known: readonly number[]) {
  const begin = useBeginInstall(workspace)
  const [isLeaving, setLeaving] = useState(false)
  const error: ApiError | null = begin.error ? toApiError(begin.error) : null
  const connect = async (installationId: number | null = null) => {
    const way = await begin.mutateAsync(installationId).catch(() => null)
    if (!way) return
    setLeaving(true)
    leaveForGithub(way.url, { workspace, path, known })
  }
  return {
    connect: (installationId?: number) => void connect(installationId ?? null),
    isBusy: begin.isPending || isLeaving,
    error,
  }
}
