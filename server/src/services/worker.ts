/** The background of an instance: loops that look for due work in our own rows (imports, snapshots, pushes). */

import type { Service } from './service.ts'

/** One loop. It begins at once and is woken by events; polling is its net. */
export interface BackgroundWork {
  readonly name: string
  start(): Promise<void> | void
  /** Claims nothing more; resolves when the piece at hand is done or safely put down. */
  drain(): Promise<void>
}

export function createWorkerService(works: readonly BackgroundWork[]): Service {
  return {
    name: 'worker',
    run: async () => {
      for (const work of works) await work.start()
    },
    drain: async () => {
      await Promise.all(works.map((work) => work.drain()))
    },
    stop: async () => {},
  }
}
