/** Stock providers over real sockets, and waiting for what they see. */

import { setTimeout as sleep } from 'node:timers/promises'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

export interface TestClient {
  provider: HocuspocusProvider
  socket: HocuspocusProviderWebsocket
  text: Y.Text
  /** What our interface shows: everything of this document is durable. */
  readonly isSaved: boolean
  /** Reasons of refusals. */
  denials: string[]
  destroy(): void
}

export interface TestClientOptions {
  url: string
  token: string | (() => Promise<string>)
  document: string
  doc?: Y.Doc
  socket?: HocuspocusProviderWebsocket
  isSessionAware?: boolean
}

/** The provider closes sockets that are still connecting after it has stopped listening to them. */
class CalmWebSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => {})
  }
}

/** A socket that comes back soon. */
export const openSocket = (url: string): HocuspocusProviderWebsocket =>
  new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: CalmWebSocket, delay: 50, minDelay: 20, maxDelay: 200 })

export function openDocument(options: TestClientOptions): TestClient {
  const { token, document, isSessionAware = true } = options
  const socket = options.socket ?? openSocket(options.url)
  const doc = options.doc ?? new Y.Doc()
  const denials: string[] = []
  const provider = new HocuspocusProvider({
    websocketProvider: socket,
    name: document,
    document: doc,
    token,
    sessionAwareness: isSessionAware,
    onAuthenticationFailed: ({ reason }) => denials.push(reason),
  })
  provider.attach()
  return {
    provider,
    socket,
    text: doc.getText('text'),
    get isSaved() {
      return provider.unsyncedChanges === 0 && provider.isAuthenticated
    },
    denials,
    destroy: () => {
      provider.destroy()
      if (!options.socket) socket.destroy()
    },
  }
}

/** Waits until the condition holds; the bound is only there to end a test that failed. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 15_000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited in vain: ${what}`)
    await sleep(5)
  }
}

export const untilSaved = (...clients: TestClient[]): Promise<void> =>
  until(() => clients.every(({ isSaved }) => isSaved), 'every client is saved')
