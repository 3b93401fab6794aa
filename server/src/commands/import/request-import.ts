/** Asking for an import: the address is judged while the person waits, everything else is the job's. */
import { jobQueries, type Tx } from '@skein/db'
import { type JobId, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { checkRemoteUrl } from '../../policies/remote-url.ts'
import type { ProjectKey } from '../event-hub.ts'
import { importsPerWorkspaceMax } from './import-limits.ts'

export interface Imports {
  /** Refuses an address that cannot be imported; returns it as it may be shown and kept. */
  checkUrl(gitUrl: string): string
  /** Adds the job that fills the project, in the transaction that makes it. */
  enqueue(tx: Tx, project: ProjectKey, gitUrl: string, actor: Actor): Promise<JobId>
}

/** @param trustedHosts `host:port` of servers that the operator trusts */
export function createImports(trustedHosts: readonly string[]): Imports {
  const checkUrl = (gitUrl: string): string => {
    const checked = checkRemoteUrl(gitUrl, trustedHosts)
    if (checked.ok) return checked.url.href
    throw new Refusal('invalid-url', checked.message, { hint: checked.hint })
  }
  return {
    checkUrl,
    enqueue: async (tx, { projectId, workspaceId }, gitUrl, actor) => {
      if ((await jobQueries.countOpenJobs(tx, workspaceId)) >= importsPerWorkspaceMax) {
        throw new Refusal(
          'rate-limited',
          `${importsPerWorkspaceMax} imports of this workspace are under way already.`,
          {
            hint: 'Wait until one of them is done, or cancel one.',
          },
        )
      }
      const input = { gitUrl: checkUrl(gitUrl) }
      const job = await jobQueries.insertJob(tx, {
        workspaceId,
        projectId,
        kind: 'import',
        input,
        createdBy: actor.userId,
      })
      return job.id
    },
  }
}
