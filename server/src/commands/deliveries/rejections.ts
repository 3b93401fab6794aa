/**
 * Counts calls with a wrong signature without letting them work the database: one write in a second at most, whoever floods us. It never stands
 * between GitHub and us: behind a proxy everybody may have the same address, so a right signature always passes.
 */
import { deliveryQueries, type Tx } from '@skein/db'

export interface RejectionsOptions {
  tx: Tx
  logFault: (error: unknown) => void
  everyMs?: number
}

/** Calls that may be turned away in a row before who calls is told to wait. */
const toleratedInARow = 100

export class Rejections {
  readonly #options: Required<RejectionsOptions>
  #uncounted = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: RejectionsOptions) {
    this.#options = { everyMs: 1000, ...options }
  }

  /** Counts one. */
  readonly count = (): void => {
    this.#uncounted += 1
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.everyMs)
    this.#timer.unref()
  }

  /** Whether so many came within this second that an answer need not say more than that. */
  get isFlooded(): boolean {
    return this.#uncounted > toleratedInARow
  }

  /** Writes what was counted. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const counted = this.#uncounted
    this.#uncounted = 0
    if (counted === 0) return
    try {
      await deliveryQueries.countRejections(this.#options.tx, counted)
    } catch (error) {
      this.#options.logFault(error)
    }
  }
}
