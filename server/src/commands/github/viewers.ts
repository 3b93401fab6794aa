/** Notes that somebody has a project open, so that GitHub is looked at more often meanwhile (GS1). */
import { type Database, githubLinkQueries, outboxQueries } from '@skein/db'
import type { ProjectId } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import type { ProjectKey } from '../event-hub.ts'
import { viewedEveryMs } from '../sync/look-interval.ts'

/** Open pages are asked every few seconds; a row is written at most this often for each project and node. */
const notedEveryMs = 20_000
const projectsMax = 10_000

export class Viewers {
  readonly #db: Database
  readonly #logFault: (error: unknown) => void
  readonly #noted = new LRUCache<ProjectId, true>({ max: projectsMax, ttl: notedEveryMs })

  constructor(db: Database, logFault: (error: unknown) => void) {
    this.#db = db
    this.#logFault = logFault
  }

  /** Somebody who may read the project has it open. Costs nothing when that was noted a moment ago. */
  readonly note = ({ projectId, workspaceId }: ProjectKey): void => {
    if (this.#noted.has(projectId)) return
    this.#noted.set(projectId, true)
    this.#db
      .inWorkspace(workspaceId, async (tx) => {
        if (await githubLinkQueries.noteViewer(tx, projectId)) {
          await outboxQueries.hastenLook(tx, projectId, viewedEveryMs)
        }
      })
      .catch(this.#logFault)
  }
}
