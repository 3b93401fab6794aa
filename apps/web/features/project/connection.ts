// The one socket of a project. All its documents share it and the single-use ticket that authenticates it. The ticket is asked
// for first: while nobody answers no socket is opened at all, and one that opens is let in. It comes back by itself after a
// random time, at once when the page wakes up; one that the server closes over what was sent on it, again and again, stays
// away until somebody asks for it. While it stands a watch looks whether it still carries anything.

import { CollabTicket } from '@skein/protocol'
import { toApiError } from '../../lib/api/error.ts'
import { API, request } from '../../lib/api/request.ts'
import { type LinkAdvice, LinkWatch, LOOK_EVERY_MS } from './link-watch.ts'
import { ProjectSocket } from './project-socket.ts'
import { reconnectDelay } from './reconnect-delay.ts'
import { type Refusal, Refusals } from './refusals.ts'

export type ConnectionState = 'connecting' | 'connected' | 'away' | Refusal | 'signed-out' | 'closed'

/** A server that gives no ticket, or opens no socket, within this time, in milliseconds, is out of reach. */
const answerWithinMs = 5_000
/** Without any message for this long, in milliseconds, a socket is dead on which nothing is waited for; the server keeps it awake. */
const silenceMsMax = 30_000

/** Where the socket of a project is. */
export function collabUrl(projectId: string, location: Pick<Location, 'protocol' | 'host'>): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}/collab?project=${encodeURIComponent(projectId)}`
}

async function canReachServer(signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch('/livez', { cache: 'no-store', signal })).ok
  } catch {
    return false
  }
}

export class ProjectConnection {
  readonly socket: ProjectSocket
  private current: ConnectionState = 'connecting'
  private ticket = ''
  private readonly refusals = new Refusals()
  private attempts = 0
  private isAsking = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private opening: ReturnType<typeof setTimeout> | undefined
  private watch: LinkWatch | null = null
  /** When a page that slept, was put away or lost the network is back. */
  private readonly wakers: readonly (readonly [EventTarget, string])[] = [
    [window, 'online'],
    [window, 'pageshow'],
    [document, 'visibilitychange'],
    [document, 'resume'],
  ]
  private readonly looking: ReturnType<typeof setInterval>
  /** Whether an answer of the server is waited for. */
  private readonly isWaiting: () => boolean
  private readonly listeners = new Set<(state: ConnectionState) => void>()

  constructor(projectId: string, isWaiting: () => boolean) {
    this.isWaiting = isWaiting
    this.socket = new ProjectSocket({
      url: collabUrl(projectId, window.location),
      autoConnect: false,
      maxAttempts: 1,
      messageReconnectTimeout: silenceMsMax,
      onOpen: () => this.onOpen(),
      onMessage: () => this.watch?.heard(Date.now()),
      onClose: ({ event }) => this.onClose(event.code),
    })
    this.socket.onSent = (bytes) => this.watch?.sent(bytes)
    this.looking = setInterval(this.look, LOOK_EVERY_MS)
    for (const [target, type] of this.wakers) target.addEventListener(type, this.onWake)
    window.addEventListener('offline', this.onOffline)
    void this.attempt()
  }

  get state(): ConnectionState {
    return this.current
  }

  /** The ticket of the present socket, for each of its documents. */
  readonly presentTicket = (): string => this.ticket

  /** Tries once more to send what was refused. */
  retry(): void {
    if (this.current === 'too-large' || this.current === 'rejected') void this.attempt()
  }

  /** Everything that was sent is acknowledged: what is refused from now on is something else. */
  accepted(): void {
    this.refusals.accepted()
  }

  /** Drops the socket and opens another, for a document that was refused for a while or a ticket that is spent. */
  renew(): void {
    this.socket.webSocket?.close()
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    for (const [target, type] of this.wakers) target.removeEventListener(type, this.onWake)
    window.removeEventListener('offline', this.onOffline)
    clearInterval(this.looking)
    clearTimeout(this.timer)
    this.stopOpening()
    this.enter('closed')
    this.socket.destroy()
  }

  private enter(state: ConnectionState): void {
    if (this.current === state || this.current === 'closed') return
    this.current = state
    for (const listener of this.listeners) listener(state)
  }

  private async attempt(): Promise<void> {
    if (this.isAsking || this.opening || this.current === 'connected' || this.current === 'closed') return
    this.isAsking = true
    clearTimeout(this.timer)
    try {
      const signal = AbortSignal.timeout(answerWithinMs)
      this.ticket = (await request(CollabTicket, 'POST', `${API}/collab/tickets`, { signal })).ticket
      if (this.state !== 'closed') this.open()
    } catch (error) {
      if (toApiError(error).status === 401) {
        this.enter('signed-out')
      } else {
        this.enter('away')
        this.attemptLater()
      }
    } finally {
      this.isAsking = false
    }
  }

  private open(): void {
    this.opening = setTimeout(() => this.socket.giveUp(), answerWithinMs)
    void this.socket.connect()
  }

  private stopOpening(): void {
    clearTimeout(this.opening)
    this.opening = undefined
  }

  private attemptLater(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.attempt(), reconnectDelay(this.attempts, Math.random()))
    this.attempts += 1
  }

  private onOpen(): void {
    this.stopOpening()
    this.attempts = 0
    this.watch = new LinkWatch(Date.now())
    this.enter('connected')
  }

  private onClose(code: number): void {
    // The socket would come back by itself, but without a ticket of its own.
    this.socket.shouldConnect = false
    this.stopOpening()
    this.watch = null
    if (this.current === 'closed') return
    const refusal = this.refusals.closed(code)
    if (refusal) {
      this.enter(refusal)
    } else {
      this.enter('away')
      this.attemptLater()
    }
  }

  private readonly look = (): void => {
    const moment = { isWaiting: this.isWaiting(), isOnline: navigator.onLine }
    if (this.watch) this.follow(this.watch, this.watch.look(Date.now(), moment))
  }

  /** The browser's word alone is not enough: a server on this very machine needs no network. */
  private readonly onOffline = (): void => {
    if (this.watch) this.follow(this.watch, this.watch.wake(Date.now()))
  }

  /** The network is back, or the page: a socket that slept may be dead, and one that is away need not wait any longer. */
  private readonly onWake = (): void => {
    if (document.visibilityState === 'hidden') return
    if (this.watch) this.follow(this.watch, this.watch.wake(Date.now()))
    else if (this.current === 'away' || this.current === 'signed-out') void this.attempt()
  }

  private follow(watch: LinkWatch, advice: LinkAdvice): void {
    if (advice.do === 'give-up' && watch === this.watch) this.socket.giveUp()
    if (advice.do !== 'ask') return
    const { question } = advice
    this.socket.ping()
    void canReachServer(AbortSignal.timeout(question.withinMs)).then((isThere) => {
      if (!isThere) this.follow(watch, watch.unanswered(question))
    })
  }
}
