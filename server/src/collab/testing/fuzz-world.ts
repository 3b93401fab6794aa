/**
 * A node in one process, over a store in memory, with lines to both doors that tell when a call takes long. Everything between is the product's:
 * gate, guard, Hocuspocus, log.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type ActorKey, type DocumentId, personToActorKey, type UserId } from '@skein/protocol'
import * as Y from 'yjs'
import { createLog } from '../../observability/log.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { type Admission, Denial, type Doorkeeper } from '../authentication.ts'
import { MACHINE_CLOCK } from '../clock.ts'
import { CollabNode, type NodeConnection } from '../collab-node.ts'
import { CollabSocket, type FrameSocket } from '../socket.ts'
import { YjsEar, YjsFrames } from '../yjs-door.ts'
import { until } from './client.ts'
import { MemoryDocumentStore } from './memory-document-store.ts'

/** Tokens that are good here; the reader's lets nobody write. */
export const TOKENS = ['ana', 'ben', 'reader'] as const

class TestDoorkeeper implements Doorkeeper {
  readonly hasExpired = false
  #wrong = 0

  get isGuessing(): boolean {
    return this.#wrong > 8
  }

  async admit(token: string, document: string): Promise<Admission> {
    if (!TOKENS.some((known) => known === token)) {
      this.#wrong++
      throw new Denial('unauthenticated')
    }
    const actor: ActorKey = personToActorKey(token as UserId)
    const user = { id: token as UserId, name: token, colour: 1 }
    return { document: document as DocumentId, actor, user, isReadOnly: token === 'reader' }
  }
}

/** A socket whose reader takes everything at once and keeps nothing. */
class NoSocket implements FrameSocket {
  readyState: 1 | 3 = 1
  readonly bufferedAmount = 0
  onClose: (code: number) => void = () => {}
  /** The last text of the document that was sent whole. */
  sent = 0

  send(_address: Uint8Array, _body: Uint8Array, onSent?: () => void): void {
    this.sent++
    if (onSent) setImmediate(onSent)
  }

  pause(): void {}
  resume(): void {}
  ping(): void {}

  close(code: number): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onClose(code)
  }

  terminate(): void {
    this.close(1006)
  }
}

export interface Line {
  readonly door: 'collab' | 'yjs'
  /** Of the second door; at the first one every frame names its own. */
  readonly document: string
  readonly isOpen: boolean
  receive(frame: Uint8Array): void
  close(): void
}

export class FuzzWorld {
  readonly store: MemoryDocumentStore
  readonly node: CollabNode
  readonly metrics = createMetrics()
  /** CPU time of the longest call, in milliseconds. */
  longestMs = 0
  #sockets = 0

  constructor(random: () => number) {
    this.store = new MemoryDocumentStore(random)
    this.node = new CollabNode({
      store: this.store,
      clock: MACHINE_CLOCK,
      events: { tell: () => {} },
      log: createLog('silent'),
      metrics: this.metrics,
      times: { idleMs: 50, roundMs: 20, quietMs: 20 },
    })
  }

  /** A line to the second door shows its token at once, as its address would. */
  connect(door: Line['door'], document: string = '', token = ''): Line {
    const socket = new NoSocket()
    const frames = door === 'yjs' ? new YjsFrames(socket, socket, () => MACHINE_CLOCK.now()) : socket
    const from = `10.0.0.${this.#sockets++ % 200}`
    const connection: NodeConnection = this.node.connect(
      new CollabSocket(frames, MACHINE_CLOCK),
      new TestDoorkeeper(),
      from,
    )
    socket.onClose = (code) => connection.end(code, '')
    const ear = new YjsEar(document, connection.receive, this.node.metrics)
    if (door === 'yjs') this.#time(() => ear.open(token))
    return {
      door,
      document,
      get isOpen() {
        return socket.readyState === 1
      },
      receive: (frame) => this.#time(() => (door === 'yjs' ? ear.hear(frame) : connection.receive(frame))),
      close: () => socket.close(1000),
    }
  }

  /** Lets everything that was said be done: loads, commits, acknowledgements. */
  async settle(): Promise<void> {
    for (let n = 0; n < 5; n++) await turn()
    await this.node.documentLog.settleAll()
  }

  /** What memory and rows hold of a document; throws when either cannot be read, or written again. */
  look(document: DocumentId): { inMemory: string | null; inRows: string } {
    const open = this.node.open.get(document)
    const rows = this.store.replay(document)
    Y.applyUpdate(new Y.Doc(), Y.encodeStateAsUpdate(rows))
    Y.applyUpdateV2(new Y.Doc(), Y.encodeStateAsUpdateV2(rows))
    const inMemory = open && !open.isClosed ? open.text : null
    if (inMemory !== null) Y.encodeStateAsUpdate((open as { doc: Y.Doc }).doc)
    return { inMemory, inRows: rows.getText('text').toString() }
  }

  /** Nobody looks at them any more: they leave memory, and then are gone. */
  async forget(documents: readonly DocumentId[]): Promise<void> {
    await until(
      () => this.node.gates.size === 0 && this.node.open.size === 0,
      'sockets have ended, documents have left',
    )
    for (const document of documents) this.store.remove(document)
  }

  #time(call: () => void): void {
    const before = process.threadCpuUsage()
    call()
    const { user, system } = process.threadCpuUsage(before)
    this.longestMs = Math.max(this.longestMs, (user + system) / 1000)
  }
}
