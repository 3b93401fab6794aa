/**
 * What nodes tell each other, through Redis: a channel for each open document (rows, and presence beside them), and one on which all nodes
 * say that they are alive and who is in their projects. Redis keeps nothing: no key is written, so nothing is lost with it and several
 * Skeins may share it, each under a prefix of its own.
 *
 * A node also hears itself on the common channel. That is how it knows that the way to Redis and back is open: when it has not heard itself
 * for some rounds the link is thrown away, whatever the sockets say (Redis may be stopped, or one direction cut off).
 */
import { randomUUID } from 'node:crypto'
import type { DocumentId } from '@skein/protocol'
import type { Clock } from '../../collab/clock.ts'
import type { Relay, RelayListener } from '../../collab/relay.ts'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { decodeMessage, encodeMessage, type Heard, MESSAGE_BYTES_MAX, type Message } from './message.ts'
import { Neighbours } from './neighbours.ts'
import { RedisLink } from './redis-link.ts'

export interface RedisRelayOptions {
  /** `redis://` or `rediss://`, with user and password. */
  url: string
  /** The same for all nodes of one Skein, and no other one's. */
  prefix: string
  log: Log
  metrics: Pick<Metrics, 'counter' | 'counterBy' | 'gauge'>
  clock: Clock
}

const ROUND_MS = 1_000
const UNHEARD_ROUNDS_MAX = 4
const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 5_000
/** A start does not wait longer for Redis, which is needed for nothing but speed. */
const START_MS_MAX = 3_000
const GOODBYE_MS_MAX = 1_000
/** Whoever opens a document does not wait longer for a Redis that hangs; what is missed then, the next look at the heads finds. */
const JOIN_MS_MAX = 500

export class RedisRelay implements Relay {
  readonly #options: RedisRelayOptions
  readonly #node = randomUUID()
  readonly #neighbours = new Neighbours()
  readonly #common: string
  readonly #counts: ReturnType<typeof createCounts>
  readonly #wanted = new Set<DocumentId>()
  /** What the link is subscribed to, what it is to be, and what not any more. */
  readonly #subscribed = new Set<DocumentId>()
  readonly #missing = new Set<DocumentId>()
  readonly #left = new Set<DocumentId>()
  readonly #joins = new Map<DocumentId, (() => void)[]>()
  #listener: RelayListener | null = null
  #link: RedisLink | null = null
  #following: RedisLink | null = null
  #unheardRounds = 0
  #failures = 0
  #isStopped = false
  #cancelRound = () => {}
  #cancelRetry = () => {}

  constructor(options: RedisRelayOptions) {
    this.#options = options
    this.#common = `${options.prefix}:nodes`
    this.#counts = createCounts(options.metrics, () => this.isConnected)
  }

  /** Whether Redis is there now. */
  get isConnected(): boolean {
    return this.#link !== null
  }

  async start(listener: RelayListener): Promise<void> {
    this.#listener = listener
    this.#beginRound()
    await Promise.race([this.#connect(), this.#options.clock.sleep(START_MS_MAX)])
  }

  join(document: DocumentId): Promise<void> {
    this.#wanted.add(document)
    this.#left.delete(document)
    const link = this.#link
    if (!link || this.#subscribed.has(document)) return Promise.resolve()
    this.#missing.add(document)
    const joined = new Promise<void>((resolve) => {
      this.#joins.set(document, [...(this.#joins.get(document) ?? []), resolve])
      this.#follow(link)
    })
    return Promise.race([joined, this.#options.clock.sleep(JOIN_MS_MAX)])
  }

  leave(document: DocumentId): void {
    this.#wanted.delete(document)
    this.#missing.delete(document)
    if (this.#subscribed.has(document)) this.#left.add(document)
    this.#resolveJoin(document)
    if (this.#link) this.#follow(this.#link)
  }

  publish({ document, ...row }: Parameters<Relay['publish']>[0]): void {
    this.#say(this.#channelOf(document), { is: 'row', ...row })
  }

  showPresence(...[document, update, isWhole]: Parameters<Relay['showPresence']>): void {
    this.#say(this.#channelOf(document), { is: 'presence', update, isWhole })
  }

  askPresence(document: DocumentId): void {
    this.#say(this.#channelOf(document), { is: 'presence-asked' })
  }

  showPeople(...[project, people]: Parameters<Relay['showPeople']>): void {
    this.#say(this.#common, { is: 'people', project, people })
  }

  async stop(): Promise<void> {
    this.#say(this.#common, { is: 'goodbye' })
    this.#isStopped = true
    this.#cancelRound()
    this.#cancelRetry()
    const link = this.#link
    this.#link = null
    this.#resolveJoins()
    await link?.close(GOODBYE_MS_MAX)
  }

  #channelOf(document: DocumentId): string {
    return `${this.#options.prefix}:document:${document}`
  }

  #say(channel: string, message: Message): void {
    const bytes = encodeMessage(this.#node, message)
    if (bytes.length > MESSAGE_BYTES_MAX) this.#counts.dropped('too-large')
    else if (!this.#link?.publish(channel, bytes)) this.#counts.dropped(this.#link ? 'full' : 'away')
    else this.#counts.said(message.is)
  }

  /** Once a second: this node is alive; who has not been heard is gone; a link through which nothing comes is of no use. */
  #beginRound(): void {
    this.#cancelRound = this.#options.clock.after(ROUND_MS, () => {
      this.#beginRound()
      for (const node of this.#neighbours.endRound()) this.#listener?.onNodeGone(node)
      if (!this.#link) return
      if (++this.#unheardRounds > UNHEARD_ROUNDS_MAX) this.#link.break(new Error('Redis does not answer'))
      else this.#say(this.#common, { is: 'alive' })
    })
  }

  /** Never rejects. */
  async #connect(): Promise<void> {
    const onMessage = (channel: string, bytes: Uint8Array) => this.#hear(channel, bytes)
    const onBroken = (error: Error) => this.#lose(error)
    const link = await RedisLink.open({ url: this.#options.url, onMessage, onBroken }).catch((error: Error) => error)
    if (link instanceof Error) this.#retry(link)
    else if (this.#isStopped) await link.close(0)
    else await this.#begin(link).catch((error: Error) => link.break(error))
  }

  async #begin(link: RedisLink): Promise<void> {
    this.#subscribed.clear()
    this.#left.clear()
    for (const document of this.#wanted) this.#missing.add(document)
    this.#link = link
    this.#unheardRounds = 0
    await link.subscribe([this.#common])
    await this.#subscribe(link)
    if (this.#link !== link) return
    this.#failures = 0
    this.#options.log.info('Redis is there: nodes hear each other at once')
    this.#counts.connected()
    this.#say(this.#common, { is: 'hello' })
    this.#listener?.onReconnected()
  }

  #lose(error: Error): void {
    this.#link = null
    this.#missing.clear()
    this.#resolveJoins()
    this.#retry(error)
  }

  #retry(error: Error): void {
    if (this.#isStopped) return
    const { clock, log } = this.#options
    if (this.#failures++ === 0) {
      log.warn(
        { err: error },
        'Redis is away: other nodes are heard through the database, some seconds later; trying again',
      )
    }
    const delayMs = Math.min(RETRY_MS_MIN * 2 ** this.#failures, RETRY_MS_MAX) * (0.5 + clock.random() / 2)
    this.#cancelRetry()
    this.#cancelRetry = clock.after(delayMs, () => void this.#connect())
  }

  #follow(link: RedisLink): void {
    if (this.#following !== link) void this.#subscribe(link).catch((error: Error) => link.break(error))
  }

  /** Subscribes to what is missing and leaves what was left, until both are done. */
  async #subscribe(link: RedisLink): Promise<void> {
    this.#following = link
    try {
      while (this.#link === link && this.#missing.size + this.#left.size > 0) {
        const [missing, left] = [[...this.#missing], [...this.#left]]
        this.#missing.clear()
        this.#left.clear()
        for (const document of left) this.#subscribed.delete(document)
        await link.unsubscribe(left.map((document) => this.#channelOf(document)))
        await link.subscribe(missing.map((document) => this.#channelOf(document)))
        if (this.#link !== link) return
        for (const document of missing) this.#land(document)
      }
    } finally {
      if (this.#following === link) this.#following = null
    }
  }

  #land(document: DocumentId): void {
    this.#subscribed.add(document)
    if (!this.#wanted.has(document)) this.#left.add(document)
    this.#resolveJoin(document)
  }

  #resolveJoin(document: DocumentId): void {
    for (const resolve of this.#joins.get(document) ?? []) resolve()
    this.#joins.delete(document)
  }

  #resolveJoins(): void {
    for (const document of [...this.#joins.keys()]) this.#resolveJoin(document)
  }

  #hear(channel: string, bytes: Uint8Array): void {
    const heard = decodeMessage(bytes)
    if (!heard) this.#counts.dropped('malformed')
    else if (heard.node === this.#node) this.#unheardRounds = 0
    else {
      this.#counts.heard(heard.message.is)
      if (heard.message.is !== 'goodbye' && this.#neighbours.hear(heard.node)) {
        // It was taken for gone: it is shown again by itself, and we may have missed what it said.
        this.#say(this.#common, { is: 'hello' })
        this.#listener?.onReconnected()
      }
      this.#tell(channel, heard)
    }
  }

  #tell(channel: string, { node, message }: Heard): void {
    const listener = this.#listener
    const document = channel.slice(this.#channelOf('' as DocumentId).length) as DocumentId
    if (!listener) return
    try {
      // A channel is left a moment after the document.
      const isDocument = message.is === 'row' || message.is === 'presence' || message.is === 'presence-asked'
      if (isDocument && !this.#wanted.has(document)) return
      if (message.is === 'row') {
        const { is: _, ...row } = message
        listener.onRow({ document, ...row })
      } else if (message.is === 'presence') {
        const { update, isWhole } = message
        listener.onPresence({ document, node, update, isWhole })
      } else if (message.is === 'presence-asked') listener.onPresenceAsked(document)
      else if (message.is === 'people') listener.onPeople({ node, project: message.project, people: message.people })
      else if (message.is === 'hello') listener.onPeopleAsked()
      else if (message.is === 'goodbye') {
        this.#neighbours.forget(node)
        listener.onNodeGone(node)
      }
    } catch (error) {
      this.#options.log.error({ err: error }, 'a message of another node could not be taken')
    }
  }
}

const createCounts = ({ counter, counterBy, gauge }: RedisRelayOptions['metrics'], isConnected: () => boolean) => {
  gauge('skein_relay_connected', 'Whether Redis is there (1) or away (0)', () => Number(isConnected()))
  return {
    said: counterBy('skein_relay_said_total', 'Messages to other nodes', 'kind'),
    heard: counterBy('skein_relay_heard_total', 'Messages of other nodes', 'kind'),
    dropped: counterBy('skein_relay_dropped_total', 'Messages that were not sent or not understood', 'why'),
    connected: counter('skein_relay_connected_total', 'Times that Redis was reached'),
  }
}
