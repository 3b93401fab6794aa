/**
 * Notes that somebody has a project open, so that GitHub is looked at more often meanwhile (GS1). The page has read when that will be before it was
 * noted; so it is told anew.
 */
import { type Database, githubLinkQueries, outboxQueries } from '@skein/db'
import type { ProjectId } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { viewedEveryMs } from '../sync/look-interval.ts'
import { tellStatus } from './link-project.ts'
import { lockLink } from './lock-link.ts'

/** Open pages are asked every few seconds; a row is written at most this often for each project and node. */
const notedEveryMs = 20_000
const projectsMax = 10_000

export class Viewers {
  readonly #db: Database
  readonly #record: RecordEvent
  readonly #logFault: (error: unknown) => void
  readonly #noted = new LRUCache<ProjectId, true>({ max: projectsMax, ttl: notedEveryMs })

  constructor(db: Database, record: RecordEvent, logFault: (error: unknown) => void) {
    this.#db = db
    this.#record = record
    this.#logFault = logFault
  }

  /** Somebody who may read the project has it open. Costs nothing when that was noted a moment ago. */
  readonly note = (project: ProjectKey): void => {
    if (this.#noted.has(project.projectId)) return
    this.#noted.set(project.projectId, true)
    this.#write(project).catch(this.#logFault)
  }

  async #write({ projectId, workspaceId }: ProjectKey): Promise<void> {
    const isSooner = await this.#db.inWorkspace(
      workspaceId,
      async (tx) =>
        (await githubLinkQueries.noteViewer(tx, projectId)) &&
        (await outboxQueries.hastenLook(tx, projectId, viewedEveryMs)),
    )
    if (!isSooner) return
    await this.#db.inWorkspace(workspaceId, async (tx) => {
      if ((await lockLink(tx, projectId)) !== null) await tellStatus(this.#record, tx, { projectId, workspaceId })
    })
  }
}
