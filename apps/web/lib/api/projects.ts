// Projects of a workspace, and one of them: reads as queries, changes as mutations that renew what they touch.

import { type CreateProject, listOf, Project, ProjectStatus } from '@skein/protocol'
import { type QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { API, request, send } from './request.ts'

const ProjectPage = listOf(Project)
const pageSize = 100
/** A list that somebody looks at is renewed this often; what is linked to GitHub changes without them. */
const renewalMs = 30_000
const fillingMs = 1_500

const projectsKey = (workspace: string) => ['workspaces', workspace, 'projects'] as const
export const projectKey = (project: string) => ['projects', project] as const

/** Where the refusal of a Git URL waits for the form that shows it. */
export const gitUrlFaultKey = (gitUrl: string) => ['git-url-fault', gitUrl] as const

/** The projects of a workspace (by slug or id), page by page. */
export function useProjects(workspace: string) {
  return useInfiniteQuery({
    queryKey: projectsKey(workspace),
    queryFn: ({ pageParam, signal }) =>
      request(
        ProjectPage,
        'GET',
        `${API}/workspaces/${encodeURIComponent(workspace)}/projects?limit=${pageSize}${
          pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''
        }`,
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: renewalMs,
  })
}

/** One project, by id; asked for again while it is being filled. */
export function useProject(project: string) {
  return useQuery({
    queryKey: projectKey(project),
    queryFn: ({ signal }) => request(Project, 'GET', `${API}/projects/${encodeURIComponent(project)}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'importing' ? fillingMs : false),
  })
}

/** Puts what the device knows of a project in the place of an answer, until there is one. */
export function keepProjectData(client: QueryClient, reference: string, project: Project): void {
  client.setQueryData(projectKey(reference), project, { updatedAt: 0 })
}

/** Committed and pushed facts of a project, and its jobs. */
export function useProjectStatus(project: string, { enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: [...projectKey(project), 'status'],
    queryFn: ({ signal }) =>
      request(ProjectStatus, 'GET', `${API}/projects/${encodeURIComponent(project)}/status`, { signal }),
    enabled,
    refetchInterval: ({ state }) => (state.data && state.data.github.state !== 'not-linked' ? renewalMs : false),
  })
}

/** Creates a project in a workspace: empty, from a template, or by importing a Git URL. */
export function useCreateProject(workspace: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: CreateProject) =>
      request(Project, 'POST', `${API}/workspaces/${encodeURIComponent(workspace)}/projects`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: projectsKey(workspace) }),
  })
}

/** Gives a project another name. */
export function useRenameProject(workspace: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      request(Project, 'PATCH', `${API}/projects/${encodeURIComponent(id)}`, { body: { name } }),
    onSuccess: async (project) => {
      client.setQueryData(projectKey(project.id), project)
      await client.invalidateQueries({ queryKey: projectsKey(workspace) })
    },
  })
}

/** Deletes a project. */
export function useDeleteProject(workspace: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => send('DELETE', `${API}/projects/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: projectsKey(workspace) }),
  })
}
