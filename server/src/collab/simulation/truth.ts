/** What is durable, word by word and instant by instant, and every way in which it was not what somebody was told. */
import { decodeUpdateFrames } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import * as Y from 'yjs'
import type { CommitItem } from '../document-store.ts'

interface Known {
  /** What a server that starts now would read. */
  durable: Y.Doc
  /** Words that somebody has deleted, anywhere. */
  deleted: Set<string>
  /** Each word that was typed right behind another one. */
  behind: Map<string, string>
  /** Words that somebody was told are saved. */
  saved: Set<string>
}

export class Truth {
  readonly wrong: string[] = []
  claims = 0
  readonly #known = new Map<DocumentId, Known>()

  /** `seed`: what the document begins with. */
  add(document: DocumentId, seed: Y.Doc): void {
    this.#known.set(document, { durable: seed, deleted: new Set(), behind: new Map(), saved: new Set() })
  }

  committed({ document, payload }: CommitItem): void {
    for (const { update } of decodeUpdateFrames(payload)) Y.applyUpdate(this.#of(document).durable, update)
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
    const { durable, saved } = this.#of(document)
    if (!Y.snapshotContainsUpdate(Y.snapshot(durable), Y.encodeStateAsUpdate(doc)))
      this.wrong.push(`${by} was told saved too early`)
    for (const word of wordsOf(doc)) if (word.startsWith(`<${by}.`)) saved.add(word)
  }

  /** Whether what stands there of other people is durable. */
  holdsOthers(document: DocumentId, doc: Y.Doc): boolean {
    const { durable } = this.#of(document)
    return [...Y.decodeStateVector(Y.encodeStateVector(doc))].every(
      ([client, clock]) => client === doc.clientID || Y.getState(durable.store, client) >= clock,
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
