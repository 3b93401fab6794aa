/**
 * Takes snapshots of projects that have gone quiet, or have waited long enough (SN1). What is due stands in rows: this
 * loop asks them again and again, remembers only when to look next, and so commits after a restart what a kill left
 * behind.
 */
import { type Database, snapshotQueries } from '@skein/db'
import { type ProjectId, Refusal } from '@skein/protocol'
import type { ProjectKey } from '../commands/event-hub.ts'

export interface SnapshotLoopOptions {
  database: Database
  /** Commits what is uncommitted in a project; rejects when it cannot now. */
  snapshot: (project: ProjectKey) => Promise<unknown>
  /** A project is due when nothing was changed for so long … */
  quietMs: number
  /** … or when its first uncommitted change is so old. */
  maxAgeMs: number
  logFault: (error: unknown, about: object) => void
  /** Snapshots at a time; default 2. */
  concurrency?: number
  /** How often the rows are asked; default: a second, or sooner when `quietMs` is shorter. */
  pollMs?: number
}

/** Projects that are looked at in one round. */
const projectsMax = 1_000
/** A project that was deleted at this very moment is looked at again after this. */
const notReadyRestMs = 30_000
const failureRestMinMs = 1_000
const failureRestMaxMs = 300_000

interface Rest {
  untilMs: number
  failures: number
}

export class SnapshotLoop {
  readonly name = 'snapshots'
  readonly #options: SnapshotLoopOptions
  readonly #rests = new Map<ProjectId, Rest>()
  readonly #running = new Map<ProjectId, Promise<void>>()
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isDraining = false

  constructor(options: SnapshotLoopOptions) {
    this.#options = options
  }

  start(): void {
    const { quietMs, pollMs = Math.min(1_000, Math.max(50, quietMs / 2)) } = this.#options
    this.#timer = setInterval(() => this.#wake(), pollMs)
    this.#wake()
  }

  /** Begins no more snapshots; resolves when those under way are done. */
  async drain(): Promise<void> {
    this.#isDraining = true
    clearInterval(this.#timer)
    await this.#looking
    await Promise.all(this.#running.values())
  }

  #wake(): void {
    if (this.#isDraining) return
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#options.logFault(error, { loop: this.name }))
      .finally(() => {
        this.#looking = undefined
      })
  }

  async #look(): Promise<void> {
    const { database, concurrency = 2 } = this.#options
    const dirty = await snapshotQueries.listDirtyProjects(database.instance, projectsMax)
    this.#forgetAllBut(new Set(dirty.map(({ projectId }) => projectId)))
    for (const project of dirty) {
      if (this.#isDraining || this.#running.size >= concurrency) return
      const rest = this.#rests.get(project.projectId)
      if (this.#running.has(project.projectId) || (rest && rest.untilMs > performance.now())) continue
      const dueInMs = await this.#findDue(project)
      if (dueInMs > 0) this.#rest(project.projectId, dueInMs, rest?.failures ?? 0)
      else this.#take(project)
    }
  }

  /** Milliseconds until the project is due; 0 or less: now. */
  async #findDue(project: ProjectKey): Promise<number> {
    const { database, quietMs, maxAgeMs } = this.#options
    const activity = await database.inWorkspace(
      project.workspaceId,
      (tx) => snapshotQueries.findActivity(tx, project.projectId),
      { readOnly: true },
    )
    if (!activity) return notReadyRestMs
    return Math.min(quietMs - activity.quietMs, maxAgeMs - activity.waitingMs)
  }

  #take(project: ProjectKey): void {
    const { projectId } = project
    const work = this.#attempt(project).finally(() => {
      this.#running.delete(projectId)
      this.#wake()
    })
    this.#running.set(projectId, work)
  }

  async #attempt(project: ProjectKey): Promise<void> {
    try {
      await this.#options.snapshot(project)
      this.#rests.delete(project.projectId)
    } catch (error) {
      // Somebody asked for a snapshot of the same project just now.
      if (error instanceof Refusal && error.code === 'unavailable') {
        this.#rest(project.projectId, failureRestMinMs, 0)
        return
      }
      const failures = (this.#rests.get(project.projectId)?.failures ?? 0) + 1
      this.#rest(project.projectId, Math.min(failureRestMaxMs, failureRestMinMs * 2 ** (failures - 1)), failures)
      this.#options.logFault(error, { project: project.projectId, failures })
    }
  }

  #rest(project: ProjectId, restMs: number, failures: number): void {
    this.#rests.set(project, { untilMs: performance.now() + restMs, failures })
  }

  #forgetAllBut(dirty: ReadonlySet<ProjectId>): void {
    for (const project of this.#rests.keys()) if (!dirty.has(project)) this.#rests.delete(project)
  }
}
