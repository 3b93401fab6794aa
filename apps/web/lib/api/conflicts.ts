// What changed both here and on GitHub and waits for a person: the open items, one of them, and the decisions.

import { CommitDetail, Conflict, type ConflictChoice, listOf, ResolvedConflicts } from '@skein/protocol'
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { githubUrl, renewGithub } from './github.ts'
import { projectKey } from './projects.ts'
import { API, request, send } from './request.ts'

const conflictsKey = (project: string) => [...projectKey(project), 'conflicts'] as const
const openKey = (project: string) => [...conflictsKey(project), 'open'] as const
const conflictKey = (project: string, id: string) => [...conflictsKey(project), id] as const
const conflictUrl = (project: string, id: string): string => `${githubUrl(project)}/conflicts/${encodeURIComponent(id)}`

const openMax = 200
const ConflictPage = listOf(Conflict)

/** Asks anew for what is open and for the item that is shown. */
export const renewConflicts = (client: QueryClient, project: string): Promise<void> =>
  client.invalidateQueries({ queryKey: conflictsKey(project) })

/** The open items, the first 200; those behind them move up as items are decided. */
export function useOpenConflicts(project: string, { enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: openKey(project),
    queryFn: ({ signal }) =>
      request(ConflictPage, 'GET', `${githubUrl(project)}/conflicts?state=open&limit=${openMax}`, { signal }),
    select: ({ items }) => items,
    enabled,
  })
}

/** One item, open or decided, with its place in the live text as the server last saw it. */
export function useConflict(project: string, id: string | null) {
  return useQuery({
    queryKey: conflictKey(project, id ?? ''),
    queryFn: ({ signal }) => request(Conflict, 'GET', conflictUrl(project, id ?? ''), { signal }),
    enabled: id !== null,
  })
}

/** Asks anew where one item stands in its text, and what stands there. */
export function useRenewConflict(project: string): (id: string) => void {
  const client = useQueryClient()
  return useCallback(
    (id: string) => void client.invalidateQueries({ queryKey: conflictKey(project, id) }),
    [client, project],
  )
}

/** Writes one version into the live file; the item stays open, so that the result can still be edited. */
export function useUseVersion(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, choice }: { id: string; choice: Exclude<ConflictChoice, 'current'> }) =>
      send('POST', `${conflictUrl(project, id)}/use`, { body: { choice } }),
    // Also after a refusal: somebody else may have decided a moment before.
    onSettled: () => renewConflicts(client, project),
  })
}

/** Closes an item with the file as it stands, and answers which version that is. */
export function useResolveConflict(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      request(Conflict, 'POST', `${conflictUrl(project, id)}/resolve`, { body: { choice: 'current' } }),
    onSettled: async () => {
      await Promise.all([renewConflicts(client, project), renewGithub(client, project)])
    },
  })
}

/** Decides all open items alike; those that do not have this choice stay open. */
export function useResolveAllConflicts(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (choice: ConflictChoice) =>
      request(ResolvedConflicts, 'POST', `${githubUrl(project)}/conflicts/resolve-all`, { body: { choice } }),
    onSettled: async () => {
      await Promise.all([renewConflicts(client, project), renewGithub(client, project)])
    },
  })
}

/** What one commit changed. */
export function useCommit(project: string, oid: string, { enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: [...projectKey(project), 'commits', oid],
    queryFn: ({ signal }) =>
      request(CommitDetail, 'GET', `${API}/projects/${encodeURIComponent(project)}/commits/${oid}`, { signal }),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
