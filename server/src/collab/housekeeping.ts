/**
 * What happens once a second: documents that nobody uses leave memory, texts that came to rest are kept beside their states, quiet sockets
 * are kept alive, and those whose token has expired are closed. One thing after the other on one connection of the database, so that
 * commits never wait for it.
 */
import type { Hocuspocus } from '@hocuspocus/server'
import { documentText } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import type { Log } from '../observability/log.ts'
import type { Clock } from './clock.ts'
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
  /** Bytes; default: IDLE_BYTES_MAX. */
  idleBytesMax?: number | undefined
  clock: Clock
  log: Log
}

/** What documents without connections may take in memory together, as far as it is known; beyond it the longest unused go at once. */
const IDLE_BYTES_MAX = 256 * 1024 * 1024
/** Stock clients leave a socket on which nothing comes for 30 s. */
const KEEP_ALIVE_MS = 20_000
/** Answers to state vectors are whole documents: they are kept for those who come together, not for those who come now and then. */
const ANSWER_MS_MAX = 2_000

export class Housekeeping {
  readonly #deps: HousekeepingDeps
  #cancelRound = () => {}
  #isBusy = false
  #leaving: OpenDocument | null = null

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#cancelRound = this.#deps.clock.after(this.#deps.times.roundMs, () => {
      this.start()
      this.#round()
    })
  }

  stop(): void {
    this.#cancelRound()
  }

  /**
   * DL9: not before everything of it is committed, and its text kept. Hocuspocus asks whenever somebody leaves; only those leave that a
   * round has chosen.
   */
  async mayUnload(open: OpenDocument): Promise<boolean> {
    if (open !== this.#leaving || !this.#mayGo(open)) return false
    await this.#saveText(open)
    return this.#mayGo(open)
  }

  /** Keeps the texts of all open documents beside their states. */
  async saveTexts(): Promise<void> {
    for (const open of this.#deps.open.values()) await this.#saveText(open)
  }

  #round(): void {
    for (const gate of this.#deps.gates) {
      if (gate.identity.hasExpired) gate.close()
      else gate.keepAlive(KEEP_ALIVE_MS)
    }
    const answeredBefore = this.#deps.clock.now() - ANSWER_MS_MAX
    for (const open of this.#deps.open.values()) open.forgetAnswers(answeredBefore)
    if (this.#isBusy) return
    this.#isBusy = true
    this.#tidy()
      .catch((error: unknown) =>
        this.#deps.log.warn({ err: error }, 'texts were not kept beside their states; tried again'),
      )
      .finally(() => {
        this.#isBusy = false
      })
  }

  async #tidy(): Promise<void> {
    const { open, times, clock, hocuspocus } = this.#deps
    for (const document of this.#findUnused()) {
      this.#leaving = document
      await hocuspocus.unloadDocument(document.shell)
    }
    this.#leaving = null
    const quietSince = clock.now() - times.quietMs
    for (const document of [...open.values()]) if (document.changedAt <= quietSince) await this.#saveText(document)
  }

  /** Documents to leave memory: without connections, and unused for a while, or the longest unused of those that take too much. */
  #findUnused(): OpenDocument[] {
    const { open, times, clock, idleBytesMax = IDLE_BYTES_MAX } = this.#deps
    const idle = [...open.values()].filter(({ shell }) => shell.getConnectionsCount() === 0)
    idle.sort((a, b) => b.usedAt - a.usedAt)
    const unusedSince = clock.now() - times.idleMs
    let bytes = 0
    return idle.filter((document) => {
      bytes += document.bytes
      return document.isSuspect || document.usedAt < unusedSince || bytes > idleBytesMax
    })
  }

  /** One that cannot be trusted will never be a row of the log again; it goes when nothing of it waits for a commit. */
  #mayGo(open: OpenDocument): boolean {
    return open.isSuspect ? this.#deps.documentLog.isDone(open.facts.id) : this.#isSettled(open)
  }

  #isSettled({ facts }: OpenDocument): boolean {
    return this.#deps.documentLog.isSettled(facts.id)
  }

  /** The text of a document whose every change is committed, hence at exactly its last row. */
  async #saveText(open: OpenDocument): Promise<void> {
    const { documentLog, store } = this.#deps
    const { facts } = open
    if (open.isClosed || !this.#isSettled(open)) return
    const { epoch, timeline } = facts
    const seq = documentLog.seq(facts.id)
    if (facts.textSeq >= seq) return
    const text = documentText(open.doc)
    // PostgreSQL cannot keep NUL in a text; such a document is decoded when it is read.
    if (!text.includes('\0')) await store.saveText(facts.id, { epoch, timeline, seq }, text)
    facts.textSeq = Math.max(facts.textSeq, seq)
  }
}
