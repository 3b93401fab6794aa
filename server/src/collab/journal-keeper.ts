/**
 * The journals of open texts (AE1), and the texts that programs have read of them.
 *
 * A journal begins when a program reads a text that is open, and may write into it; it ends when none has for ten minutes: working out where a
 * change lies costs Yjs a walk through the whole text, which a document that only people edit is not to pay for each key. It ends also
 * when the document leaves memory, which it would keep there, and when all journals together take too much: what is wanted of
 * it then is read from the log.
 */
import { deltaToChanges, JOURNAL_AGE_MS_MAX, Journal, type JournalEntry } from '@skein/document'
import { type DocumentId, SKEIN, TEXT_NAME } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import type * as Y from 'yjs'
import type { Clock } from './clock.ts'
import type { OpenDocument } from './open-document.ts'

interface Kept {
  open: OpenDocument
  journal: Journal
  /** Entry numbers by the row at which the text was read. */
  numbers: Map<number, number>
  usedAt: number
  /** When the text had changed last before the journal began. */
  changedBefore: number
  stop(): void
}

const JOURNALS_MAX = 256
/** Of all journals, in UTF-16 units. */
const JOURNALS_SIZE_MAX = 64 * 1024 * 1024
/** Revisions of one text that are remembered. */
const READS_MAX = 64
/** Texts as they were read, of all documents, in UTF-16 units. */
const TEXTS_MAX = 32 * 1024 * 1024

export class JournalKeeper {
  readonly #clock: Clock
  readonly #journals: LRUCache<DocumentId, Kept>
  #size = 0
  readonly #texts = new LRUCache<string, string>({ maxSize: TEXTS_MAX, sizeCalculation: (text) => text.length + 1 })

  constructor(clock: Clock) {
    this.#clock = clock
    this.#journals = new LRUCache({ max: JOURNALS_MAX, dispose: (kept) => this.#forget(kept) })
  }

  /** Texts that have a journal, and what the journals take in UTF-16 units. */
  get held(): { journals: number; size: number } {
    return { journals: this.#journals.size, size: this.#size }
  }

  /** The number of the next change of the text as it stands in memory; from now on its journal is kept. */
  mark(open: OpenDocument): number {
    // Of one that has left memory nothing is followed any more; whoever asks what came after has to take it up again.
    if (open.shell.isDestroyed) return 0
    const kept = this.#find(open) ?? this.#begin(open)
    kept.usedAt = this.#clock.now()
    return kept.journal.mark()
  }

  /** Remembers that the text of that row is the one at `number`. */
  keep(open: OpenDocument, { seq, number, text }: { seq: number; number: number; text: string }): void {
    const kept = this.#find(open)
    if (!kept) return
    kept.numbers.delete(seq)
    kept.numbers.set(seq, number)
    const [oldest] = kept.numbers.keys()
    if (kept.numbers.size > READS_MAX && oldest !== undefined) kept.numbers.delete(oldest)
    this.#texts.set(textKey(open, seq), text)
  }

  /** The text of that row, and its number; null when either is not remembered. */
  find(open: OpenDocument, seq: number): { text: string; number: number } | null {
    const number = this.#find(open)?.numbers.get(seq)
    const text = this.#texts.get(textKey(open, seq))
    return number === undefined || text === undefined ? null : { text, number }
  }

  /** What happened from that number on; null when it is not known any more. */
  since(open: OpenDocument, number: number): readonly JournalEntry[] | null {
    return this.#find(open)?.journal.since(number) ?? null
  }

  /** Changes not older than `since`; null when the text was changed then and nobody saw where. */
  recent(open: OpenDocument, since: number): readonly JournalEntry[] | null {
    const kept = this.#find(open)
    if (!kept || kept.changedBefore >= since) return null
    return kept.journal.recent(since)
  }

  /** The journal of exactly this load of the document. */
  #find(open: OpenDocument): Kept | undefined {
    const kept = this.#journals.get(open.facts.id)
    return kept?.open === open ? kept : undefined
  }

  #begin(open: OpenDocument): Kept {
    const text = open.doc.getText(TEXT_NAME)
    let { length } = open.text
    const kept: Kept = {
      open,
      journal: new Journal(),
      numbers: new Map(),
      usedAt: this.#clock.now(),
      changedBefore: open.changedAt,
      stop: () => {
        text.unobserve(observe)
        open.shell.off('destroy', end)
      },
    }
    const end = () => this.#journals.delete(open.facts.id)
    const observe = ({ delta }: Y.YTextEvent): void => {
      const now = this.#clock.now()
      const changes = length === -1 ? null : deltaToChanges(delta, length)
      if (!changes || now - kept.usedAt > JOURNAL_AGE_MS_MAX) {
        // Nobody reads it any more; or a picture stands in the text, which positions of a plain text do not know: the log has to tell.
        end()
        return
      }
      length = changes.newLength
      const before = kept.journal.size
      kept.journal.append({ changes, author: open.writer ?? { actor: SKEIN }, at: now })
      this.#size += kept.journal.size - before
      while (this.#size > JOURNALS_SIZE_MAX) this.#journals.pop()
    }
    if (text.length !== length) length = -1
    text.observe(observe)
    open.shell.on('destroy', end)
    this.#journals.set(open.facts.id, kept)
    return kept
  }

  #forget({ open, journal, numbers, stop }: Kept): void {
    stop()
    this.#size -= journal.size
    for (const seq of numbers.keys()) this.#texts.delete(textKey(open, seq))
  }
}

const textKey = ({ facts }: OpenDocument, seq: number): string => `${facts.id}:${facts.epoch}:${seq}`
