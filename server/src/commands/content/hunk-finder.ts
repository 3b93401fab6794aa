/**
 * Port: finding the hunks of a write in the text that was read, which needs nothing but the two texts. In large texts it takes up to seconds, in which
 * no socket may wait; in small ones it is done at once.
 */
import { type HunkList, type Wanted, wantedHunks } from '@skein/document'

export interface WantedHunks {
  /** The text that was read. */
  text: string
  wanted: Wanted
  /** For a text that the writer has not read: nothing that is only similar. */
  isExactEnough: boolean
}

export interface HunkFinder {
  /** Always the same for the same question. Rejects with a Refusal `unavailable` when it takes too long or too many wait; nothing was changed. */
  find(question: WantedHunks): Promise<HunkList>
}

/** Texts and edits together, in UTF-16 units, that are looked through in some ten milliseconds at most. */
const SMALL_MAX = 128 * 1024
/** Units that all the edits of a call pass over together. */
const PASSED_MAX = 2 * 1024 * 1024

/** Whether it takes so little that nobody notices. */
export function isSmall({ text, wanted }: WantedHunks): boolean {
  if ('text' in wanted) return text.length + wanted.text.length <= SMALL_MAX
  const units = wanted.edits.reduce(
    (sum, edit) => sum + ('oldText' in edit ? edit.oldText.length + edit.newText.length : edit.insert.length),
    text.length,
  )
  return units <= SMALL_MAX && units * wanted.edits.length <= PASSED_MAX
}

/** Finds them here and now. */
export const findHunks = ({ text, wanted, isExactEnough }: WantedHunks): HunkList =>
  wantedHunks(text, wanted, isExactEnough)

/** Finds them at once however large the texts are: for whoever has nobody else to serve. */
export const HUNKS_AT_ONCE: HunkFinder = { find: async (question) => findHunks(question) }
