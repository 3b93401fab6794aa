/**
 * The live documents for everybody but browsers. Texts come from memory when the document is open, else from beside its state, and only
 * when neither is at the head from decoding it; edits are made in the one copy in memory and return when they are durable (DL4).
 */
import { setImmediate } from 'node:timers/promises'
import type { Hocuspocus } from '@hocuspocus/server'
import { type Database, documentLogQueries } from '@skein/db'
import { partsToRevision } from '@skein/document'
import { type DocumentId, Refusal } from '@skein/protocol'
import type { HunkFinder } from '../commands/content/hunk-finder.ts'
import type {
  Anchors,
  LiveDocuments,
  LiveText,
  ReadPurpose,
  WriteOutcome,
  WriteRequest,
} from '../commands/live-documents.ts'
import { Turnstile } from '../policies/turnstile.ts'
import { Denial } from './authentication.ts'
import type { Clock } from './clock.ts'
import type { DocumentLog } from './document-log.ts'
import type { CollabContext } from './hocuspocus.ts'
import type { JournalKeeper } from './journal-keeper.ts'
import { rebuildJournal } from './journal-rebuild.ts'
import { LateEdits } from './late-edits.ts'
import { placeAnchors, type TextRange } from './live-marks.ts'
import { LiveWrites, type ReadText } from './live-writes.ts'
import { DocumentAstray } from './log-entry.ts'
import type { OpenDocument } from './open-document.ts'

export interface LiveTextsDeps {
  db: Database
  hocuspocus: Hocuspocus<CollabContext>
  open: ReadonlyMap<DocumentId, OpenDocument>
  documentLog: DocumentLog
  /** Resolves when memory holds every row that any node has committed until now; absent: there are no other nodes. */
  catchUp?: (document: DocumentId) => Promise<void>
  clock: Clock
  journals: JournalKeeper
  hunks: HunkFinder
}

/** A text at a row. */
interface SeenText {
  seq: number
  text: string
}

type Take = (open: OpenDocument) => SeenText

/** Documents that one call loads at the same time. */
const LOADS_MAX = 8
/** A document that is unloaded while it is wanted is wanted again; more often than that something else is wrong. */
const TRIES_MAX = 5

/** A journal that is rebuilt holds what was written since in memory: one at a time, of whoever writes on what was read long ago. */
const rebuilding = new Turnstile(1, 32)

export class LiveTexts implements LiveDocuments {
  readonly #deps: LiveTextsDeps
  readonly #writes: LiveWrites

  constructor(deps: LiveTextsDeps) {
    const { db, clock, journals, hunks } = deps
    this.#deps = deps
    this.#writes = new LiveWrites({
      journals,
      hunks,
      late: new LateEdits(clock),
      clock,
      load: (document) => this.#load(document),
      readAt: (open, refusal) => this.#readAt(open, this.#mark).catch(refuseWith(refusal)),
      textAt: (open, at) => this.#textAt(open, at),
      isFull: () => deps.documentLog.isFull,
      rebuild: (document, range) => rebuilding.pass(() => rebuildJournal(db, document, range)),
      refuse: { missing: notFound, unavailable, unconfirmed },
    })
  }

  async read(documents: readonly DocumentId[], purpose: ReadPurpose = 'edit'): Promise<Map<DocumentId, LiveText>> {
    const texts = new Map<DocumentId, LiveText>()
    const closed: DocumentId[] = []
    const waiting: OpenDocument[] = []
    const take = purpose === 'edit' ? this.#mark : this.#look
    const { catchUp } = this.#deps
    // Whoever has written at one node reads it at another.
    if (catchUp) await Promise.all(documents.filter((id) => this.#deps.open.has(id)).map(catchUp))
    for (const id of documents) {
      const open = this.#deps.open.get(id)
      if (!open || open.isClosed) closed.push(id)
      else if (this.#deps.documentLog.isSettled(id)) texts.set(id, this.#textAt(open, take(open)))
      else waiting.push(open)
    }
    await Promise.all(waiting.map((open) => this.#readOpen(open, take, texts)))
    if (closed.length > 0) await this.#readClosed(closed, take, texts)
    return texts
  }

  write(request: WriteRequest): Promise<WriteOutcome> {
    return this.#writes.write(request)
  }

  async place(
    document: DocumentId,
    anchors: readonly Anchors[],
  ): Promise<{ current: LiveText; ranges: (TextRange | null)[] } | null> {
    const open = await this.#load(document)
    if (!open) return null
    const take = (): ReadText & { ranges: (TextRange | null)[] } => ({
      ...this.#mark(open),
      ranges: placeAnchors(open, anchors),
    })
    try {
      const at = await this.#readAt(open, take)
      return { current: this.#textAt(open, at), ranges: at.ranges }
    } catch (error) {
      if (error instanceof DocumentAstray && error.isGone) return null
      return refuseWith(unavailable)(error)
    }
  }

  /** The text in memory; it is that of row `seq` only while the document is settled, or within a cut. */
  #look = (open: OpenDocument): SeenText => ({ seq: this.#deps.documentLog.seq(open.facts.id), text: open.text })

  /** The same, for somebody who may write: what happens from now on is followed. */
  #mark = (open: OpenDocument): ReadText => ({ ...this.#look(open), number: this.#deps.journals.mark(open) })

  /** The text at exactly one row. Rejects with DocumentAstray. */
  async #readAt<Text extends SeenText>(open: OpenDocument, take: (open: OpenDocument) => Text): Promise<Text> {
    const { seq, taken } = await this.#deps.documentLog.cut(open.facts.id, () => take(open))
    return { ...taken, seq }
  }

  /** Hands out the text of a row, and remembers it as the base of a later write if it was read for one. */
  #textAt(open: OpenDocument, at: SeenText): LiveText {
    const { id, epoch } = open.facts
    open.usedAt = this.#deps.clock.now()
    if (isReadText(at)) this.#deps.journals.keep(open, at)
    return { revision: partsToRevision({ document: id, epoch, seq: at.seq }), text: at.text }
  }

  async #readOpen(open: OpenDocument, take: Take, texts: Map<DocumentId, LiveText>): Promise<void> {
    try {
      texts.set(open.facts.id, this.#textAt(open, await this.#readAt(open, take)))
    } catch (error) {
      // One that went while we waited is absent from the answer; the others are not to suffer for it.
      if (!(error instanceof DocumentAstray && error.isGone)) refuseWith(unavailable)(error)
    }
  }

  async #readClosed(documents: readonly DocumentId[], take: Take, texts: Map<DocumentId, LiveText>): Promise<void> {
    const behind: DocumentId[] = []
    for (const { id, epoch, head, text } of await documentLogQueries.listTexts(this.#deps.db.log, documents)) {
      if (text === null) behind.push(id)
      else texts.set(id, { revision: partsToRevision({ document: id, epoch, seq: head }), text })
    }
    const worker = async () => {
      for (let id = behind.pop(); id; id = behind.pop()) {
        const open = await this.#load(id)
        if (open) await this.#readOpen(open, take, texts)
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

const isReadText = (at: SeenText): at is ReadText => 'number' in at

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
