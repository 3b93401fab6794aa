/**
 * One life of the connection to Redis: a socket that publishes and one that is subscribed. When either breaks both are thrown away, and
 * a new link is made from nothing: what is subscribed then is what is wanted then. So there is no queue of what was said while Redis was
 * away, and nothing of an old connection to clear up.
 */
import { createClient } from '@redis/client'

export interface RedisLinkOptions {
  url: string
  onMessage(channel: string, message: Uint8Array): void
  /** Called once, when nothing goes through this link any more. */
  onBroken(error: Error): void
}

const CONNECT_MS_MAX = 5_000
/** Said, but not taken by Redis yet; what is said beyond it is lost, for the database has it. */
const UNSENT_BYTES_MAX = 32 * 1024 * 1024
const UNSENT_MAX = 20_000
/** Channels of one command. */
const CHANNELS_MAX = 500

const openClient = (url: string) =>
  createClient({
    url,
    // Every Redis and everything that is like it speaks the older protocol.
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    socket: { reconnectStrategy: false, connectTimeout: CONNECT_MS_MAX },
  })

type Client = ReturnType<typeof openClient>

export class RedisLink {
  readonly #publisher: Client
  readonly #subscriber: Client
  readonly #options: RedisLinkOptions
  #unsent = 0
  #unsentBytes = 0
  #isOpen = false
  #isBroken = false

  private constructor(options: RedisLinkOptions) {
    this.#options = options
    this.#publisher = openClient(options.url)
    this.#subscriber = openClient(options.url)
    for (const client of [this.#publisher, this.#subscriber]) client.on('error', (error: Error) => this.break(error))
  }

  /** Rejects when Redis cannot be reached, or does not let us in. */
  static async open(options: RedisLinkOptions): Promise<RedisLink> {
    const link = new RedisLink(options)
    try {
      await Promise.race([
        Promise.all([link.#publisher.connect(), link.#subscriber.connect()]),
        failAfter(CONNECT_MS_MAX, 'Redis does not answer'),
      ])
      if (link.#isBroken) throw new Error('Redis closed the connection')
    } catch (error) {
      link.break(error as Error)
      throw error
    }
    link.#isOpen = true
    return link
  }

  /** Rejects when the link breaks meanwhile. */
  async subscribe(channels: readonly string[]): Promise<void> {
    for (const some of inParts(channels)) await this.#subscriber.subscribe(some, this.#hear, true)
  }

  async unsubscribe(channels: readonly string[]): Promise<void> {
    for (const some of inParts(channels)) await this.#subscriber.unsubscribe(some, this.#hear, true)
  }

  /** False: too much waits for Redis already, or it is away; the message is lost. */
  publish(channel: string, message: Uint8Array): boolean {
    const { length } = message
    if (this.#isBroken || this.#unsent >= UNSENT_MAX || this.#unsentBytes + length > UNSENT_BYTES_MAX) return false
    this.#unsent++
    this.#unsentBytes += length
    const sent = () => {
      this.#unsent--
      this.#unsentBytes -= length
    }
    const bytes = Buffer.from(message.buffer, message.byteOffset, length)
    // A refusal (no right to publish) is a link that is of no use; a broken one is known to be broken.
    this.#publisher.publish(channel, bytes).then(sent, (error: Error) => {
      sent()
      this.break(error)
    })
    return true
  }

  /** Throws both sockets away. */
  break(error: Error): void {
    if (this.#isBroken) return
    this.#isBroken = true
    this.#publisher.destroy()
    this.#subscriber.destroy()
    if (this.#isOpen) this.#options.onBroken(error)
  }

  /** Lets Redis take what was said, for a moment, and ends. */
  async close(withinMs: number): Promise<void> {
    if (this.#isBroken) return
    this.#isBroken = true
    await Promise.race([this.#publisher.close(), failAfter(withinMs, 'late')]).catch(() => {})
    this.#publisher.destroy()
    this.#subscriber.destroy()
  }

  readonly #hear = (message: Buffer, channel: Buffer | string): void => {
    if (!this.#isBroken) this.#options.onMessage(String(channel), message)
  }
}

const inParts = (channels: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(channels.length / CHANNELS_MAX) }, (_, n) =>
    channels.slice(n * CHANNELS_MAX, (n + 1) * CHANNELS_MAX),
  )

const failAfter = (delayMs: number, why: string): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(why)), delayMs).unref())
