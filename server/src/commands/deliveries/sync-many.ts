/** Trying many projects again at once, for the admin of the instance: after an outage, or when something was mended for all of them. */
import { type Database, deliveryQueries } from '@skein/db'
import { type ProjectId, Refusal } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'

export interface SyncManyDeps {
  db: Database
  requestSync: (project: ProjectKey) => Promise<unknown>
  logFault: (error: unknown, about?: object) => void
}

const pageSize = 200

/** Asks for a look at each; returns how many were asked. A project that cannot be asked keeps none of the others back. */
export async function syncMany(
  { db, requestSync, logFault }: SyncManyDeps,
  standing: 'failed' | 'held' | 'all',
): Promise<number> {
  let asked = 0
  let after: ProjectId | null = null
  for (;;) {
    const page: deliveryQueries.LinkKey[] = await deliveryQueries.listLinksStanding(
      db.instance,
      standing,
      after,
      pageSize,
    )
    for (const project of page) {
      try {
        await requestSync(project)
        asked += 1
      } catch (error) {
        // Unlinked in this moment.
        if (!(error instanceof Refusal)) logFault(error, { project: project.projectId })
      }
    }
    after = page.at(-1)?.projectId ?? null
    if (page.length < pageSize) return asked
  }
}
