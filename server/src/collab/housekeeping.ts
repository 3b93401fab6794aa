/**
 * What happens once a second: documents that nobody uses leave memory, texts that came to rest are kept beside their states, quiet sockets
 * are kept alive, and those whose token has expired are closed.
 */
import type { Hocuspocus } from '@hocuspocus/server'
import type { DocumentId } from '@skein/protocol'
import type { Log } from '../observability/log.ts'
import type { CollabTimes } from './collab-times.ts'
import type { DocumentLog } from './document-log.ts'
import type { DocumentStore } from './document-store.ts'
import type { Gate } from './gate.ts'
import type { CollabContext } from './hocuspocus.ts'
import type { OpenDocument } from './open-document.ts'

export interface HousekeepingDeps {
  hocuspocus: Hocuspocus<CollabContext>
  open: ReadonlyMap<DocumentId, OpenDocument>
  gates: ReadonlySet<Gate>
  documentLog: DocumentLog
  store: DocumentStore
  times: CollabTimes
  log: Log
}

/** Documents without connections that may stay in memory; beyond it the longest unused go at once. */
const IDLE_DOCUMENTS_MAX = 500
const SAVES_PER_ROUND = 20
/** Stock clients leave a socket on which nothing comes for 30 s. */
const KEEP_ALIVE_MS = 20_000

export class Housekeeping {
  readonly #deps: HousekeepingDeps
  #timer: NodeJS.Timeout | undefined
  #isSaving = false

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => this.#round(), this.#deps.times.roundMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** DL9: not before everything of it is committed, and its text kept. */
  async mayUnload(open: OpenDocument): Promise<boolean> {
    const { documentLog } = this.#deps
    const { id } = open.facts
    if (!documentLog.isSettled(id)) return false
    if (open.isSuspect) return true
    const isIdle = performance.now() - open.usedAt > this.#deps.times.idleMs
    if (!isIdle && this.#idle().length <= IDLE_DOCUMENTS_MAX) return false
    await this.#saveText(open)
    return documentLog.isSettled(id)
  }

  /** Keeps the texts of all open documents beside their states. */
  async saveTexts(): Promise<void> {
    for (const open of this.#deps.open.values()) {
      if (!open.isSuspect && this.#deps.documentLog.isSettled(open.facts.id)) await this.#saveText(open)
    }
  }

  #round(): void {
    const { gates, hocuspocus, log } = this.#deps
    for (const gate of gates) {
      if (gate.identity.hasExpired) gate.close()
      else gate.keepAlive(KEEP_ALIVE_MS)
    }
    for (const open of this.#idle()) {
      hocuspocus.unloadDocument(open.doc).catch((error: unknown) => {
        log.error({ err: error, document: open.facts.id }, 'a document could not be unloaded')
      })
    }
    if (this.#isSaving) return
    this.#isSaving = true
    this.#saveQuietTexts()
      .catch((error: unknown) => log.warn({ err: error }, 'texts could not be kept beside their states; tried again'))
      .finally(() => {
        this.#isSaving = false
      })
  }

  /** Documents without connections, the longest unused first. */
  #idle(): OpenDocument[] {
    const idle = [...this.#deps.open.values()].filter(({ doc }) => doc.getConnectionsCount() === 0)
    return idle.sort((a, b) => a.usedAt - b.usedAt)
  }

  async #saveQuietTexts(): Promise<void> {
    const { open, documentLog, times } = this.#deps
    const quietSince = performance.now() - times.quietMs
    const due = [...open.values()].filter(
      (document) =>
        !document.isSuspect &&
        document.changedAt <= quietSince &&
        documentLog.isSettled(document.facts.id) &&
        document.facts.textSeq < documentLog.seq(document.facts.id),
    )
    for (const document of due.slice(0, SAVES_PER_ROUND)) await this.#saveText(document)
  }

  /** The text of a document whose every change is committed, hence at exactly its last row. */
  async #saveText(open: OpenDocument): Promise<void> {
    const { documentLog, store } = this.#deps
    const { facts, text } = open
    const seq = documentLog.seq(facts.id)
    if (facts.textSeq >= seq) return
    // PostgreSQL cannot keep NUL in a text; such a document is decoded when it is read.
    if (!text.includes('\0')) await store.saveText(facts.id, seq, text)
    facts.textSeq = Math.max(facts.textSeq, seq)
  }
}
