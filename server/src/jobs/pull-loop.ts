/**
 * Goes on with pulls that nobody works on: whoever began them died, or their link was taken away or paused meanwhile. While one is left, its project
 * has no commits. It needs no network, and a pull that cannot be ended is given up after its fifth fault.
 */
import { type Database, pullQueries, syncOperationQueries } from '@skein/db'
import type { ProjectKey } from '../commands/event-hub.ts'
import type { PullOutcome } from '../commands/pull/pull-project.ts'

export interface PullLoopOptions {
  db: Database
  resume: (project: ProjectKey, signal: AbortSignal) => Promise<PullOutcome | null>
  logFault: (error: unknown, about: object) => void
  /** How often the rows are asked; default two seconds. */
  pollMs?: number
}

/** Pulls that are looked at in one round; they are gone on with one after the other. */
const pullsMax = 100

export class PullLoop {
  readonly name = 'pulls'
  readonly #options: PullLoopOptions
  readonly #ending = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined

  constructor(options: PullLoopOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => this.#wake(), this.#options.pollMs ?? 2_000)
    this.#wake()
  }

  /** Stops between two steps of the pull at hand; whoever comes next goes on with it. */
  async drain(): Promise<void> {
    clearInterval(this.#timer)
    this.#ending.abort(new Error('the worker ends'))
    await this.#round
  }

  #wake(): void {
    if (this.#ending.signal.aborted) return
    this.#round ??= this.#look()
      .catch((error: unknown) => this.#options.logFault(error, { loop: this.name }))
      .finally(() => {
        this.#round = undefined
      })
  }

  async #look(): Promise<void> {
    const { db } = this.#options
    for (const project of await pullQueries.listLeftPulls(db.instance, pullsMax)) {
      if (this.#ending.signal.aborted) return
      await this.#goOn(project).catch((error: unknown) => {
        if (!this.#ending.signal.aborted) this.#options.logFault(error, { project: project.projectId })
      })
    }
  }

  async #goOn(project: ProjectKey): Promise<void> {
    const { db, resume } = this.#options
    const { projectId, workspaceId } = project
    const found = await db.inWorkspace(workspaceId, (tx) => pullQueries.findApplyingPull(tx, projectId))
    const outcome = await resume(project, this.#ending.signal)
    const operation = found?.operation ?? null
    if (operation === null || outcome === null || outcome.state === 'busy') return
    await db.inWorkspace(workspaceId, (tx) => syncOperationQueries.endSyncOperation(tx, operation, toEnd(outcome)))
  }
}

/** The outcome as the record of the operation keeps it. */
function toEnd(outcome: Exclude<PullOutcome, { state: 'busy' }>): syncOperationQueries.SyncOutcome {
  switch (outcome.state) {
    case 'merged': {
      const { head, commits, files, insertions, deletions, conflicts } = outcome
      return { state: 'done', error: null, oidAfter: head, commits, files, insertions, deletions, conflicts }
    }
    case 'refused':
      return { state: 'failed', error: outcome.reason }
    case 'failed':
      throw new Error(`a pull that needs no network failed: ${outcome.failure.kind}`)
  }
}
