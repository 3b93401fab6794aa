'use client'
// Where one goes after signing in: to the page that asked for it, to the import of the Git URL that was pasted, or home.

import { Project } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRefreshMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { gitUrlFaultKey, listProjects } from '../../lib/api/projects.ts'
import { API, request } from '../../lib/api/request.ts'
import { projectPath, workspacePath } from '../../lib/paths.ts'
import type { SignInIntent } from './intent.ts'

/** Goes on after signing in; `isNew` lands in the demo project, the first thing a new account has. */
export function useAfterSignIn(intent: SignInIntent): (isNew: boolean) => Promise<void> {
  const router = useRouter()
  const refreshMe = useRefreshMe()
  const client = useQueryClient()
  return async (isNew) => {
    const me = await refreshMe()
    const workspace = me.workspaces.find((candidate) => candidate.personal) ?? me.workspaces[0]
    if (intent.next || !workspace) return router.replace(intent.next ?? '/')
    const home = workspacePath(workspace.slug)
    if (intent.gitUrl) {
      try {
        await request(Project, 'POST', `${API}/workspaces/${workspace.id}/projects`, {
          body: { gitUrl: intent.gitUrl },
        })
        return router.replace(home)
      } catch (error) {
        // The project list opens its form with the URL and says what was wrong with it.
        client.setQueryData(gitUrlFaultKey(intent.gitUrl), toApiError(error))
        return router.replace(`${home}?${new URLSearchParams({ git: intent.gitUrl })}`)
      }
    }
    const demo = isNew ? (await listProjects(workspace.id)).find((project) => project.source === 'template') : undefined
    return router.replace(demo ? projectPath(demo.id) : '/')
  }
}
