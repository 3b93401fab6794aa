/**
 * One WebSocket with its bounds, both ways. A reader that does not keep up first loses presence, then the connection; a sender that is too
 * fast is not read for a while.
 */
import { CLOSE } from '@skein/protocol'
import type { WebSocket } from 'ws'
import type { Clock } from './clock.ts'
import type { CollabMetrics } from './collab-metrics.ts'

/** Bytes that the reader has not taken yet: from the first on presence is dropped, from the second on the socket is closed. */
const LAG_BYTES_SOFT = 1024 * 1024
const LAG_BYTES_MAX = 8 * 1024 * 1024
/** What one socket may send: far more than hands, enough for a replay of what was typed offline. */
const FRAMES_PER_SECOND = 2_000
const BYTES_PER_SECOND = 8 * 1024 * 1024
const BURST_SECONDS = 2
/** A sender that was over its limit all that time is not a person. */
const THROTTLED_MS_MAX = 60_000
/** Updates of one socket that are not acknowledged yet; beyond it nothing is read from it. */
const IN_FLIGHT_MAX = 4_000
const OPEN = 1

const NO_ADDRESS = new Uint8Array()

/** What we use of a WebSocket. */
export interface FrameSocket
  extends Pick<WebSocket, 'readyState' | 'bufferedAmount' | 'pause' | 'resume' | 'terminate'> {
  close(code: number, reason: string): void
  /** Sends a frame of an address and a body, which may be that of many other frames; `onSent` is called when the kernel has it. */
  send(address: Uint8Array, body: Uint8Array, onSent?: () => void): void
}

type SlowReaders = Pick<CollabMetrics, 'slowReaderClosed' | 'presenceDropped'>

export class CollabSocket {
  readonly #ws: FrameSocket
  readonly #clock: Clock
  readonly #metrics: SlowReaders | undefined
  /** Whole documents on their way: no sign of a slow reader; the line they stand in bounds them (GT6). */
  #answerBytes = 0
  #frames = FRAMES_PER_SECOND * BURST_SECONDS
  #bytes = BYTES_PER_SECOND * BURST_SECONDS
  #filledAt: number
  #throttledSince: number | null = null
  #cancelThrottle: (() => void) | null = null
  #inFlight = 0
  sentAt: number

  constructor(ws: FrameSocket, clock: Clock, metrics?: SlowReaders) {
    this.#ws = ws
    this.#clock = clock
    this.#metrics = metrics
    this.#filledAt = clock.now()
    this.sentAt = clock.now()
  }

  get isOpen(): boolean {
    return this.#ws.readyState === OPEN
  }

  get readyState(): number {
    return this.#ws.readyState
  }

  close(code: number, reason: string): void {
    this.#cancelThrottle?.()
    // A paused socket would never read the answer to the close.
    this.#ws.resume()
    this.#ws.close(code, reason)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  /** A frame without an address is a body alone. */
  send(body: Uint8Array, address: Uint8Array = NO_ADDRESS): void {
    if (this.#admit()) this.#write(address, body)
  }

  /** Presence: dropped when the reader lags, the next one tells all. */
  sendPresence(frame: Uint8Array): void {
    if (!this.isOpen) return
    if (this.#ws.bufferedAmount <= LAG_BYTES_SOFT) this.#write(NO_ADDRESS, frame)
    else this.#metrics?.presenceDropped()
  }

  /** A whole document; `onSent` is called when the reader's side of the kernel has it. */
  sendAnswer(body: Uint8Array, address: Uint8Array, onSent: () => void): void {
    if (!this.#admit()) return
    this.#answerBytes += body.length
    this.#write(address, body, () => {
      this.#answerBytes -= body.length
      onSent()
    })
  }

  /** Counts an incoming frame, or the bytes of an answer it asked for, against the limits; over them the socket is paused, or closed. */
  spend(frames: 0 | 1, bytes: number): void {
    const now = this.#clock.now()
    const seconds = (now - this.#filledAt) / 1000
    this.#filledAt = now
    this.#frames = Math.min(this.#frames + seconds * FRAMES_PER_SECOND, FRAMES_PER_SECOND * BURST_SECONDS) - frames
    this.#bytes = Math.min(this.#bytes + seconds * BYTES_PER_SECOND, BYTES_PER_SECOND * BURST_SECONDS) - bytes
    const isRecovered = this.#frames > FRAMES_PER_SECOND && this.#bytes > BYTES_PER_SECOND
    if (isRecovered) this.#throttledSince = null
    if (this.#frames >= 0 && this.#bytes >= 0) return
    this.#throttledSince ??= now
    if (now - this.#throttledSince > THROTTLED_MS_MAX) this.close(CLOSE.policy, 'too many messages')
    else this.pauseFor(Math.max(-this.#frames / FRAMES_PER_SECOND, -this.#bytes / BYTES_PER_SECOND, 0.05) * 1000)
  }

  countUnacknowledged(by: 1 | -1): void {
    this.#inFlight += by
    if (by === 1 && this.#inFlight === IN_FLIGHT_MAX) this.#ws.pause()
    if (by === -1 && this.#inFlight === IN_FLIGHT_MAX / 2 && !this.#cancelThrottle) this.#ws.resume()
  }

  /** Reads nothing for that time; a pause that goes on already is as good. */
  pauseFor(delayMs: number): void {
    if (this.#cancelThrottle) return
    this.#ws.pause()
    this.#cancelThrottle = this.#clock.after(delayMs, () => {
      this.#cancelThrottle = null
      if (this.#inFlight < IN_FLIGHT_MAX) this.#ws.resume()
    })
  }

  #admit(): boolean {
    if (!this.isOpen) return false
    if (this.#ws.bufferedAmount - this.#answerBytes <= LAG_BYTES_MAX) return true
    this.#metrics?.slowReaderClosed()
    this.close(CLOSE.tryLater, 'reads too slowly')
    return false
  }

  #write(address: Uint8Array, body: Uint8Array, onSent?: () => void): void {
    this.sentAt = this.#clock.now()
    this.#ws.send(address, body, onSent)
  }
}
