/**
 * One node of the live documents: everything but HTTP, WebSockets and who is let in. Its time, its chance, its store and its way to other
 * nodes come from outside, so that a test builds two of them in one process, over one store in memory, and turns the clock by hand.
 */
import type { Hocuspocus } from '@hocuspocus/server'
import { CLOSE, type DocumentId } from '@skein/protocol'
import type { EventHub } from '../commands/event-hub.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Doorkeeper } from './authentication.ts'
import type { Clock } from './clock.ts'
import { type CollabMetrics, createCollabMetrics } from './collab-metrics.ts'
import { COLLAB_TIMES, type CollabTimes } from './collab-times.ts'
import { DocumentLog } from './document-log.ts'
import type { DocumentStore } from './document-store.ts'
import { EditTrace } from './edit-trace.ts'
import { Gate } from './gate.ts'
import { type CollabContext, createHocuspocus } from './hocuspocus.ts'
import { Housekeeping } from './housekeeping.ts'
import { NodeLimits } from './limits.ts'
import type { OpenDocument } from './open-document.ts'
import { ProjectPresence } from './presence.ts'
import { NO_RELAY, type Relay } from './relay.ts'
import { RowExchange } from './row-exchange.ts'
import { SharedPresence } from './shared-presence.ts'
import type { CollabSocket } from './socket.ts'
import { Strangers } from './strangers.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface CollabNodeDeps {
  store: DocumentStore
  /** Default: there are no other nodes. */
  relay?: Relay
  clock: Clock
  events: Pick<EventHub, 'tell'>
  log: Log
  metrics: Metrics
  /** Whether this node may write now: without a relay another one would not hear of it. Default: always. */
  mayCommit?: () => boolean
  failpoints?: Failpoints
  times?: Partial<CollabTimes>
  /** What documents without connections may take in memory together, in bytes; default: 256 MiB. */
  idleBytesMax?: number
}

/** For tests that break things; the product sets none. */
export interface Failpoints {
  /** Runs before each commit of the log. */
  beforeCommit?: () => Promise<void>
  /** Runs after each commit, before anybody hears of it. */
  afterCommit?: () => Promise<void>
  /** The control experiment: acknowledgements leave from memory, as without a gate. */
  acknowledgesFromMemory?: boolean
}

/** One socket of a node, as its transport sees it. */
export interface NodeConnection {
  readonly gate: Gate
  receive(frame: Uint8Array): void
  /** The socket has closed. */
  end(code: number, reason: string): void
}

/** Hocuspocus wants one for each socket; nothing of ours looks at it, and they are heavy. */
const ANY_REQUEST = new Request('http://localhost')
/** Of all sockets together, before their documents are there. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024
/** Longest wait for the store at the end; what is not committed then was never acknowledged. */
const SETTLE_MS_MAX = 15_000

export class CollabNode {
  readonly open = new Map<DocumentId, OpenDocument>()
  readonly gates = new Set<Gate>()
  readonly strangers: Strangers
  readonly metrics: CollabMetrics
  readonly times: CollabTimes
  readonly documentLog: DocumentLog
  readonly exchange: RowExchange
  readonly hocuspocus: Hocuspocus<CollabContext>
  readonly presence: ProjectPresence
  readonly #deps: CollabNodeDeps
  readonly #relay: Relay
  readonly #sharedPresence: SharedPresence
  readonly #housekeeping: Housekeeping
  readonly #limits: NodeLimits
  readonly #trace: EditTrace

  constructor(deps: CollabNodeDeps) {
    this.#deps = deps
    const waiting = new WaitingRoom(WAITING_BYTES_MAX)
    this.strangers = new Strangers(waiting)
    this.#limits = new NodeLimits(deps.clock, waiting)
    this.#trace = new EditTrace(deps.log)
    const { store, relay = NO_RELAY, clock, events, log } = deps
    const { open, gates } = this
    this.#relay = relay
    this.times = { ...COLLAB_TIMES, ...deps.times }
    this.metrics = this.#createMetrics()
    const { metrics, times } = this
    this.documentLog = this.#createLog()
    const { documentLog } = this
    this.exchange = new RowExchange({ relay, store, documentLog, open, times, clock, metrics, log })
    const { exchange } = this
    this.#sharedPresence = new SharedPresence({ relay, open, clock, metrics })
    const onOpened = (document: OpenDocument) => this.#sharedPresence.opened(document)
    const mayUnload = (document: OpenDocument) => this.#housekeeping.mayUnload(document)
    this.hocuspocus = createHocuspocus({ store, documentLog, exchange, open, onOpened, mayUnload, clock, metrics, log })
    const { hocuspocus } = this
    this.presence = new ProjectPresence({ events, gates, relay, clock })
    const { idleBytesMax } = deps
    this.#housekeeping = new Housekeeping({
      hocuspocus,
      open,
      gates,
      documentLog,
      store,
      times,
      idleBytesMax,
      clock,
      log,
    })
  }

  async run(): Promise<void> {
    await this.#relay.start({
      onRow: (row) => this.exchange.onRow(row),
      onReconnected: () => {
        void this.exchange.compareHeads()
        this.#sharedPresence.onReconnected()
        this.presence.onPeopleAsked()
      },
      onPresence: (presence) => this.#sharedPresence.onPresence(presence),
      onPresenceAsked: (document) => this.#sharedPresence.onPresenceAsked(document),
      onPeople: (people) => this.presence.onPeople(people),
      onPeopleAsked: () => this.presence.onPeopleAsked(),
      onNodeGone: (node) => {
        this.#sharedPresence.onNodeGone(node)
        this.presence.onNodeGone(node)
      },
    })
    this.exchange.start()
    this.#sharedPresence.start()
    this.#housekeeping.start()
  }

  /** Takes a socket from the network address `from`; `identity` lets its people in. */
  connect(socket: CollabSocket, identity: Doorkeeper, from: string): NodeConnection {
    const { clock, failpoints } = this.#deps
    const gate = new Gate(socket, identity, {
      log: this.documentLog,
      metrics: this.metrics,
      trace: this.#trace,
      clock,
      holds: !failpoints?.acknowledgesFromMemory,
      limits: this.#limits,
      onPresence: ({ facts }) => {
        this.strangers.leave(gate)
        this.presence.tell(facts)
      },
    })
    const client = this.hocuspocus.handleConnection(gate, ANY_REQUEST, { gate })
    this.gates.add(gate)
    this.strangers.enter(gate, from)
    gate.start(client.handleMessage, () => {
      client.lastMessageReceivedAt = Date.now()
    })
    return {
      gate,
      receive: (frame) => gate.receive(frame),
      end: (code, reason) => {
        this.gates.delete(gate)
        gate.end()
        this.strangers.end(gate)
        client.handleClose({ code, reason })
      },
    }
  }

  /** Closes the sockets, spread over some time, and waits until all of the log is committed. */
  async drain(): Promise<void> {
    const { clock, log } = this.#deps
    const closing = [...this.gates].map(async (gate) => {
      await clock.sleep(clock.random() * this.times.spreadMs)
      gate.close(CLOSE.goingAway, 'the server restarts')
    })
    await Promise.all(closing)
    await Promise.race([this.documentLog.settleAll(), clock.sleep(SETTLE_MS_MAX)])
    await this.#housekeeping.saveTexts().catch((error: unknown) => log.warn({ err: error }, 'texts were not kept'))
  }

  async stop(): Promise<void> {
    this.#housekeeping.stop()
    this.exchange.stop()
    this.#sharedPresence.stop()
    this.presence.stop()
    for (const gate of this.gates) gate.terminate()
    await this.#relay.stop()
  }

  #createMetrics(): CollabMetrics {
    return createCollabMetrics(this.#deps.metrics, {
      openDocuments: () => this.open.size,
      openBytes: () => [...this.open.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      queuedBytes: () => this.documentLog.queuedBytes,
      queuedUpdates: () => this.documentLog.queuedUpdates,
    })
  }

  #createLog(): DocumentLog {
    const { store, failpoints, clock, log, mayCommit = () => true } = this.#deps
    return new DocumentLog({
      commit: async (items) => {
        await failpoints?.beforeCommit?.()
        if (!mayCommit()) throw new Error('This node may not write: another one may be serving')
        const landings = await store.commit(items)
        await failpoints?.afterCommit?.()
        return landings
      },
      onCommit: (row) => {
        const frames = this.open.get(row.document)?.deliver(row) ?? 0
        this.metrics.delivered(frames)
        if (frames > 0) for (const { at } of row.updates) if (at) this.metrics.fannedOut((clock.now() - at) / 1000)
        this.exchange.publish(row)
      },
      onAstray: (document) => this.open.get(document)?.distrust(),
      onRowsLost: (document) => this.exchange.onRowsLost(document),
      onGap: (document, seq) => this.exchange.onGap(document, seq),
      onBatch: (documents, updates, seconds) => {
        this.#trace.countBatch()
        this.metrics.batch(documents, updates, seconds)
      },
      onFailure: this.metrics.commitFailed,
      clock,
      log,
    })
  }
}
