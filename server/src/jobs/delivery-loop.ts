/**
 * Works on deliveries until their work is durable. Waking is by NOTIFY and by the time of the next one; what a killed worker left is taken up when its
 * lease ends. Once an hour one node asks GitHub for those that did not arrive, and sweeps what is old of them and of sync.
 */
import { type Database, deliveryQueries, instanceQueries } from '@skein/db'
import type { DeliveryOutcome } from '../commands/deliveries/work-delivery.ts'

export interface DeliveryLoopOptions {
  db: Database
  work: (delivery: deliveryQueries.DeliveryRow, signal: AbortSignal) => Promise<DeliveryOutcome>
  recoverMissed: (signal: AbortSignal) => Promise<number>
  /** Told of each delivery that was worked on, for the metrics. */
  onWorked?: (outcome: DeliveryOutcome['outcome'] | 'failed') => void
  logFault: (error: unknown, about: object) => void
  concurrency?: number
  /** A delivery whose worker was killed is worked on again after this. */
  leaseMs?: number
  pollMs?: number
  /** Old rows that go in one transaction. */
  sweptAtOnce?: number
  /** How often somebody looks whether the hour is over. */
  sweepEveryMs?: number
}

/** The first wait after a failure; it doubles up to an hour. */
const retryMsMin = 5_000
const retryMsMax = 3_600_000

export class DeliveryLoop {
  readonly name = 'deliveries'
  readonly #options: Required<DeliveryLoopOptions>
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  #unlisten: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #sweeper: NodeJS.Timeout | undefined
  #filling: Promise<void> | undefined
  #sweeping: Promise<void> | undefined
  #isToldAgain = false

  constructor(options: DeliveryLoopOptions) {
    this.#options = {
      concurrency: 4,
      leaseMs: 60_000,
      pollMs: 15_000,
      sweepEveryMs: 5 * 60_000,
      sweptAtOnce: 5000,
      onWorked: () => {},
      ...options,
    }
  }

  async start(): Promise<void> {
    const { db, sweepEveryMs } = this.#options
    this.#unlisten = await db.listen(deliveryQueries.deliveryChannel, () => this.#wake())
    this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs)
    this.#sweep()
    this.#wake()
  }

  /** Claims nothing more, and puts down what runs: a delivery that is half done is done again. */
  async drain(): Promise<void> {
    this.#stop.abort(new Error('draining'))
    this.#unlisten?.()
    clearTimeout(this.#timer)
    clearInterval(this.#sweeper)
    await Promise.all([this.#filling, this.#sweeping])
    await Promise.all(this.#running)
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return
    this.#isToldAgain = true
    this.#filling ??= this.#fill()
      .catch((error: unknown) => this.#options.logFault(error, { loop: this.name }))
      .finally(() => {
        this.#filling = undefined
        if (this.#isToldAgain) this.#wake()
      })
  }

  async #fill(): Promise<void> {
    const { db, concurrency, leaseMs } = this.#options
    this.#isToldAgain = false
    clearTimeout(this.#timer)
    try {
      while (!this.#stop.signal.aborted && this.#running.size < concurrency) {
        const delivery = await db.onInstance((tx) => deliveryQueries.claimDelivery(tx, leaseMs))
        if (delivery === null) break
        const work = this.#work(delivery).finally(() => {
          this.#running.delete(work)
          this.#wake()
        })
        this.#running.add(work)
      }
    } finally {
      const sleepMs = await this.#sleepMs()
      if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#wake(), sleepMs)
    }
  }

  async #sleepMs(): Promise<number> {
    const { db, pollMs } = this.#options
    const next = await deliveryQueries.nextDeliveryAt(db.instance).catch(() => null)
    if (next === null) return pollMs
    return Math.min(Math.max(next.getTime() - Date.now(), 50), pollMs)
  }

  async #work(delivery: deliveryQueries.DeliveryRow): Promise<void> {
    const { db, work, onWorked, logFault } = this.#options
    const postpone = (afterMs: number, reason: string) =>
      deliveryQueries.postponeDelivery(db.instance, delivery.id, afterMs, reason).catch(() => {})
    try {
      const result = await work(delivery, this.#stop.signal)
      if (result.outcome === 'later') await postpone(waitMs(delivery.attempts), result.reason)
      onWorked(result.outcome)
    } catch (error) {
      const isDraining = this.#stop.signal.aborted
      if (!isDraining) {
        logFault(error, { delivery: delivery.id })
        onWorked('failed')
      }
      await postpone(isDraining ? 0 : waitMs(delivery.attempts), isDraining ? 'The worker was stopped.' : faultWords)
    }
  }

  #sweep(): void {
    const { db, recoverMissed, logFault, sweptAtOnce } = this.#options
    this.#sweeping ??= (async () => {
      if (!(await db.onInstance((tx) => instanceQueries.claimHour(tx, 'delivery_sweep')))) return
      // Each in a transaction of its own, until nothing is left: more may come in an hour than one takes.
      for (const sweep of [deliveryQueries.sweepDeliveries, deliveryQueries.sweepSync]) {
        while (!this.#stop.signal.aborted && (await db.onInstance((tx) => sweep(tx, sweptAtOnce))) >= sweptAtOnce);
      }
      await recoverMissed(this.#stop.signal)
    })()
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) logFault(error, { loop: this.name })
      })
      .finally(() => {
        this.#sweeping = undefined
      })
  }
}

const faultWords = 'Something went wrong inside Skein; it is in the log.'

const waitMs = (attempts: number): number => Math.min(retryMsMax, retryMsMin * 2 ** Math.min(attempts - 1, 20))
