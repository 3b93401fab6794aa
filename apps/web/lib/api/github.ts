// The link of a project to its GitHub repository, and what GitHub has confirmed.

import { GithubStatus, type LinkGithub } from '@skein/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { API, request, send } from './request.ts'

const githubKey = (project: string) => ['projects', project, 'github'] as const
const pathOf = (project: string) => `${API}/projects/${encodeURIComponent(project)}/github`

const watchMs = 3_000

/** Where the link stands; `watch` asks again every few seconds while commits are on their way. */
export function useGithubStatus(project: string, { enabled = true, watch = false } = {}) {
  return useQuery({
    queryKey: githubKey(project),
    queryFn: ({ signal }) => request(GithubStatus, 'GET', `${pathOf(project)}/status`, { signal }),
    enabled,
    refetchInterval: ({ state }) => (watch && state.data && state.data.state !== 'not-linked' ? watchMs : false),
  })
}

/** Links a project to a repository that the GitHub App is installed on. */
export function useLinkGithub(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: LinkGithub) => request(GithubStatus, 'POST', `${pathOf(project)}/link`, { body }),
    onSuccess: (status) => client.setQueryData(githubKey(project), status),
  })
}

/** Takes the link away; the repository on GitHub stays as it is. */
export function useUnlinkGithub(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => send('DELETE', `${pathOf(project)}/link`),
    onSuccess: () => client.invalidateQueries({ queryKey: githubKey(project) }),
  })
}

/** Tries to push again now. */
export function useSyncGithub(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => send('POST', `${pathOf(project)}/sync`, { body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: githubKey(project) }),
  })
}
