/**
 * Runs what stands in the table of jobs. A worker claims the oldest one for the length of a lease and keeps the lease while it works, so the
 * job of a worker that was killed is claimed by another. Waking is by NOTIFY, with polling as the net.
 */
import { type Database, jobQueries, type Tx } from '@skein/db'
import type { JobProgress } from '@skein/protocol'
import type { RecordEvent } from '../commands/event-hub.ts'
import { endJob, type JobEnd } from '../commands/jobs/end-job.ts'

export interface JobRun {
  signal: AbortSignal
  report: (progress: JobProgress) => void
  /** Ends the job as done in the transaction of its work; throws when another worker has it by now. */
  finish: (tx: Tx) => Promise<void>
}

/** Does one job. Resolves with the error a person may mend, or null; rejects on faults, and with the signal's reason when it is aborted. */
export type JobHandler = (job: jobQueries.JobRow, run: JobRun) => Promise<jobQueries.JobError | null>

export interface JobLoopOptions {
  db: Database
  record: RecordEvent
  handlers: Readonly<Record<jobQueries.JobRow['kind'], JobHandler>>
  logFault: (error: unknown, about: object) => void
  /** Jobs at a time. */
  concurrency?: number
  leaseMs?: number
  pollMs?: number
}

/** A job whose worker is killed this often ends: it may be what kills them. */
const attemptsMax = 3
/** People see progress this often; it is a write. */
const reportEveryMs = 400

class Cancelled extends Error {}
class LeaseLost extends Error {}
class Draining extends Error {}

export class JobLoop {
  readonly name = 'jobs'
  readonly #options: Required<JobLoopOptions>
  readonly #running = new Map<Promise<void>, AbortController>()
  #isDraining = false
  #isToldAgain = false
  #unlisten: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #filling: Promise<void> | undefined

  constructor(options: JobLoopOptions) {
    this.#options = { concurrency: 2, leaseMs: 30_000, pollMs: 5_000, ...options }
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#options.db.listen(jobQueries.jobChannel, () => this.#wake())
    this.#timer = setInterval(() => this.#wake(), this.#options.pollMs)
    this.#wake()
  }

  /** Claims nothing more, and puts what runs back into the queue. */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#unlisten?.()
    clearInterval(this.#timer)
    await this.#filling
    for (const controller of this.#running.values()) controller.abort(new Draining())
    await Promise.all(this.#running.keys())
  }

  #wake(): void {
    if (this.#isDraining) return
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
    while (!this.#isDraining && this.#running.size < concurrency) {
      const job = await db.onInstance((tx) => jobQueries.claimJob(tx, leaseMs))
      if (job === null) return
      const controller = new AbortController()
      const work = this.#attempt(job, controller).finally(() => {
        this.#running.delete(work)
        this.#wake()
      })
      this.#running.set(work, controller)
    }
  }

  async #attempt(job: jobQueries.JobRow, controller: AbortController): Promise<void> {
    const { db, logFault, record } = this.#options
    try {
      const end = await this.#run(job, controller)
      if (end === null) await db.onInstance((tx) => jobQueries.requeueJob(tx, job))
      else await db.inWorkspace(job.workspaceId, (tx) => endJob(record, tx, job, end))
    } catch (error) {
      // The lease runs out, and the job is claimed anew.
      logFault(error, { job: job.id })
    }
  }

  /** How the job ended; null: it goes back into the queue. */
  async #run(job: jobQueries.JobRow, controller: AbortController): Promise<JobEnd | null> {
    if (job.cancelRequested) return { state: 'cancelled' }
    if (job.attempts > attemptsMax) return { state: 'failed', error: gaveUp }
    const keeper = this.#keepLease(job, controller)
    try {
      const error = await this.#options.handlers[job.kind](job, {
        signal: controller.signal,
        report: keeper.report,
        finish: async (tx) => {
          if (!(await endJob(this.#options.record, tx, job, { state: 'done' }))) throw new LeaseLost()
        },
      })
      return error === null ? { state: 'done' } : { state: 'failed', error }
    } catch (error) {
      const reason: unknown = controller.signal.aborted ? controller.signal.reason : error
      if (reason instanceof Cancelled) return { state: 'cancelled' }
      if (reason instanceof Draining || reason instanceof LeaseLost) return null
      this.#options.logFault(error, { job: job.id })
      return { state: 'failed', error: fault }
    } finally {
      await keeper.stop()
    }
  }

  /** Extends the lease and writes the newest progress, at most twice a second; aborts the work when it was cancelled or taken away. */
  #keepLease(job: jobQueries.JobRow, controller: AbortController) {
    const { db, leaseMs, logFault } = this.#options
    let latest: JobProgress | null = null
    // Set when the channel tells of the job: it may be a request to cancel.
    let isTold = false
    let lastAt = Date.now()
    let writing: Promise<void> | undefined
    const write = async () => {
      const progress = latest
      latest = null
      isTold = false
      lastAt = Date.now()
      const answer = await db.onInstance((tx) => jobQueries.reportJob(tx, job, leaseMs, progress))
      if (answer === 'cancel-requested') controller.abort(new Cancelled())
      if (answer === 'lost') controller.abort(new LeaseLost())
    }
    const tick = () => {
      const isDue = latest !== null || isTold || Date.now() - lastAt >= leaseMs / 3
      if (!isDue || controller.signal.aborted) return
      writing ??= write()
        .catch((error: unknown) => logFault(error, { job: job.id }))
        .finally(() => {
          writing = undefined
        })
    }
    const timer = setInterval(tick, reportEveryMs)
    const listening = db.listen(jobQueries.jobChannel, (payload) => {
      isTold ||= payload === job.id || payload === null
    })
    listening.catch(() => {})
    return {
      report: (progress: JobProgress) => {
        latest = progress
      },
      stop: async () => {
        clearInterval(timer)
        const unlisten = await listening.catch(() => null)
        unlisten?.()
        await writing
      },
    }
  }
}

const fault: jobQueries.JobError = {
  code: 'internal-error',
  message: 'Something went wrong inside Skein, so this was not finished. Nothing else is affected.',
  hint: 'Try again; if it happens again, tell the operator of this Skein.',
}

const gaveUp: jobQueries.JobError = {
  code: 'internal-error',
  message: `This was interrupted ${attemptsMax} times and given up.`,
  hint: 'Try again; if it happens again, tell the operator of this Skein.',
}
