/**
 * The network between stock providers and nodes: each connection keeps its order, different ones overtake each other, and a connection may die,
 * for both sides at different moments, with what was under way.
 */
import type { Clock } from '../clock.ts'
import type { NodeConnection } from '../collab-node.ts'
import type { FrameSocket } from '../socket.ts'

export interface NetworkWeather {
  /** Of each frame, each way. */
  delayMs(): number
  /** Between the death of a connection and the moment in which one side notices. */
  noticeMs(): number
}

/** Who takes connections: the nodes that are up, or nobody. */
export interface Listener {
  connect(socket: FrameSocket, connection: Connection): NodeConnection
}

type Handler = (event: object) => void

const [CONNECTING, OPEN, CLOSED] = [0, 1, 3] as const
const LOST = 1006

/** One connection: the WebSocket that the provider holds; `atNode` is the one that the node holds. */
export class Connection {
  binaryType = 'arraybuffer'
  identifier = 0
  readyState: 0 | 1 | 3 = CONNECTING
  readonly #clock: Clock
  readonly #weather: NetworkWeather
  readonly #handlers = new Map<string, Set<Handler>>()
  readonly #onGone: () => void
  readonly #atNode: FrameSocket & { readyState: 0 | 1 | 2 | 3 }
  #node: NodeConnection | null = null
  /** What arrives next arrives after what was sent before, each way. */
  #lastUp = 0
  #lastDown = 0
  #isPaused = false
  #waiting: Uint8Array[] = []

  constructor(clock: Clock, weather: NetworkWeather, findListener: () => Listener | null, onGone: () => void) {
    this.#clock = clock
    this.#weather = weather
    this.#onGone = onGone
    this.#atNode = {
      readyState: OPEN,
      bufferedAmount: 0,
      send: (address, body, onSent) => this.#down(Buffer.concat([address, body]), onSent),
      pause: () => {
        this.#isPaused = true
      },
      resume: () => {
        this.#isPaused = false
        for (const frame of this.#waiting.splice(0)) this.#node?.receive(frame)
      },
      close: (code, reason) => this.#closeAtNode(code, reason),
      terminate: () => this.die(),
    }
    clock.after(weather.delayMs(), () => this.#open(findListener()))
  }

  addEventListener(name: string, handler: Handler): void {
    const known = this.#handlers.get(name) ?? new Set()
    this.#handlers.set(name, known.add(handler))
  }

  removeEventListener(name: string, handler: Handler): void {
    this.#handlers.get(name)?.delete(handler)
  }

  send(frame: Uint8Array): void {
    if (this.readyState !== OPEN) return
    // The provider may use its buffer again.
    const sent = frame.slice()
    this.#lastUp = Math.max(this.#lastUp, this.#clock.now() + this.#weather.delayMs())
    this.#clock.after(this.#lastUp - this.#clock.now(), () => {
      if (this.#atNode.readyState !== OPEN) return
      if (this.#isPaused) this.#waiting.push(sent)
      else this.#node?.receive(sent)
    })
  }

  /** Closed by the client. */
  close(): void {
    if (this.readyState === CLOSED) return
    this.#endAtClient(1000)
    this.#clock.after(this.#weather.delayMs(), () => this.#endAtNode(1000, ''))
  }

  /** It breaks; each side notices in its own time. */
  die(): void {
    this.#clock.after(this.#weather.noticeMs(), () => this.#endAtClient(LOST))
    this.#clock.after(this.#weather.noticeMs(), () => this.#endAtNode(LOST, ''))
  }

  /** The node's side is gone without a word, as when its process is killed. */
  loseNode(): void {
    this.#atNode.readyState = CLOSED
    this.#node = null
    this.#clock.after(this.#weather.noticeMs(), () => this.#endAtClient(LOST))
  }

  #open(listener: Listener | null): void {
    if (this.readyState !== CONNECTING) return
    if (!listener) {
      this.#tell('error', new Error('refused'))
      this.#endAtClient(LOST)
      return
    }
    this.readyState = OPEN
    this.#node = listener.connect(this.#atNode, this)
    this.#tell('open', {})
  }

  #down(frame: Buffer, onSent?: () => void): void {
    if (this.#atNode.readyState !== OPEN) return
    this.#lastDown = Math.max(this.#lastDown, this.#clock.now() + this.#weather.delayMs())
    this.#clock.after(this.#lastDown - this.#clock.now(), () => {
      onSent?.()
      if (this.readyState !== OPEN) return
      this.#tell('message', { data: new Uint8Array(frame).buffer })
    })
  }

  #closeAtNode(code: number, reason: string): void {
    if (this.#atNode.readyState !== OPEN) return
    this.#atNode.readyState = 2
    this.#lastDown = Math.max(this.#lastDown, this.#clock.now() + this.#weather.delayMs())
    this.#clock.after(this.#lastDown - this.#clock.now(), () => {
      this.#endAtClient(code)
      this.#endAtNode(code, reason)
    })
  }

  #endAtClient(code: number): void {
    if (this.readyState === CLOSED) return
    this.readyState = CLOSED
    this.#onGone()
    this.#tell('close', { code, reason: '' })
  }

  #endAtNode(code: number, reason: string): void {
    if (this.#atNode.readyState === CLOSED) return
    this.#atNode.readyState = CLOSED
    this.#node?.end(code, reason)
    this.#node = null
  }

  #tell(name: string, event: object): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) handler(event)
  }
}
