// The link of a project to its GitHub repository: where it stands, how work leaves, what happened, and what keeps a push
// back. Every change is told by the server first; nothing about GitHub is assumed here.

import {
  GithubStatus,
  type LinkGithub,
  listOf,
  type ProjectStatus,
  SecretFinding,
  SyncOperation,
  type UpdateGithub,
} from '@skein/protocol'
import { type QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { projectKey } from './projects.ts'
import { API, request, send } from './request.ts'

const githubKey = (project: string) => [...projectKey(project), 'github'] as const
const standingKey = (project: string) => [...githubKey(project), 'status'] as const
const operationsKey = (project: string) => [...githubKey(project), 'operations'] as const
const findingsKey = (project: string) => [...githubKey(project), 'secret-findings'] as const
/** Where everything about a project and GitHub is asked. */
export const githubUrl = (project: string): string => `${API}/projects/${encodeURIComponent(project)}/github`

const watchMs = 3_000
const operationsPerPage = 20
const OperationPage = listOf(SyncOperation)
const FindingPage = listOf(SecretFinding)

/** Puts a standing that the server has just told where every part of the page looks for it. */
export function rememberGithub(client: QueryClient, project: string, github: GithubStatus): void {
  client.setQueryData<GithubStatus>(standingKey(project), github)
  client.setQueryData<ProjectStatus>([...projectKey(project), 'status'], (known) => known && { ...known, github })
}

/** Asks anew for everything that is known of the link. */
export const renewGithub = (client: QueryClient, project: string): Promise<void> =>
  client.invalidateQueries({ queryKey: githubKey(project) })

/**
 * Where the link stands; `watch` asks again every few seconds, `everyMs` as often as that, where events tell the rest.
 */
export function useGithubStatus(
  project: string,
  { enabled = true, watch = false, everyMs }: { enabled?: boolean; watch?: boolean; everyMs?: number } = {},
) {
  const client = useQueryClient()
  const renewalMs = everyMs ?? (watch ? watchMs : undefined)
  return useQuery({
    queryKey: standingKey(project),
    queryFn: async ({ signal }) => {
      const github = await request(GithubStatus, 'GET', `${githubUrl(project)}/status`, { signal })
      client.setQueryData<ProjectStatus>([...projectKey(project), 'status'], (known) => known && { ...known, github })
      return github
    },
    enabled,
    refetchInterval: ({ state }) =>
      renewalMs !== undefined && state.data && state.data.state !== 'not-linked' ? renewalMs : false,
  })
}

/** Links a project to a repository that the GitHub App is installed on. */
export function useLinkGithub(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: LinkGithub) => request(GithubStatus, 'POST', `${githubUrl(project)}/link`, { body }),
    onSuccess: (status) => rememberGithub(client, project, status),
  })
}

/** Takes the link away; the repository on GitHub stays as it is. */
export function useUnlinkGithub(project: string) {
  return useGithubChange(project, () => send('DELETE', `${githubUrl(project)}/link`))
}

/** Looks at GitHub now, and tries again what was held. */
export function useSyncGithub(project: string) {
  return useGithubChange(project, () => send('POST', `${githubUrl(project)}/sync`, { body: {} }))
}

/** Changes how work leaves, what happens to overlaps, the branch, or pauses it all. */
export function useUpdateGithub(project: string) {
  return useGithubChange(project, (body: UpdateGithub) => send('PATCH', githubUrl(project), { body }))
}

/** Starts another pull request in the place of one that was closed. */
export function useStartPullRequest(project: string) {
  return useGithubChange(project, () => send('POST', `${githubUrl(project)}/pull-request`, { body: {} }))
}

/** Tries once more what failed or was held. */
export function useRetryOperation(project: string) {
  return useGithubChange(project, (id: string) =>
    send('POST', `${githubUrl(project)}/operations/${encodeURIComponent(id)}/retry`, { body: {} }),
  )
}

/** What happened, newest first, page by page; `everyMs` asks again as often as that, where no events tell of it. */
export function useSyncOperations(
  project: string,
  { enabled = true, everyMs = false }: { enabled?: boolean; everyMs?: number | false } = {},
) {
  return useInfiniteQuery({
    queryKey: operationsKey(project),
    queryFn: ({ pageParam, signal }) =>
      request(
        OperationPage,
        'GET',
        `${githubUrl(project)}/operations?limit=${operationsPerPage}${
          pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''
        }`,
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    enabled,
    refetchInterval: everyMs,
  })
}

/** The possible secrets that keep a push back now. */
export function useSecretFindings(project: string, { enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: findingsKey(project),
    queryFn: ({ signal }) => request(FindingPage, 'GET', `${githubUrl(project)}/secret-findings`, { signal }),
    select: ({ items }) => items.filter(({ state }) => state === 'open'),
    enabled,
  })
}

/** Lets one finding pass, with the reason that stays on record. */
export function useReleaseSecret(project: string) {
  return useGithubChange(project, ({ id, note }: { id: string; note: string }) =>
    send('POST', `${githubUrl(project)}/secret-findings/${encodeURIComponent(id)}/release`, {
      body: note === '' ? {} : { note },
    }),
  )
}

/** A change that ends when the page knows how GitHub's side stands after it. */
function useGithubChange<Input = void>(project: string, change: (input: Input) => Promise<void>) {
  const client = useQueryClient()
  return useMutation({ mutationFn: change, onSuccess: () => renewGithub(client, project) })
}
