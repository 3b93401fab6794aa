/**
 * NOTIFY, heard on one connection of its own that is opened again whenever it breaks. A notification sent while it was
 * away is lost, so every listener is called once with `null` after a reconnect: look for yourself. Who only listens
 * would never notice that the other end is gone without a word, so it is asked now and then.
 */

import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { connectionAs } from './pool.ts'

/** Called with the payload, or with `null` when notifications may have been missed. */
export type Listen = (payload: string | null) => void

export interface ListenerOptions {
  /** How often the other end is asked whether it is there; default 30 s. */
  readonly pingEveryMs?: number
  /** A connection that has not answered by then is given up; default 10 s. */
  readonly answerWithinMs?: number
}

export class Listener {
  readonly #address: string
  readonly #pingEveryMs: number
  readonly #answerWithinMs: number
  readonly #listens = new Map<string, Set<Listen>>()
  #client: pg.Client | undefined
  #connecting: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(address: string, options: ListenerOptions = {}) {
    this.#address = address
    this.#pingEveryMs = options.pingEveryMs ?? 30_000
    this.#answerWithinMs = options.answerWithinMs ?? 10_000
  }

  /** Hears a channel until the returned function is called; resolves once the server has acknowledged it. */
  async listen(channel: string, listen: Listen): Promise<() => void> {
    const listens = this.#listens.get(channel) ?? new Set()
    this.#listens.set(channel, listens.add(listen))
    await (this.#client && listens.size > 1 ? undefined : this.#attach(channel))
    return () => {
      listens.delete(listen)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    await this.#connecting?.catch(() => {})
    await this.#client?.end().catch(() => {})
  }

  async #attach(channel: string): Promise<void> {
    await this.#connect()
    await this.#client?.query(`listen ${pg.escapeIdentifier(channel)}`)
  }

  /** Resolves when there is a connection; whoever asks meanwhile waits for the same one. */
  #connect(): Promise<void> {
    if (this.#client) return Promise.resolve()
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #open(): Promise<void> {
    const client = new pg.Client({
      ...connectionAs(this.#address, 'skein_app'),
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: this.#answerWithinMs,
    })
    client.on('error', () => {})
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''))
    await client.connect()
    try {
      for (const channel of this.#listens.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      await client.end()
      throw error
    }
    client.once('end', () => this.#reopen(client))
    this.#client = client
    void this.#watch(client)
  }

  /** Asks the connection until it is gone, and ends it when it does not answer. */
  async #watch(client: pg.Client): Promise<void> {
    while (this.#client === client) {
      await wait(this.#pingEveryMs, undefined, { ref: false })
      // With a question open, `end` waits for no goodbye.
      await client.query('select 1').catch(() => client.end())
    }
  }

  #reopen(lost: pg.Client): void {
    if (this.#client === lost) this.#client = undefined
    if (this.#isClosed) return
    const delayMs = 200 + Math.random() * 800
    this.#retry = setTimeout(() => {
      this.#connect().then(
        () => {
          for (const channel of this.#listens.keys()) this.#tell(channel, null)
        },
        () => this.#reopen(lost),
      )
    }, delayMs)
  }

  #tell(channel: string, payload: string | null): void {
    for (const listen of this.#listens.get(channel) ?? []) listen(payload)
  }
}
