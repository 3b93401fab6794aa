/** Stock y-websocket providers at the second door, and a client that speaks its frames one by one. */
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { until } from './client.ts'

/** The address of the second door of a server whose first one is `url`. */
export const yjsUrl = (url: string): string => url.replace(/\/collab$/, '/yjs')

export interface YjsClient {
  provider: WebsocketProvider
  text: Y.Text
  /** Codes after which the provider does not come back. */
  closed: number[]
  destroy(): void
}

export function openYjs(url: string, document: string, token: string, doc = new Y.Doc()): YjsClient {
  const provider = new WebsocketProvider(yjsUrl(url), document, doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
    maxBackoffTime: 200,
  })
  const closed: number[] = []
  provider.on('closed', ({ code }) => closed.push(code))
  return { provider, text: doc.getText('text'), closed, destroy: () => provider.destroy() }
}

export const untilSynced = (...clients: YjsClient[]): Promise<void> =>
  until(() => clients.every(({ provider }) => provider.synced), 'every client has the document')

/** What a socket at the second door says. */
export class RawYjs {
  readonly ws: WebSocket
  readonly seen: {
    kind: 'step1' | 'step2' | 'update' | 'awareness' | 'denied' | 'other'
    payload: Uint8Array
    reason: string
  }[] = []
  closeCode: number | null = null

  constructor(url: string, document: string, token: string, origin?: string) {
    const address = `${yjsUrl(url)}/${document}?token=${encodeURIComponent(token)}`
    this.ws = new WebSocket(address, origin === undefined ? {} : { origin })
    this.ws.on('error', () => {})
    this.ws.on('message', (data) => this.#read(new Uint8Array(data as Buffer)))
    this.ws.on('close', (code) => {
      this.closeCode = code
    })
  }

  async opened(): Promise<void> {
    await until(() => this.ws.readyState === WebSocket.OPEN || this.closeCode !== null, 'the socket is open')
  }

  async untilClosed(): Promise<number | null> {
    await until(() => this.closeCode !== null, 'the socket is closed')
    return this.closeCode
  }

  bytes(...bytes: number[]): void {
    this.ws.send(Uint8Array.from(bytes))
  }

  count(kind: RawYjs['seen'][number]['kind']): number {
    return this.seen.filter((frame) => frame.kind === kind).length
  }

  destroy(): void {
    this.ws.terminate()
  }

  #read(bytes: Uint8Array): void {
    const decoder = createDecoder(bytes)
    const type = readVarUint(decoder)
    const none = { payload: new Uint8Array(), reason: '' }
    if (type === 0) {
      const kind = (['step1', 'step2', 'update'] as const)[readVarUint(decoder)] ?? 'other'
      this.seen.push({ ...none, kind, payload: readVarUint8Array(decoder) })
    } else if (type === 1) this.seen.push({ ...none, kind: 'awareness', payload: readVarUint8Array(decoder) })
    else if (type === 2 && readVarUint(decoder) === 0) {
      this.seen.push({ ...none, kind: 'denied', reason: readVarString(decoder) })
    } else this.seen.push({ ...none, kind: 'other' })
  }
}
