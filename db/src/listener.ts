/**
 * NOTIFY, heard on one connection of its own that is opened again whenever it breaks. A notification sent while it was
 * away is lost, so every listener is called once with `null` after a reconnect: look for yourself.
 */

import pg from 'pg'
import { connectionAs } from './pool.ts'

/** Called with the payload, or with `null` when notifications may have been missed. */
export type Listen = (payload: string | null) => void

export class Listener {
  readonly #address: string
  readonly #listens = new Map<string, Set<Listen>>()
  #client: pg.Client | undefined
  #connecting: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(address: string) {
    this.#address = address
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
    if (!this.#client) await this.#connect()
    await this.#client?.query(`listen ${pg.escapeIdentifier(channel)}`)
  }

  #connect(): Promise<void> {
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
    })
    client.on('error', () => {})
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''))
    await client.connect()
    client.once('end', () => this.#reopen(client))
    this.#client = client
    for (const channel of this.#listens.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
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
