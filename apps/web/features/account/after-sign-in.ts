'use client'
// Where one goes after signing in: to the page that asked for it, to the import of the Git URL that was pasted, into the
// demo project of a new account, or home.

import { Project, type SignedUp } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRefreshMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { gitUrlFaultKey } from '../../lib/api/projects.ts'
import { API, request } from '../../lib/api/request.ts'
import { projectPath, workspacePath } from '../../lib/paths.ts'
import type { SignInIntent } from './intent.ts'

/** Goes on after signing in, or, with what signing up made, after that. */
export function useAfterSignIn(intent: SignInIntent): (signedUp?: SignedUp) => Promise<void> {
  const router = useRouter()
  const refreshMe = useRefreshMe()
  const client = useQueryClient()

  const importFrom = async (gitUrl: string, workspace: { id: string; slug: string }) => {
    const home = workspacePath(workspace.slug)
    try {
      await request(Project, 'POST', `${API}/workspaces/${workspace.id}/projects`, { body: { gitUrl } })
      router.replace(home)
    } catch (error) {
      // The list of projects opens its form with the URL and says what was wrong with it.
      client.setQueryData(gitUrlFaultKey(gitUrl), toApiError(error))
      router.replace(`${home}?${new URLSearchParams({ git: gitUrl })}`)
    }
  }

  return async (signedUp) => {
    const me = await refreshMe()
    const workspace = me.workspaces.find((candidate) => candidate.personal) ?? me.workspaces[0]
    if (intent.next) router.replace(intent.next)
    else if (intent.gitUrl && workspace) await importFrom(intent.gitUrl, workspace)
    else router.replace(signedUp?.projectId ? projectPath(signedUp.projectId) : '/')
  }
}
