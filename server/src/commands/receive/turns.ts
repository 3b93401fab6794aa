/**
 * Turns of pushes (RP6): one of a project and one of a person at a time, and so many of all together, as each takes disk and keeps a Git process busy.
 * Whoever has no turn waits for it, with a bound for how many wait. Within a process: between processes the claim on the project's commits orders
 * what matters.
 */
import { type ProjectId, Refusal, type UserId } from '@skein/protocol'
import { atOnceMax, atOnceOfPersonMax, lookEveryMs, turnWaitMs } from './receive-limits.ts'

export interface TurnLimits {
  waitMs?: number
  /** Of all together. */
  atOnce?: number
  /** Pushes of a person that wait, or send what they ask for. */
  ofPerson?: number
}

export class PushTurns {
  readonly #taken = new Set<ProjectId | UserId>()
  readonly #admitted = new Map<UserId, number>()
  readonly #limits: Required<TurnLimits>
  #running = 0

  constructor({ waitMs = turnWaitMs, atOnce = atOnceMax, ofPerson = atOnceOfPersonMax }: TurnLimits = {}) {
    this.#limits = { waitMs, atOnce, ofPerson }
  }

  /** Runs all of a push, from its first byte: few of a person, whatever the others do. Refuses with `unavailable` when there are too many. */
  async admit<T>(person: UserId, work: () => Promise<T>): Promise<T> {
    const others = this.#admitted.get(person) ?? 0
    if (others >= this.#limits.ofPerson) {
      throw new Refusal('unavailable', 'Many of your pushes are being received. Try again in a minute.')
    }
    this.#admitted.set(person, others + 1)
    try {
      return await work()
    } finally {
      const left = (this.#admitted.get(person) ?? 1) - 1
      if (left === 0) this.#admitted.delete(person)
      else this.#admitted.set(person, left)
    }
  }

  /** Runs `work` when it is the push's turn. Refuses with `unavailable` when that takes too long; rejects when aborted. */
  async take<T>(project: ProjectId, person: UserId, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (const until = performance.now() + this.#limits.waitMs; ; ) {
      signal.throwIfAborted()
      const obstacle = this.#findObstacle(project, person)
      if (obstacle === null) break
      if (performance.now() >= until) throw new Refusal('unavailable', `${obstacle} Try again in a minute.`)
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
    this.#running++
    this.#taken.add(project).add(person)
    try {
      return await work()
    } finally {
      this.#running--
      this.#taken.delete(project)
      this.#taken.delete(person)
    }
  }

  #findObstacle(project: ProjectId, person: UserId): string | null {
    if (this.#taken.has(project)) return 'Another push to this project is being received.'
    if (this.#taken.has(person)) return 'Another push of yours is being received.'
    return this.#running >= this.#limits.atOnce ? 'Many pushes are being received.' : null
  }
}
