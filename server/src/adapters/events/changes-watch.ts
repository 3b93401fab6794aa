/**
 * How many files differ from the last commit, for the projects that somebody looks at. Edits become durable on a path
 * that must not wait for anything, in any process, so nobody announces this number: it is looked up, in one query for
 * all watched projects.
 */
import { type Database, projectQueries } from '@skein/db'
import type { EphemeralEvent } from '@skein/protocol'
import type { ProjectKey } from '../../commands/event-hub.ts'

const intervalMs = 1_500

export class ChangesWatch {
  readonly #database: Database
  readonly #watched: () => ProjectKey[]
  readonly #tell: (project: ProjectKey, event: EphemeralEvent) => void
  readonly #onError: (error: unknown) => void
  readonly #counts = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    database: Database,
    watched: () => ProjectKey[],
    tell: (project: ProjectKey, event: EphemeralEvent) => void,
    onError: (error: unknown) => void,
  ) {
    this.#database = database
    this.#watched = watched
    this.#tell = tell
    this.#onError = onError
  }

  /** Looks now and then until `stop`. */
  start(): void {
    this.#timer = setTimeout(async () => {
      await this.look().catch(this.#onError)
      if (this.#timer) this.start()
    }, intervalMs).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Compares each watched project with what was told last, and tells what changed. */
  async look(): Promise<void> {
    const watched = this.#watched()
    const projects = new Map(watched.map((project) => [project.projectId as string, project]))
    for (const id of this.#counts.keys()) if (!projects.has(id)) this.#counts.delete(id)
    if (watched.length === 0) return
    const rows = await projectQueries.countChangedFiles(
      this.#database.instance,
      watched.map(({ projectId }) => projectId),
    )
    for (const { projectId, count } of rows) {
      const project = projects.get(projectId)
      if (!project || this.#counts.get(projectId) === count) continue
      const head = await this.#database.inWorkspace(
        project.workspaceId,
        (tx) => projectQueries.findHeadOid(tx, projectId),
        { readOnly: true },
      )
      this.#counts.set(projectId, count)
      this.#tell(project, { type: 'changes', count, head })
    }
  }
}
