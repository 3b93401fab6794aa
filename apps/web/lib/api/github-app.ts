// The GitHub App of this instance; for its admin.

import { GithubAppStatus, GithubManifest } from '@skein/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { API, request } from './request.ts'

const appKey = ['admin', 'github', 'app'] as const
const appUrl = `${API}/admin/github/app`
/** Deliveries of the webhook come by themselves; somebody who looks at them wants to see them come. */
const renewalMs = 10_000

/** The App and its webhook. */
export function useGithubApp() {
  return useQuery({
    queryKey: appKey,
    queryFn: ({ signal }) => request(GithubAppStatus, 'GET', appUrl, { signal }),
    refetchInterval: renewalMs,
  })
}

/** What the browser posts to GitHub, to make an App for the person, or for an organisation. */
export function useGithubManifest() {
  return useMutation({
    mutationFn: (organization: string | null) =>
      request(GithubManifest, 'POST', `${appUrl}/manifest`, { body: organization === null ? {} : { organization } }),
  })
}

/** Forgets the App; `name` is its name, typed by a person. */
export function useRemoveGithubApp() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => request(GithubAppStatus, 'DELETE', appUrl, { body: { name } }),
    onSuccess: async (status) => {
      client.setQueryData(appKey, status)
      await client.invalidateQueries({ queryKey: ['instance'] })
    },
  })
}
