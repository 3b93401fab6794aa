/** The channels of projects: heard from before anything serves until after everything has ended. */

import type { Service } from './service.ts'

export interface EventListening {
  start(): Promise<void>
  stop(): void
}

export function createEventsService(events: EventListening): Service {
  return {
    name: 'events',
    run: () => events.start(),
    drain: async () => {},
    stop: async () => events.stop(),
  }
}
