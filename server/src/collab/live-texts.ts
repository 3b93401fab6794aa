/**
 * The live documents for everybody but browsers. Texts come from memory when the document is open, else from beside its state, and only
 * when neither is at the head from decoding it; edits are made in the one copy in memory and return when they are durable (DL4).
 */
import { setImmediate } from 'node:timers/promises'
import type { Hocuspocus } from '@hocuspocus/server'
import { type Database, documentLogQueries } from '@skein/db'
import { applyTextEdits, checkTextEdits, partsToRevision, revisionToParts } from '@skein/document'
import { type ActorKey, type DocumentId, Refusal } from '@skein/protocol'
import type { EditOutcome, LiveDocuments, LiveText, TextEdit } from '../commands/live-documents.ts'
import { Denial } from './authentication.ts'
import type { DocumentLog } from './document-log.ts'
import type { CollabContext } from './hocuspocus.ts'
import { DocumentAstray } from './log-entry.ts'
import type { OpenDocument } from './open-document.ts'

export interface LiveTextsDeps {
  db: Database
  hocuspocus: Hocuspocus<CollabContext>
  open: ReadonlyMap<DocumentId, OpenDocument>
  documentLog: DocumentLog
  /** Resolves when memory holds every row that any node has committed until now; absent: there are no other nodes. */
  catchUp?: (document: DocumentId) => Promise<void>
}

/** Documents that one call loads at the same time. */
const LOADS_MAX = 8
/** A document that is unloaded while it is wanted is wanted again; more often than that something else is wrong. */
const TRIES_MAX = 5

export class LiveTexts implements LiveDocuments {
  readonly #deps: LiveTextsDeps

  constructor(deps: LiveTextsDeps) {
    this.#deps = deps
  }

  async read(documents: readonly DocumentId[]): Promise<Map<DocumentId, LiveText>> {
    const texts = new Map<DocumentId, LiveText>()
    const closed: DocumentId[] = []
    const waiting: OpenDocument[] = []
    const { catchUp } = this.#deps
    // Whoever has written at one node reads it at another.
    if (catchUp) await Promise.all(documents.filter((id) => this.#deps.open.has(id)).map(catchUp))
    for (const id of documents) {
      const open = this.#deps.open.get(id)
      if (!open || open.isClosed) closed.push(id)
      else if (this.#deps.documentLog.isSettled(id))
        texts.set(id, this.#textAt(open, this.#deps.documentLog.seq(id), open.text))
      else waiting.push(open)
    }
    await Promise.all(waiting.map((open) => this.#readOpen(open, texts)))
    if (closed.length > 0) await this.#readClosed(closed, texts)
    return texts
  }

  async edit(
    document: DocumentId,
    by: ActorKey,
    read: LiveText['revision'],
    edits: readonly TextEdit[],
  ): Promise<EditOutcome> {
    const wanted = revisionToParts(read)
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const open = await this.#load(document)
      if (!open) throw notFound()
      const now = await this.#cut(open).catch(refuseWith(unavailable))
      const isRead = wanted?.document === document && wanted.epoch === open.facts.epoch && wanted.seq === now.seq
      if (!isRead) return { outcome: 'stale', current: this.#textAt(open, now.seq, now.text) }
      // Somebody typed while we waited for the commit, or the document left memory: look again.
      if (open.isClosed || open.changes !== now.changes) continue
      checkTextEdits(now.text, edits)
      if (edits.length === 0) return { outcome: 'applied', current: this.#textAt(open, now.seq, now.text) }
      open.edit({ actor: by }, (text) => applyTextEdits(text, edits))
      const after = await this.#cut(open).catch(refuseWith(unconfirmed))
      return { outcome: 'applied', current: this.#textAt(open, after.seq, after.text) }
    }
    throw unavailable()
  }

  /** The text at exactly one row, and how many changes memory had seen by then. Rejects with DocumentAstray. */
  async #cut(open: OpenDocument): Promise<{ seq: number; text: string; changes: number }> {
    const look = () => ({ text: open.text, changes: open.changes })
    const { seq, taken } = await this.#deps.documentLog.cut(open.facts.id, look)
    return { seq, ...taken }
  }

  #textAt(open: OpenDocument, seq: number, text: string): LiveText {
    const { id, epoch } = open.facts
    open.usedAt = performance.now()
    return { revision: partsToRevision({ document: id, epoch, seq }), text }
  }

  async #readOpen(open: OpenDocument, texts: Map<DocumentId, LiveText>): Promise<void> {
    try {
      const { seq, text } = await this.#cut(open)
      texts.set(open.facts.id, this.#textAt(open, seq, text))
    } catch (error) {
      // One that went while we waited is absent from the answer; the others are not to suffer for it.
      if (!(error instanceof DocumentAstray && error.isGone)) refuseWith(unavailable)(error)
    }
  }

  async #readClosed(documents: readonly DocumentId[], texts: Map<DocumentId, LiveText>): Promise<void> {
    const behind: DocumentId[] = []
    for (const { id, epoch, head, text } of await documentLogQueries.listTexts(this.#deps.db.log, documents)) {
      if (text === null) behind.push(id)
      else texts.set(id, { revision: partsToRevision({ document: id, epoch, seq: head }), text })
    }
    const worker = async () => {
      for (let id = behind.pop(); id; id = behind.pop()) {
        const open = await this.#load(id)
        if (open) await this.#readOpen(open, texts)
      }
    }
    await Promise.all(Array.from({ length: Math.min(LOADS_MAX, behind.length) }, worker))
  }

  /** The document in memory, read from the database if need be; null when there is none. */
  async #load(id: DocumentId): Promise<OpenDocument | null> {
    const { hocuspocus, open } = this.#deps
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      try {
        await hocuspocus.createDocument(id, SERVER_REQUEST, 'server', { isAuthenticated: true, readOnly: false })
      } catch (error) {
        if (error instanceof Denial && error.reason === 'not-found') return null
        throw unavailable()
      }
      if (open.has(id)) await this.#deps.catchUp?.(id)
      const document = open.get(id)
      if (document && !document.isClosed) return document
      // It left memory in the same moment.
      await setImmediate()
    }
    throw unavailable()
  }
}

/** Hocuspocus wants to know which request opens a document. */
const SERVER_REQUEST = new Request('http://localhost')

const unavailable = () =>
  new Refusal('unavailable', 'The document cannot be read now. Nothing was changed.', {
    hint: 'Try again in a moment.',
  })

const unconfirmed = () =>
  new Refusal('unavailable', 'It is not known whether the edit was saved.', {
    hint: 'Read the document again before you repeat it.',
  })

/** Turns the loss of a document into a refusal: it has gone, or `refusal` when it only has to be read anew. */
const refuseWith =
  (refusal: () => Refusal) =>
  (error: unknown): never => {
    if (!(error instanceof DocumentAstray)) throw error
    throw error.isGone ? notFound() : refusal()
  }

const notFound = () => new Refusal('not-found', 'There is no such document.', { hint: 'It may have been deleted.' })
