'use client'
// What a member finds at `/`: their workspace. The one that was looked at last comes first; a session that has ended
// shows the landing page instead.

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { ServerState } from '../../components/server-state.tsx'
import { useMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { lastWorkspace } from '../../lib/last-workspace.ts'
import { workspacePath } from '../../lib/paths.ts'
import { Landing } from './landing.tsx'

/** Leads to the last workspace; nothing is drawn on the way. */
export function Home() {
  const me = useMe()
  const router = useRouter()
  const workspaces = me.data?.workspaces
  useEffect(() => {
    if (!workspaces) return
    const last = lastWorkspace()
    const workspace = workspaces.find((candidate) => candidate.slug === last) ?? workspaces[0]
    router.replace(workspace ? workspacePath(workspace.slug) : '/me')
  }, [workspaces, router])

  if (!me.error) return null
  const error = toApiError(me.error)
  return error.status === 401 ? <Landing /> : <ServerState full error={error} onRetry={() => void me.refetch()} />
}
