/** One push of a project at a time (RP6). Within a process: between processes the claim on the project's commits orders what matters. */
import { type ProjectId, Refusal } from '@skein/protocol'
import { lookEveryMs, turnWaitMs } from './receive-limits.ts'

export class PushTurns {
  readonly #taken = new Set<ProjectId>()
  readonly #waitMs: number

  constructor(waitMs: number = turnWaitMs) {
    this.#waitMs = waitMs
  }

  /** Runs `work` when no other push of the project is being received. Refuses with `unavailable` when that takes too long; rejects when aborted. */
  async take<T>(project: ProjectId, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (const until = performance.now() + this.#waitMs; this.#taken.has(project); ) {
      signal.throwIfAborted()
      if (performance.now() >= until) {
        throw new Refusal('unavailable', 'Another push to this project is being received. Try again in a minute.')
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
    this.#taken.add(project)
    try {
      return await work()
    } finally {
      this.#taken.delete(project)
    }
  }
}
