/** People of the simulation: stock providers on real sockets, who type, take away what they see, and write it down. */
import type { DocumentId } from '@skein/protocol'
import type * as Y from 'yjs'
import { openDocument, type TestClient, until } from '../../collab/testing/client.ts'
import type { TestPerson } from '../../collab/testing/fixtures.ts'
import { applyChange, type Chance, changeLine } from './text-changes.ts'
import type { WordBook } from './word-book.ts'

export class SimulatedPerson {
  readonly person: TestPerson
  readonly #book: WordBook
  readonly #pages = new Map<DocumentId, TestClient>()
  readonly #left: string[] = []
  #url: string

  constructor(person: TestPerson, book: WordBook, url: string) {
    this.person = person
    this.#book = book
    this.#url = url
  }

  /** One change of a text that is open, or opened now; what it takes away was seen. */
  async type(chance: Chance, document: DocumentId): Promise<void> {
    const page = await this.#open(document)
    if (!page) return
    const { text } = page
    const before = text.toString()
    const change = changeLine(chance, before, () => this.#book.next('person'))
    text.doc?.transact(() => {
      if (change.remove > 0) text.delete(change.at, change.remove)
      if (change.insert !== '') text.insert(change.at, change.insert)
    })
    this.#book.saw(before, applyChange(before, change))
  }

  async #open(document: DocumentId): Promise<TestClient | null> {
    const known = this.#pages.get(document)
    if (known && known.denials.length === 0) return known
    if (known) this.#leave(document, known)
    const page = this.#connect(document)
    this.#pages.set(document, page)
    await until(() => page.provider.isSynced || page.denials.length > 0, 'the page opens', 120_000)
    return page.denials.length > 0 ? null : page
  }

  /** A page that is refused is left; what only it holds was never called saved, and whoever typed it still has it. */
  #leave(document: DocumentId, page: TestClient): void {
    this.#left.push(page.text.toString())
    this.#pages.delete(document)
    page.destroy()
  }

  #connect(document: DocumentId, doc?: Y.Doc): TestClient {
    return openDocument({ url: this.#url, token: this.person.token, document, ...(doc && { doc }) })
  }

  /** The server is another one now: every page comes back with what it holds. */
  async moveTo(url: string): Promise<void> {
    this.#url = url
    for (const [document, page] of this.#pages) {
      const { doc } = page.text
      page.destroy()
      this.#pages.set(document, this.#connect(document, doc ?? undefined))
    }
  }

  /** Everything typed is durable. Files that are gone refuse, and keep what their rows hold. */
  async untilSaved(): Promise<void> {
    for (const page of this.#pages.values()) {
      await until(() => page.isSaved || page.denials.length > 0, 'everything typed is saved', 120_000)
    }
  }

  /** The texts of the pages that are open and live, by document. */
  texts(): Map<DocumentId, string> {
    const live = [...this.#pages].filter(([, { denials }]) => denials.length === 0)
    return new Map(live.map(([document, { text }]) => [document, text.toString()]))
  }

  /** Texts of pages that were refused, because their file was gone. */
  unsavedTexts(): string[] {
    const refused = [...this.#pages.values()].filter(({ denials }) => denials.length > 0)
    return [...this.#left, ...refused.map(({ text }) => text.toString())]
  }

  close(): void {
    for (const page of this.#pages.values()) page.destroy()
    this.#pages.clear()
  }
}
