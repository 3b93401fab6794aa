/** What is durable, word by word and instant by instant, and every way in which it was not what somebody was told. */
import { applyUpdate, decodeUpdateFrames } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import * as Y from 'yjs'
import type { CommitItem } from '../document-store.ts'

interface Known {
  /** What a server that starts now would read. */
  durable: Y.Doc
  /** What was read in epochs that have ended; those who saw it are told only when they come back. */
  ended: Y.Doc[]
  /** The text after each row of the epoch. */
  texts: Map<number, string>
  /** Words that somebody has deleted, anywhere. */
  deleted: Set<string>
  /** Each word that was typed right behind another one. */
  behind: Map<string, string>
  /** Words that somebody was told are saved. */
  saved: Set<string>
  /** What was durable before the store went back, as long as somebody may have been told of it in that moment. */
  lost: Pick<Known, 'durable' | 'texts'> | null
}

export class Truth {
  readonly wrong: string[] = []
  claims = 0
  readonly #known = new Map<DocumentId, Known>()

  /** `seed`: what the document begins with. */
  add(document: DocumentId, seed: Y.Doc): void {
    const texts = new Map([[0, textOf(seed)]])
    this.#known.set(document, {
      durable: seed,
      ended: [],
      texts,
      deleted: new Set(),
      behind: new Map(),
      saved: new Set(),
      lost: null,
    })
  }

  committed({ document, payload }: CommitItem, seq: number): void {
    const { durable, texts } = this.#of(document)
    for (const { update } of decodeUpdateFrames(payload)) applyUpdate(durable, update)
    texts.set(seq, textOf(durable))
  }

  /** The epoch has ended with row `seq`; the next begins with the same text. */
  epochEnded(document: DocumentId, seed: Y.Doc, seq: number): void {
    const known = this.#of(document)
    known.ended.push(known.durable)
    known.durable = seed
    known.texts = new Map([[seq, textOf(seed)]])
  }

  /** The store has gone back, and holds this, up to row `head`. What it lost is to come back before `endMercy`. */
  wentBack(document: DocumentId, kept: Y.Doc, head: number): void {
    const known = this.#of(document)
    known.lost = { durable: known.durable, texts: known.texts }
    known.durable = kept
    known.texts = new Map([...known.texts].filter(([seq]) => seq <= head))
  }

  /** Nobody is excused any more by what the store lost. */
  endMercy(document: DocumentId): void {
    this.#of(document).lost = null
  }

  /** Somebody looked at the text at exactly one row. */
  looked(document: DocumentId, seq: number, text: string): void {
    const { texts, lost } = this.#of(document)
    const wanted = texts.get(seq)
    if (wanted !== undefined && wanted !== text && lost?.texts.get(seq) !== text)
      this.wrong.push(`row ${seq} was shown with another text than it has`)
  }

  /** A word was promised to be durable. */
  promised(document: DocumentId, word: string): void {
    const { saved, deleted, durable, lost } = this.#of(document)
    saved.add(word)
    if (!deleted.has(word) && ![durable, lost?.durable].some((doc) => doc && textOf(doc).includes(word)))
      this.wrong.push(`${word} was promised too early`)
  }

  typed(document: DocumentId, word: string, behind: string | null): void {
    if (behind !== null) this.#of(document).behind.set(word, behind)
  }

  deleted(document: DocumentId, word: string): void {
    this.#of(document).deleted.add(word)
  }

  /** Somebody's provider says saved: everything that they see must be durable, deletions included. */
  claimed(document: DocumentId, doc: Y.Doc, by: string): void {
    this.claims++
    const { durable, ended, saved, lost } = this.#of(document)
    const update = Y.encodeStateAsUpdate(doc)
    const told = lost ? [lost.durable] : []
    if (![durable, ...ended, ...told].some((each) => Y.snapshotContainsUpdate(Y.snapshot(each), update)))
      this.wrong.push(`${by} was told saved too early`)
    for (const word of wordsOf(doc)) if (word.startsWith(`<${by}.`)) saved.add(word)
  }

  /** Whether what stands there of other people is durable. */
  holdsOthers(document: DocumentId, doc: Y.Doc): boolean {
    const { durable, ended, lost } = this.#of(document)
    const wasThere = (client: number) => (lost ? Y.getState(lost.durable.store, client) : 0)
    const seen = [...Y.decodeStateVector(Y.encodeStateVector(doc))].filter(([client]) => client !== doc.clientID)
    return [durable, ...ended].some(({ store }) =>
      seen.every(([client, clock]) => Math.max(Y.getState(store, client), wasThere(client)) >= clock),
    )
  }

  /** What a server that starts now would show, against everything that was said. */
  checkEnd(document: DocumentId, text: string): void {
    const { deleted, behind, saved } = this.#of(document)
    const words: string[] = text.match(/<[^>]*>/g) ?? []
    const places = new Map(words.map((word, place) => [word, place]))
    if (places.size < words.length) this.wrong.push('a word stands twice')
    for (const word of saved)
      if (!places.has(word) && !deleted.has(word)) this.wrong.push(`${word} was saved and is lost`)
    for (const [word, before] of behind) {
      const [place, placeBefore] = [places.get(word), places.get(before)]
      if (place !== undefined && placeBefore !== undefined && place < placeBefore)
        this.wrong.push(`${word} stands before ${before}`)
    }
  }

  #of(document: DocumentId): Known {
    const known = this.#known.get(document)
    if (!known) throw new Error(`Nobody knows document ${document}`)
    return known
  }
}

const wordsOf = (doc: Y.Doc): string[] =>
  doc
    .getText('text')
    .toString()
    .match(/<[^>]*>/g) ?? []

const textOf = (doc: Y.Doc): string => doc.getText('text').toString()
