// Workspaces: making one, renaming and deleting it. Those that one is in come with `me`.

import { Workspace } from '@skein/protocol'
import { useMutation } from '@tanstack/react-query'
import { useRefreshMe } from './account.ts'
import { API, request, send } from './request.ts'

const pathOf = (workspace: string) => `${API}/workspaces/${encodeURIComponent(workspace)}`

/** Creates a workspace; whoever does so owns it. */
export function useCreateWorkspace() {
  const refreshMe = useRefreshMe()
  return useMutation({
    mutationFn: (name: string) => request(Workspace, 'POST', `${API}/workspaces`, { body: { name } }),
    onSuccess: async () => void (await refreshMe()),
  })
}

/** Gives a workspace another name. */
export function useRenameWorkspace(workspace: string) {
  const refreshMe = useRefreshMe()
  return useMutation({
    mutationFn: (name: string) => request(Workspace, 'PATCH', pathOf(workspace), { body: { name } }),
    onSuccess: async () => void (await refreshMe()),
  })
}

/** Deletes a workspace with everything in it; `name` is its name, typed by a person. */
export function useDeleteWorkspace(workspace: string) {
  const refreshMe = useRefreshMe()
  return useMutation({
    mutationFn: (name: string) => send('DELETE', pathOf(workspace), { body: { name } }),
    onSuccess: async () => void (await refreshMe()),
  })
}
