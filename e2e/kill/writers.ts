/**
 * People who type without pause over stock providers, and who remember what was called saved. Every word is unique, so that a lost one can be
 * named.
 */
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

/** The provider closes sockets that are still connecting after it has stopped listening to them. */
class CalmWebSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => {})
  }
}

const TYPING_MS_MAX = 12

export class Writer {
  /** By document: words that were called saved. */
  readonly saved = new Map<string, Set<string>>()
  readonly #name: string
  readonly #socket: HocuspocusProviderWebsocket
  readonly #files: { document: string; provider: HocuspocusProvider; typed: string[] }[] = []
  #words = 0
  #timer: NodeJS.Timeout | undefined

  constructor(name: string, url: string, token: string, documents: readonly string[]) {
    this.#name = name
    this.#socket = new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: CalmWebSocket, delay: 50, minDelay: 20 })
    for (const document of documents) this.#open(document, token)
  }

  get isConnected(): boolean {
    return this.#files.every(({ provider }) => provider.isAuthenticated && provider.isSynced)
  }

  /** Whether everything that was typed is saved. */
  get isSettled(): boolean {
    return this.#files.every(
      ({ provider, typed }) => typed.length === 0 && provider.unsyncedChanges === 0 && provider.isAuthenticated,
    )
  }

  textOf(document: string): string {
    const file = this.#files.find((each) => each.document === document)
    if (!file) throw new Error(`Document ${document} is not open`)
    return file.provider.document.getText('text').toString()
  }

  /** Rests; what was typed goes on being sent. */
  rest(): void {
    clearTimeout(this.#timer)
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#type()
      this.start()
    }, Math.random() * TYPING_MS_MAX)
  }

  /** Gone, with everything that only their memory held. */
  discard(): void {
    clearTimeout(this.#timer)
    for (const { provider } of this.#files) provider.destroy()
    this.#socket.destroy()
  }

  #open(document: string, token: string): void {
    const provider = new HocuspocusProvider({
      websocketProvider: this.#socket,
      name: document,
      document: new Y.Doc(),
      token,
      sessionAwareness: true,
    })
    const file = { document, provider, typed: [] as string[] }
    const saved = new Set<string>()
    this.saved.set(document, saved)
    const note = () => {
      if (provider.unsyncedChanges > 0 || !provider.isAuthenticated) return
      for (const word of file.typed.splice(0)) saved.add(word)
    }
    provider.on('unsyncedChanges', note)
    provider.on('authenticated', note)
    provider.attach()
    this.#files.push(file)
  }

  #type(): void {
    const file = this.#files[Math.floor(Math.random() * this.#files.length)]
    // A pause now and then, so that there are moments at which everything is saved.
    if (!file || file.typed.length > 5) return
    const text = file.provider.document.getText('text')
    const word = `<${this.#name}-${this.#words++}>`
    file.typed.push(word)
    // Between words, never inside one.
    const gaps = [0, ...[...text.toString().matchAll(/>/g)].map(({ index }) => index + 1)]
    text.insert(gaps[Math.floor(Math.random() * gaps.length)] ?? 0, word)
  }
}
