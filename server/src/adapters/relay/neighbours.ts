/**
 * Which other nodes there are, by what is heard of them. A node is gone when nothing was heard of it for some rounds of our own: rounds
 * and not seconds, so that a node that was itself stopped for a while (a suspended machine, a long pause) does not take all others for
 * gone when it wakes.
 */

/** Every node says that it is alive once in a round of a second. */
export const SILENT_ROUNDS_MAX = 6
/** Nodes that were taken for gone; who is heard after that missed what was said meanwhile. */
const GONE_MAX = 1_000

export class Neighbours {
  readonly #silentRounds = new Map<string, number>()
  readonly #gone = new Set<string>()

  /** True when the node was taken for gone. */
  hear(node: string): boolean {
    this.#silentRounds.set(node, 0)
    return this.#gone.delete(node)
  }

  /** Ends a round; returns who is gone by their silence. */
  endRound(): string[] {
    const silent: string[] = []
    for (const [node, rounds] of this.#silentRounds) {
      if (rounds < SILENT_ROUNDS_MAX) this.#silentRounds.set(node, rounds + 1)
      else silent.push(node)
    }
    for (const node of silent) this.#lose(node)
    return silent
  }

  /** It said goodbye. */
  forget(node: string): void {
    this.#gone.delete(node)
    this.#silentRounds.delete(node)
  }

  #lose(node: string): void {
    this.#silentRounds.delete(node)
    this.#gone.add(node)
    const [oldest] = this.#gone
    if (this.#gone.size > GONE_MAX && oldest !== undefined) this.#gone.delete(oldest)
  }
}
