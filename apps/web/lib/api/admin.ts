// What sync does in all workspaces, and the calls of GitHub's webhook; for the admin of the instance.

import { AdminOperation, GithubDelivery, listOf, SyncedMany } from '@skein/protocol'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import type { WhichProjects } from './installations.ts'
import { API, request } from './request.ts'

const adminUrl = `${API}/admin/github`
const operationsKey = ['admin', 'github', 'operations'] as const
const deliveriesKey = ['admin', 'github', 'deliveries'] as const
const OperationPage = listOf(AdminOperation)
const DeliveryPage = listOf(GithubDelivery)
const perPage = 20
const renewalMs = 10_000

export type OperationState = AdminOperation['state']

const pageQuery = (state: string | null, cursor: string): string =>
  `?limit=${perPage}${state === null ? '' : `&state=${state}`}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`

/** Operations of all workspaces in one state, or in any; newest first. */
export function useAdminOperations(state: OperationState | null) {
  return useInfiniteQuery({
    queryKey: [...operationsKey, state],
    queryFn: ({ pageParam, signal }) =>
      request(OperationPage, 'GET', `${adminUrl}/operations${pageQuery(state, pageParam)}`, { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: renewalMs,
  })
}

/** Tries the project of an operation again. */
export function useRetryAdminOperation() {
  return useAdminChange((id: string) =>
    request(SyncedMany, 'POST', `${adminUrl}/operations/${encodeURIComponent(id)}/retry`),
  )
}

/** Tries all projects again whose last try failed, or that are held, or all that are linked. */
export function useSyncInstance() {
  return useAdminChange((state: WhichProjects) => request(SyncedMany, 'POST', `${adminUrl}/sync`, { body: { state } }))
}

function useAdminChange<Input>(change: (input: Input) => Promise<{ projects: number }>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: operationsKey }),
  })
}

/** Calls of GitHub's webhook, newest first. */
export function useDeliveries() {
  return useInfiniteQuery({
    queryKey: deliveriesKey,
    queryFn: ({ pageParam, signal }) =>
      request(DeliveryPage, 'GET', `${adminUrl}/deliveries${pageQuery(null, pageParam)}`, { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: renewalMs,
  })
}
