// Installations of the GitHub App in a workspace, the repositories that they reach, and another try for all linked projects.

import { GithubInstall, GithubInstallation, GithubRepositoryChoice, listOf, SyncedAll } from '@skein/protocol'
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { API, request } from './request.ts'

const InstallationList = listOf(GithubInstallation)
const RepositoryPage = listOf(GithubRepositoryChoice)
const repositoriesPerPage = 30

/** Which linked projects another try means. */
export type WhichProjects = 'failed' | 'held' | 'all'

const githubKey = (workspace: string) => ['workspaces', workspace, 'github'] as const
const installationsKey = (workspace: string) => [...githubKey(workspace), 'installations'] as const
const repositoriesKey = (workspace: string) => [...githubKey(workspace), 'repositories'] as const
const pathOf = (workspace: string) => `${API}/workspaces/${encodeURIComponent(workspace)}/github`

/** The installations that the workspace has; for its admins. */
export function useInstallations(workspace: string, { enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: installationsKey(workspace),
    queryFn: ({ signal }) => request(InstallationList, 'GET', `${pathOf(workspace)}/installations`, { signal }),
    select: ({ items }) => items,
    enabled,
  })
}

/** Asks for GitHub's page where the App is installed; with a number, for the one that shows that installation to be one's own. */
export function useBeginInstall(workspace: string) {
  return useMutation({
    mutationFn: (installationId: number | null) =>
      request(GithubInstall, 'POST', `${pathOf(workspace)}/install`, {
        body: installationId === null ? {} : { installationId },
      }),
  })
}

/** Gives an installation to the workspace by its number; only for those who are trusted with all of them. */
export function useClaimInstallation(workspace: string) {
  return useInstallationChange(workspace, (installationId: number) =>
    request(InstallationList, 'POST', `${pathOf(workspace)}/installations`, { body: { installationId } }),
  )
}

/** Takes an installation out of the workspace; on GitHub it stays. */
export function useReleaseInstallation(workspace: string) {
  return useInstallationChange(workspace, (installationId: number) =>
    request(InstallationList, 'DELETE', `${pathOf(workspace)}/installations/${installationId}`),
  )
}

function useInstallationChange(
  workspace: string,
  change: (installationId: number) => Promise<{ items: GithubInstallation[] }>,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (list) => client.setQueryData(installationsKey(workspace), list),
  })
}

/** Repositories of an installation whose names hold `query`, page by page; what was found before stands until the next answer. */
export function useRepositories(workspace: string, installationId: number | null, query: string) {
  return useInfiniteQuery({
    queryKey: [...repositoriesKey(workspace), installationId, query],
    queryFn: ({ pageParam, signal }) =>
      request(
        RepositoryPage,
        'GET',
        `${pathOf(workspace)}/installations/${installationId}/repositories?limit=${repositoriesPerPage}&q=${encodeURIComponent(
          query,
        )}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''}`,
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    enabled: installationId !== null,
    placeholderData: keepPreviousData,
  })
}

/** Makes an empty repository in the organisation of an installation; GitHub may want a person to do it. */
export function useCreateRepository(workspace: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ installationId, name }: { installationId: number; name: string }) =>
      request(GithubRepositoryChoice, 'POST', `${pathOf(workspace)}/installations/${installationId}/repositories`, {
        body: { name },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: repositoriesKey(workspace) }),
  })
}

/** Looks and pushes now in all linked projects of the workspace, or in those that failed or are held. */
export function useSyncWorkspace(workspace: string) {
  return useMutation({
    mutationFn: (state: WhichProjects) => request(SyncedAll, 'POST', `${pathOf(workspace)}/sync`, { body: { state } }),
  })
}
