/**
 * The one lifecycle of everything that runs. `run` resolves when the service works; `drain` takes no new work and finishes, or
 * puts safely down, what it holds; `stop` lets go of the rest. Each is called at most once, in this order.
 */

export interface Service {
  readonly name: string
  run(): Promise<void>
  drain(): Promise<void>
  stop(): Promise<void>
}

/** Runs the services in order, and ends them in the opposite one. */
export class ServiceGroup {
  readonly #services: readonly Service[]
  readonly #running: Service[] = []
  readonly #onError: (service: string, error: unknown) => void

  constructor(services: readonly Service[], onError: (service: string, error: unknown) => void) {
    this.#services = services
    this.#onError = onError
  }

  async run(): Promise<void> {
    for (const service of this.#services) {
      this.#running.unshift(service)
      await service.run()
    }
  }

  /** Never rejects: one service that fails to end must not keep the others from it. */
  async end(): Promise<void> {
    for (const step of ['drain', 'stop'] as const) {
      for (const service of this.#running) {
        await service[step]().catch((error: unknown) => this.#onError(service.name, error))
      }
    }
  }
}
