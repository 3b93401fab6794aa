/**
 * Watches over the rights of everybody who is connected to this node (GT7). A change of rights announces itself in the transaction that makes
 * it, so no path can forget to; the sockets that it concerns are closed at once, and their clients come back to be judged anew. What may
 * have been missed, because the connection that listens was away, is found by looking at everybody again; so it is now and then in any case.
 */
import { accessQueries, type Database } from '@skein/db'
import type { Log } from '../observability/log.ts'
import type { Clock } from './clock.ts'
import type { CollabMetrics } from './collab-metrics.ts'
import { type Change, findFallen, isConcerned, readChange, type Standing } from './standing.ts'

/** Standings of one look at the database: some milliseconds of it. */
const STANDINGS_PER_LOOK = 500
/** A look that failed is tried again after that time. */
const RETRY_MS = 1_000

export interface AccessWatchDeps {
  db: Pick<Database, 'instance' | 'listen'>
  clock: Clock
  metrics: Pick<CollabMetrics, 'accessCut'>
  log: Log
  /** How often everybody is looked at although nothing was heard. */
  recheckMs: number
}

/** One socket, as the watch knows it. */
export interface Pass {
  /** Grows with every change that is heard. */
  version(): number
  /**
   * Keeps what somebody was just let in by, or into; `since` is the version before it was read from the database. False: it does not hold
   * any more. Rejects when the database cannot be asked.
   */
  keep(standing: Standing, since: number): Promise<boolean>
}

interface Entry {
  cut: () => void
  standings: Map<string, Standing>
}

export class AccessWatch {
  readonly #deps: AccessWatchDeps
  readonly #entries = new Set<Entry>()
  #version = 0
  #looking: Promise<void> | null = null
  #isDue = false
  #cancelTimer = () => {}
  #unlisten = () => {}

  constructor(deps: AccessWatchDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#deps.db.listen(accessQueries.accessChannel, (payload) => this.#hear(payload))
    this.#wait(this.#deps.recheckMs)
  }

  stop(): void {
    this.#unlisten()
    this.#cancelTimer()
    this.#entries.clear()
  }

  /** Begins to watch over a socket, which `cut` closes. Returns what its identity needs, and how to end it. */
  enter(cut: () => void): { pass: Pass; leave: () => void } {
    const entry: Entry = { cut, standings: new Map() }
    this.#entries.add(entry)
    const pass: Pass = {
      version: () => this.#version,
      keep: async (standing, since) => {
        for (let seen = since; seen !== this.#version; ) {
          seen = this.#version
          // Somebody's rights changed while these were read: they are read again, whosever it was.
          if ((await findFallen(this.#deps.db.instance, [standing])).length > 0) return false
        }
        entry.standings.set(keyOf(standing), standing)
        return true
      },
    }
    return { pass, leave: () => void this.#entries.delete(entry) }
  }

  #hear(payload: string | null): void {
    this.#version++
    const change = payload === null ? null : readChange(payload)
    if (change) this.#apply(change)
    else this.#look()
  }

  #apply(change: Change): void {
    for (const entry of this.#entries) {
      if (entry.standings.values().some((standing) => isConcerned(standing, change))) this.#cut(entry, 'changed')
    }
  }

  #cut(entry: Entry, why: 'changed' | 'found'): void {
    if (!this.#entries.delete(entry)) return
    this.#deps.metrics.accessCut(why)
    entry.cut()
  }

  #wait(delayMs: number): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => this.#look())
  }

  /** Looks at everybody; one look at a time, and once more when something was missed meanwhile. */
  #look(): void {
    this.#isDue = true
    this.#looking ??= this.#lookAtAll()
      .then(
        () => this.#wait(this.#deps.recheckMs),
        (error: unknown) => {
          this.#deps.log.warn({ err: error }, 'rights of those who are connected could not be looked at; tried again')
          this.#wait(RETRY_MS)
        },
      )
      .finally(() => {
        this.#looking = null
        if (this.#isDue) this.#look()
      })
  }

  async #lookAtAll(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false
      const all = [...this.#entries].flatMap((entry) => [...entry.standings.values()].map((of) => ({ entry, of })))
      for (let at = 0; at < all.length; at += STANDINGS_PER_LOOK) {
        const part = all.slice(at, at + STANDINGS_PER_LOOK)
        const standings = part.map(({ of }) => of)
        const fallen = new Set(await findFallen(this.#deps.db.instance, standings))
        for (const { entry, of } of part) if (fallen.has(of)) this.#cut(entry, 'found')
      }
    }
  }
}

const keyOf = ({ actor, sessionId, into }: Standing): string =>
  `${actor.userId} ${actor.token?.id ?? sessionId} ${into?.projectId ?? ''}`
