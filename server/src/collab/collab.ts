/** The collaboration server, put together: upgrades come in at one end, live texts for the rest of the server stand at the other. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, documentLogQueries } from '@skein/db'
import { CLOSE, type DocumentId, type ProjectId, UPDATE_BYTES_MAX } from '@skein/protocol'
import { WebSocketServer } from 'ws'
import type { EventHub } from '../commands/event-hub.ts'
import type { LiveDocuments } from '../commands/live-documents.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import { AccessWatch } from './access-watch.ts'
import { SocketIdentity } from './authentication.ts'
import { type Clock, MACHINE_CLOCK } from './clock.ts'
import { createCollabMetrics } from './collab-metrics.ts'
import { COLLAB_TIMES, type CollabTimes } from './collab-times.ts'
import { DocumentLog } from './document-log.ts'
import { createDocumentStore } from './document-store.ts'
import { FrameStream, Outbox } from './frame-stream.ts'
import { Gate } from './gate.ts'
import { createHocuspocus } from './hocuspocus.ts'
import { Housekeeping } from './housekeeping.ts'
import { LiveTexts } from './live-texts.ts'
import type { OpenDocument } from './open-document.ts'
import { ProjectPresence } from './presence.ts'
import { CollabSocket } from './socket.ts'
import { Strangers } from './strangers.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface CollabDeps {
  db: Database
  events: Pick<EventHub, 'tell'>
  log: Log
  metrics: Metrics
  /** Origins whose pages may open sockets; programs send no Origin. */
  ownOrigins: readonly string[]
  /** Whether no other node can be serving these documents now; default: there is no other. */
  isSoleNode?: () => boolean
  /** The address that a socket is counted under; default: its own. */
  addressOf?: (request: IncomingMessage) => string
  now: () => Date
  /** Default: the machine's. */
  clock?: Clock
  failpoints?: Failpoints
  times?: Partial<CollabTimes>
}

/** For tests that break things; the product sets none. */
export interface Failpoints {
  /** Runs before each commit of the log. */
  beforeCommit?: () => Promise<void>
  /** The control experiment: acknowledgements leave from memory, as without a gate. */
  acknowledgesFromMemory?: boolean
}

export interface Collab {
  readonly name: 'collab'
  takes(path: string): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly liveDocuments: LiveDocuments
  /** Who has which files of the project open, for somebody who begins to listen. */
  presenceOf(project: ProjectId): ReturnType<ProjectPresence['of']>
  run(): Promise<void>
  drain(): Promise<void>
  stop(): Promise<void>
}

const PATH = '/collab'
/** Hocuspocus wants one for each socket; nothing of ours looks at it, and they are heavy. */
const ANY_REQUEST = new Request('http://localhost')
/** Room for the address and the type around the largest answer. */
const FRAME_BYTES_MAX = UPDATE_BYTES_MAX + 1024
/** Of all sockets together, before their documents are there. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024
/** Longest wait for the database at the end; what is not committed then was never acknowledged. */
const SETTLE_MS_MAX = 15_000

export function createCollab({
  db,
  events,
  log,
  metrics,
  ownOrigins,
  isSoleNode = () => true,
  addressOf = ({ socket }) => socket.remoteAddress ?? 'unknown',
  now,
  clock = MACHINE_CLOCK,
  failpoints = {},
  ...deps
}: CollabDeps): Collab {
  const times = { ...COLLAB_TIMES, ...deps.times }
  const open = new Map<DocumentId, OpenDocument>()
  const gates = new Set<Gate>()
  const collabMetrics = createCollabMetrics(metrics, {
    openDocuments: () => open.size,
    queuedBytes: () => documentLog.queuedBytes,
    queuedUpdates: () => documentLog.queuedUpdates,
  })
  const documentLog = new DocumentLog({
    commit: async (items) => {
      await failpoints.beforeCommit?.()
      if (!isSoleNode()) throw new Error('The node lock is not held: another node may be serving')
      return documentLogQueries.appendUpdates(db.log, items)
    },
    onCommit: (row) => collabMetrics.delivered(open.get(row.document)?.deliver(row) ?? 0),
    onAstray: (document) => open.get(document)?.distrust(),
    onBatch: collabMetrics.batch,
    log,
  })
  const store = createDocumentStore(db)
  const hocuspocus = createHocuspocus({
    store,
    documentLog,
    open,
    mayUnload: (document) => housekeeping.mayUnload(document),
    log,
  })
  const presence = new ProjectPresence(events, gates, clock)
  const housekeeping = new Housekeeping({ hocuspocus, open, gates, documentLog, store, times, log })
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false })
  const waiting = new WaitingRoom(WAITING_BYTES_MAX)
  const strangers = new Strangers()
  const access = new AccessWatch({ db, clock, metrics: collabMetrics, log, recheckMs: times.recheckMs })
  const outbox = new Outbox()
  let isDraining = false

  const accept = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    webSockets.handleUpgrade(request, stream, head, (ws) => {
      const uncount = metrics.countSocket()
      const watched = access.enter(() => gate.close(CLOSE.goingAway, 'rights have changed'))
      const socket = new CollabSocket(new FrameStream(ws, stream, outbox), clock)
      const gate = new Gate(socket, new SocketIdentity(db, now, watched.pass), {
        log: documentLog,
        metrics: collabMetrics,
        clock,
        holds: !failpoints.acknowledgesFromMemory,
        waiting,
        onPresence: ({ facts }) => {
          strangers.leave(gate)
          presence.tell(facts)
        },
      })
      const client = hocuspocus.handleConnection(gate, ANY_REQUEST, { gate })
      gates.add(gate)
      strangers.enter(gate, addressOf(request))
      // Without a listener, a frame that is too large would end the process.
      ws.on('error', () => {})
      ws.on('message', (data) => gate.receive(new Uint8Array(data as Buffer)))
      ws.on('close', (code, reason) => {
        uncount()
        gates.delete(gate)
        gate.end()
        watched.leave()
        strangers.leave(gate)
        client.handleClose({ code, reason: String(reason) })
      })
      gate.start(client.handleMessage, () => {
        client.lastMessageReceivedAt = Date.now()
      })
    })
  }

  return {
    name: 'collab',
    takes: (path) => path === PATH,
    upgrade: (request, stream, head) => {
      const { origin } = request.headers
      if (isDraining) refuseUpgrade(stream, '503 Service Unavailable')
      else if (origin !== undefined && !ownOrigins.includes(origin)) {
        collabMetrics.refused('origin')
        refuseUpgrade(stream, '403 Forbidden')
      } else if (strangers.areTooMany(addressOf(request))) {
        collabMetrics.refused('strangers')
        refuseUpgrade(stream, '503 Service Unavailable')
      } else accept(request, stream, head)
    },
    liveDocuments: new LiveTexts({ db, hocuspocus, open, documentLog }),
    presenceOf: (project) => presence.of(project),
    run: async () => {
      await access.start()
      housekeeping.start()
    },
    drain: async () => {
      isDraining = true
      const closing = [...gates].map(async (gate) => {
        await sleep(Math.random() * times.spreadMs)
        gate.close(CLOSE.goingAway, 'the server restarts')
      })
      await Promise.all(closing)
      await Promise.race([documentLog.settleAll(), sleep(SETTLE_MS_MAX, undefined, { ref: false })])
      await housekeeping.saveTexts().catch((error: unknown) => log.warn({ err: error }, 'texts were not kept'))
    },
    stop: async () => {
      access.stop()
      housekeeping.stop()
      presence.stop()
      for (const gate of gates) gate.terminate()
      webSockets.close()
    },
  }
}

const refuseUpgrade = (stream: Duplex, status: string): void => {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
