// The one socket of a project. All its documents share it and the single-use ticket that authenticates it. The ticket is asked
// for first: while nobody answers no socket is opened at all, and one that opens is let in. It comes back by itself after a
// random time; one that the server closes over what was sent on it, again and again, stays away until somebody asks for it.

import { HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { CollabTicket } from '@skein/protocol'
import { toApiError } from '../../lib/api/error.ts'
import { API, request } from '../../lib/api/request.ts'
import { reconnectDelay } from './reconnect-delay.ts'
import { type Refusal, Refusals } from './refusals.ts'

export type ConnectionState = 'connecting' | 'connected' | 'away' | Refusal | 'signed-out' | 'closed'

/** A server that does not answer a question within this time, in milliseconds, is out of reach. */
const answerWithinMs = 5_000
/** Without any message for this long, in milliseconds, the socket is dead; idle ones are kept awake by the server. */
const silenceMsMax = 30_000

/** Where the socket of a project is. */
export function collabUrl(projectId: string, location: Pick<Location, 'protocol' | 'host'>): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}/collab?project=${encodeURIComponent(projectId)}`
}

async function canReachServer(): Promise<boolean> {
  try {
    return (await fetch('/livez', { cache: 'no-store', signal: AbortSignal.timeout(answerWithinMs) })).ok
  } catch {
    return false
  }
}

export class ProjectConnection {
  readonly socket: HocuspocusProviderWebsocket
  private current: ConnectionState = 'connecting'
  private ticket = ''
  private readonly refusals = new Refusals()
  private attempts = 0
  private isAsking = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly listeners = new Set<(state: ConnectionState) => void>()

  constructor(projectId: string) {
    this.socket = new HocuspocusProviderWebsocket({
      url: collabUrl(projectId, window.location),
      autoConnect: false,
      maxAttempts: 1,
      messageReconnectTimeout: silenceMsMax,
      onOpen: () => this.onOpen(),
      onClose: ({ event }) => this.onClose(event.code),
    })
    window.addEventListener('offline', this.onOffline)
    window.addEventListener('online', this.onOnline)
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
    window.removeEventListener('offline', this.onOffline)
    window.removeEventListener('online', this.onOnline)
    clearTimeout(this.timer)
    this.enter('closed')
    this.socket.destroy()
  }

  private enter(state: ConnectionState): void {
    if (this.current === state || this.current === 'closed') return
    this.current = state
    for (const listener of this.listeners) listener(state)
  }

  private async attempt(): Promise<void> {
    if (this.isAsking || this.current === 'connected' || this.current === 'closed') return
    this.isAsking = true
    clearTimeout(this.timer)
    try {
      const signal = AbortSignal.timeout(answerWithinMs)
      this.ticket = (await request(CollabTicket, 'POST', `${API}/collab/tickets`, { signal })).ticket
      if (this.state !== 'closed') void this.socket.connect()
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

  private attemptLater(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.attempt(), reconnectDelay(this.attempts, Math.random()))
    this.attempts += 1
  }

  private onOpen(): void {
    this.attempts = 0
    this.enter('connected')
  }

  private onClose(code: number): void {
    // The socket would come back by itself, but without a ticket of its own.
    this.socket.shouldConnect = false
    if (this.current === 'closed') return
    const refusal = this.refusals.closed(code)
    if (refusal) {
      this.enter(refusal)
    } else {
      this.enter('away')
      this.attemptLater()
    }
  }

  /** The browser's word alone is not enough: a server on this very machine needs no network. */
  private readonly onOffline = async (): Promise<void> => {
    if (await canReachServer()) return
    this.socket.webSocket?.close()
  }

  private readonly onOnline = (): void => {
    if (this.current === 'away') void this.attempt()
  }
}
