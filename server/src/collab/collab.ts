/** The collaboration server, put together: upgrades come in at one end, live texts for the rest of the server stand at the other. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Database } from '@skein/db'
import { CLOSE, type DocumentId, type ProjectId, UPDATE_BYTES_MAX } from '@skein/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { HUNKS_AT_ONCE, type HunkFinder } from '../commands/content/hunk-finder.ts'
import type { EventHub } from '../commands/event-hub.ts'
import type { LiveDocuments } from '../commands/live-documents.ts'
import type { RepairReport } from '../commands/repair/repair-document.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import { AccessWatch } from './access-watch.ts'
import { watchArriving } from './arriving.ts'
import { SocketIdentity } from './authentication.ts'
import { type Clock, MACHINE_CLOCK } from './clock.ts'
import { CollabNode, type Failpoints } from './collab-node.ts'
import type { CollabTimes } from './collab-times.ts'
import { FrameStream, Outbox } from './frame-stream.ts'
import { JournalKeeper } from './journal-keeper.ts'
import { LiveTexts } from './live-texts.ts'
import { createPostgresDocumentStore } from './postgres-document-store.ts'
import type { ProjectPresence } from './presence.ts'
import { Reception } from './reception.ts'
import type { Relay } from './relay.ts'
import { CollabSocket } from './socket.ts'
import { readYjsRequest, YJS_PATH, YjsEar, YjsFrames, type YjsRequest } from './yjs-door.ts'

export interface CollabDeps {
  db: Database
  events: Pick<EventHub, 'tell'>
  log: Log
  metrics: Metrics
  /** Origins whose pages may open sockets; programs send no Origin. */
  ownOrigins: readonly string[]
  /** False while a node that is to be alone does not know that it is: another one may be serving. Default: it always knows. */
  mayCommit?: () => boolean
  /** The address that a socket is counted under; default: its own. */
  addressOf?: (request: IncomingMessage) => string
  now: () => Date
  /** Told of documents that were found damaged when they were opened. */
  onRepaired?: (report: RepairReport) => void
  /** Default: there are no other nodes. */
  relay?: Relay
  /** Default: at once, on the loop. */
  hunks?: HunkFinder
  /** Default: the machine's. */
  clock?: Clock
  failpoints?: Failpoints
  times?: Partial<CollabTimes>
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
/** Room for the address and the type around the largest answer. */
const FRAME_BYTES_MAX = UPDATE_BYTES_MAX + 1024

export function createCollab(deps: CollabDeps): Collab {
  const { db, ownOrigins, clock = MACHINE_CLOCK, now, log } = deps
  const { addressOf = ({ socket }) => socket.remoteAddress ?? 'unknown' } = deps
  const store = createPostgresDocumentStore(db, clock, deps.onRepaired)
  const node = new CollabNode({ ...deps, store, clock })
  const { hocuspocus, open, documentLog, metrics, strangers } = node
  const access = new AccessWatch({ db, clock, metrics, log, recheckMs: node.times.recheckMs })
  const catchUp = (document: DocumentId) => node.exchange.catchUp(document)
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false })
  const outbox = new Outbox()
  const journals = new JournalKeeper(clock)
  const reception = new Reception(db, now)
  let isDraining = false

  const accept = (ws: WebSocket, stream: Duplex, address: string, yjs: YjsRequest | null): void => {
    const uncount = deps.metrics.countSocket()
    const watched = access.enter(() => connection.gate.close(CLOSE.goingAway, 'rights have changed'))
    const identity = new SocketIdentity(reception, now, watched.pass)
    const below = new FrameStream(ws, stream, outbox)
    const frames = yjs ? new YjsFrames(below, ws, () => clock.now()) : below
    const connection = node.connect(new CollabSocket(frames, clock, metrics), identity, address)
    watchArriving(ws, stream, (bytes) => connection.gate.arrive(bytes))
    const ear = yjs && new YjsEar(yjs.document, connection.receive, metrics)
    // Without a listener, a frame that is too large would end the process.
    ws.on('error', () => {})
    const hear = ear ? (frame: Uint8Array) => ear.hear(frame) : connection.receive
    ws.on('message', (data) => hear(new Uint8Array(data as Buffer)))
    if (ear) ws.on('pong', () => ear.hearPong())
    ws.on('close', (code, reason) => {
      uncount()
      watched.leave()
      connection.end(code, String(reason))
    })
    if (yjs) ear?.open(yjs.token)
  }

  return {
    name: 'collab',
    takes: (path) => path === PATH || path.startsWith(YJS_PATH),
    upgrade: (request, stream, head) => {
      const { origin } = request.headers
      const isYjs = request.url?.startsWith(YJS_PATH)
      const address = addressOf(request)
      const yjs = isYjs ? readYjsRequest(request.url ?? '') : null
      if (isDraining) refuseUpgrade(stream, '503 Service Unavailable')
      else if (origin !== undefined && !ownOrigins.includes(origin)) {
        metrics.refused('origin')
        refuseUpgrade(stream, '403 Forbidden')
      } else if (strangers.areTooMany(address)) {
        metrics.refused('strangers')
        refuseUpgrade(stream, '503 Service Unavailable')
      } else if (isYjs && !yjs) refuseUpgrade(stream, '404 Not Found')
      else webSockets.handleUpgrade(request, stream, head, (ws) => accept(ws, stream, address, yjs))
    },
    liveDocuments: new LiveTexts({
      db,
      hocuspocus,
      open,
      documentLog,
      clock,
      journals,
      hunks: deps.hunks ?? HUNKS_AT_ONCE,
      ...(deps.relay && { catchUp }),
    }),
    presenceOf: (project) => node.presence.of(project),
    run: async () => {
      await access.start()
      await node.run()
    },
    drain: async () => {
      isDraining = true
      await node.drain()
    },
    stop: async () => {
      access.stop()
      await node.stop()
      webSockets.close()
    },
  }
}

const refuseUpgrade = (stream: Duplex, status: string): void => {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
