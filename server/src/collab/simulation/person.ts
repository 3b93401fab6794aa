/**
 * One person at a stock provider: types unique words into documents, deletes some, and remembers the order of their own. Each instant at which
 * the provider says saved is checked against what is durable then.
 */
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import type { DocumentId } from '@skein/protocol'
import * as Y from 'yjs'
import type { Clock } from '../clock.ts'
import type { Connection } from './network.ts'
import type { Truth } from './truth.ts'

export interface PersonDeps {
  name: string
  random: () => number
  clock: Clock
  truth: Truth
  documents: readonly DocumentId[]
  connect(onGone: () => void): Connection
}

interface OpenFile {
  document: DocumentId
  doc: Y.Doc
  provider: HocuspocusProvider
  /** The last word of their own that stands there still, as far as they know. */
  last: string | null
}

export class Person {
  readonly name: string
  readonly #deps: PersonDeps
  readonly #socket: HocuspocusProviderWebsocket
  readonly #files: OpenFile[]
  readonly #connections = new Set<Connection>()
  #words = 0
  #onlineFrom = 0
  #isGone = false

  constructor(deps: PersonDeps) {
    this.name = deps.name
    this.#deps = deps
    const connections = this.#connections
    class SimulatedWebSocket {
      constructor() {
        const connection = deps.connect(() => connections.delete(connection))
        connections.add(connection)
        // biome-ignore lint/correctness/noConstructorReturn: the provider makes its sockets with `new`.
        return connection
      }
    }
    this.#socket = new HocuspocusProviderWebsocket({
      url: 'ws://simulated',
      WebSocketPolyfill: SimulatedWebSocket,
      delay: 200,
      minDelay: 50,
      maxDelay: 1_000,
    })
    this.#files = deps.documents.map((document) => this.#open(document))
  }

  get isSaved(): boolean {
    return this.#files.every(isSaved)
  }

  textOf(document: DocumentId): string | undefined {
    return this.#files
      .find((file) => file.document === document)
      ?.doc.getText('text')
      .toString()
  }

  /** Types a word: behind their last one, or somewhere between words. */
  type(): void {
    const file = this.#pick(this.#files)
    const text = file.doc.getText('text')
    const before = text.toString()
    const word = `<${this.name}.${this.#words++}>`
    const lastEnd = file.last === null ? -1 : before.indexOf(file.last)
    if (file.last !== null && lastEnd >= 0 && this.#deps.random() < 0.6) {
      text.insert(lastEnd + file.last.length, word)
      this.#deps.truth.typed(file.document, word, file.last)
    } else {
      const gaps = [0, ...[...before.matchAll(/>/g)].map(({ index }) => index + 1)]
      text.insert(this.#pick(gaps), word)
      this.#deps.truth.typed(file.document, word, null)
    }
    file.last = word
  }

  /** Deletes one word, anybody's. */
  delete(): void {
    const file = this.#pick(this.#files)
    const text = file.doc.getText('text')
    const words = [...text.toString().matchAll(/<[^>]*>/g)]
    if (words.length < 4) return
    const { 0: word, index } = this.#pick(words)
    text.delete(index, word.length)
    this.#deps.truth.deleted(file.document, word)
  }

  loseConnection(): void {
    for (const connection of this.#connections) connection.die()
  }

  reconnect(): void {
    for (const connection of this.#connections) connection.close()
  }

  /** GT: what they can see of others is durable, at any moment. Returns documents of which that is not so. */
  seesTooMuch(): DocumentId[] {
    return this.#files
      .filter(({ document, doc }) => !this.#deps.truth.holdsOthers(document, doc))
      .map(({ document }) => document)
  }

  /** Without a network for so long; what is typed meanwhile waits here. */
  goOffline(forMs: number): void {
    this.#onlineFrom = this.#deps.clock.now() + forMs
    this.loseConnection()
  }

  get isOffline(): boolean {
    return this.#deps.clock.now() < this.#onlineFrom
  }

  /** Gone, with everything that only their memory held. */
  leave(): void {
    this.#isGone = true
    for (const { provider } of this.#files) provider.destroy()
    this.#socket.destroy()
  }

  #open(document: DocumentId): OpenFile {
    const doc = new Y.Doc()
    doc.clientID = Math.floor(this.#deps.random() * 2 ** 32)
    const provider = new HocuspocusProvider({
      websocketProvider: this.#socket,
      name: document,
      document: doc,
      token: this.name,
      sessionAwareness: true,
      awareness: null,
    })
    const file: OpenFile = { document, doc, provider, last: null }
    const check = () => {
      if (isSaved(file)) this.#deps.truth.claimed(document, doc, this.name)
    }
    provider.on('unsyncedChanges', check)
    provider.on('authenticated', check)
    provider.on('authenticationFailed', ({ reason }: { reason: string }) => {
      if (reason === 'epoch-changed' && !this.#isGone) this.#beginAnew(file)
    })
    provider.attach()
    return file
  }

  /** What our page does: the unsaved text is set aside, and the document is opened as it is now. */
  #beginAnew(file: OpenFile): void {
    const at = this.#files.indexOf(file)
    if (at < 0) return
    file.provider.destroy()
    this.#files[at] = this.#open(file.document)
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#deps.random() * list.length)] as T
  }
}

const isSaved = ({ provider }: OpenFile): boolean => provider.unsyncedChanges === 0 && provider.isAuthenticated
