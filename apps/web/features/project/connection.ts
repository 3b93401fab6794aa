// The one socket of a project. All its documents share it and the single-use ticket that authenticates it. It reconnects by
// itself after a random time, so that a restart does not bring everybody back in the same moment; a change that is too
// large for the server (1009) ends it until somebody has mended that.

import { HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { CLOSE, CollabTicket } from '@skein/protocol'
import { toApiError } from '../../lib/api/error.ts'
import { API, request } from '../../lib/api/request.ts'

export type ConnectionState = 'connecting' | 'connected' | 'away' | 'too-large' | 'signed-out' | 'closed'

const delayMs = 500
const delaySpreadMs = 1_000
const delayMsMax = 8_000
const probeWithinMs = 2_000

/** Where the socket of a project is. */
export function collabUrl(projectId: string, location: Pick<Location, 'protocol' | 'host'>): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}/collab?project=${encodeURIComponent(projectId)}`
}

async function canReachServer(): Promise<boolean> {
  try {
    return (await fetch('/livez', { cache: 'no-store', signal: AbortSignal.timeout(probeWithinMs) })).ok
  } catch {
    return false
  }
}

export class ProjectConnection {
  readonly socket: HocuspocusProviderWebsocket
  private current: ConnectionState = 'connecting'
  private ticket: Promise<string> | null = null
  private readonly listeners = new Set<(state: ConnectionState) => void>()

  constructor(projectId: string) {
    this.socket = new HocuspocusProviderWebsocket({
      url: collabUrl(projectId, window.location),
      delay: delayMs + Math.floor(Math.random() * delaySpreadMs),
      minDelay: delayMs,
      maxDelay: delayMsMax,
      factor: 1.7,
      jitter: true,
      onOpen: () => this.enter('connected'),
      onClose: ({ event }) => this.onClose(event.code),
    })
    this.socket.on('status', ({ status }: { status: string }) => {
      if (status === 'connecting') this.ticket = null
    })
    window.addEventListener('offline', this.onOffline)
    window.addEventListener('online', this.onOnline)
  }

  get state(): ConnectionState {
    return this.current
  }

  /** The ticket of the present socket. When none can be had the socket is closed and tried again later. */
  takeTicket(): Promise<string> {
    this.ticket ??= this.requestTicket()
    return this.ticket
  }

  /** Tries again after a change that was too large. */
  retry(): void {
    if (this.current === 'closed') return
    this.enter('connecting')
    void this.socket.connect()
  }

  /** Drops the socket and opens another, for a document that was refused for a while or a ticket that is spent. */
  renew(): void {
    this.ticket = null
    this.socket.webSocket?.close()
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    window.removeEventListener('offline', this.onOffline)
    window.removeEventListener('online', this.onOnline)
    this.enter('closed')
    this.socket.destroy()
  }

  private enter(state: ConnectionState): void {
    if (this.current === state || this.current === 'closed') return
    this.current = state
    for (const listener of this.listeners) listener(state)
  }

  private async requestTicket(): Promise<string> {
    try {
      return (await request(CollabTicket, 'POST', `${API}/collab/tickets`)).ticket
    } catch (error) {
      if (toApiError(error).status === 401) {
        this.socket.disconnect()
        this.enter('signed-out')
      } else {
        this.renew()
      }
      throw error
    }
  }

  private onClose(code: number): void {
    if (code === CLOSE.tooLarge) {
      this.socket.disconnect()
      this.enter('too-large')
    } else if (this.current !== 'too-large' && this.current !== 'signed-out') {
      this.enter('away')
    }
  }

  /** The browser's word alone is not enough: a server on this very machine needs no network. */
  private readonly onOffline = async (): Promise<void> => {
    if (await canReachServer()) return
    this.socket.webSocket?.close()
    this.enter('away')
  }

  private readonly onOnline = (): void => {
    if (this.current === 'away') void this.socket.connect()
  }
}
