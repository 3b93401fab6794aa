// A job: work that goes on in the server while people look elsewhere. Its page follows it by events, and asks once in a
// while in case they do not come through.

import { Job, type Project } from '@skein/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { openEventStream } from '../event-stream.ts'
import { useProjectStatus } from './projects.ts'
import { API, request, send } from './request.ts'

const pollMs = 5_000

const jobKey = (id: string) => ['jobs', id] as const
const pathOf = (id: string) => `${API}/jobs/${encodeURIComponent(id)}`

/** Whether a job will not change any more. */
export function isEnded(job: Job): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
}

/** One job, kept up to date until it has ended; null asks for nothing. */
export function useJob(id: string | null) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: jobKey(id ?? ''),
    queryFn: ({ signal }) => request(Job, 'GET', pathOf(id ?? ''), { signal }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data && isEnded(state.data) ? false : pollMs),
  })
  const isFollowed = id !== null && query.data !== undefined && !isEnded(query.data)
  useEffect(() => {
    if (!isFollowed || id === null) return
    return openEventStream({
      url: `${pathOf(id)}/events`,
      types: ['job', 'message'],
      schema: Job,
      onEvent: (job) => client.setQueryData(jobKey(id), job),
    })
  }, [isFollowed, id, client])
  return query
}

/** The job that fills a project which is not ready: from the answer that created it, or found again by the project's status. */
export function useImportJob(project: Project) {
  const isReady = project.state === 'ready'
  const known = project.job?.id
  const status = useProjectStatus(project.id, { enabled: !isReady && known === undefined }).data
  return useJob(isReady ? null : (known ?? status?.jobs[0]?.id ?? null))
}

/** Asks a job to stop; what it had made is taken back by the server. */
export function useCancelJob() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => send('DELETE', pathOf(id)),
    onSuccess: async (_, id) => {
      await client.invalidateQueries({ queryKey: jobKey(id) })
      await client.invalidateQueries({ queryKey: ['workspaces'] })
    },
  })
}
