'use client'
// What a member finds at `/`: their workspace. The one that was looked at last comes first; a session that has ended
// shows the landing page instead. Whoever installed the GitHub App from GitHub's own pages is led to where it is connected.

import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect } from 'react'
import { ServerState } from '../../components/server-state.tsx'
import { useMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { lastWorkspace } from '../../lib/last-workspace.ts'
import { workspacePath, workspaceSettingsPath } from '../../lib/paths.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { Landing } from './landing.tsx'

/** Leads to the last workspace; nothing is drawn on the way. */
export function Home() {
  const me = useMe()
  const router = useRouter()
  const workspaces = me.data?.workspaces
  const query = useSearchParams()
  const isInstalled = query.get('github') === 'installed'
  const installation = query.get('installation')
  useEffect(() => {
    if (!workspaces) return
    const last = lastWorkspace()
    const workspace = workspaces.find((candidate) => candidate.slug === last) ?? workspaces[0]
    if (isInstalled && workspace && isAtLeast(workspace.role, 'admin')) {
      const number = installation === null ? '' : `&installation=${encodeURIComponent(installation)}`
      return router.replace(`${workspaceSettingsPath(workspace.slug)}?github=installed${number}`)
    }
    router.replace(workspace ? workspacePath(workspace.slug) : '/me')
  }, [workspaces, router, isInstalled, installation])

  if (!me.error) return null
  const error = toApiError(me.error)
  return error.status === 401 ? <Landing /> : <ServerState full error={error} onRetry={() => void me.refetch()} />
}
