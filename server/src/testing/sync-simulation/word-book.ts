/**
 * Who wrote which words, and who took which of them away on purpose. Every word is written once, by one hand: so a word that is nowhere, and that
 * nobody has taken away who saw it, was lost.
 */

const WORD = /⟦[a-z]+\d+⟧/g

export type Hand = 'person' | 'remote'

export class WordBook {
  readonly #hands = new Map<string, Hand>()
  readonly #taken = new Set<string>()
  #count = 0

  /** A word that nobody has written before. */
  next(hand: Hand): string {
    const word = `⟦${hand === 'person' ? 'p' : 'r'}${++this.#count}⟧`
    this.#hands.set(word, hand)
    return word
  }

  /** Somebody who saw `before` made `after` of it: what is not there any more was taken away. */
  saw(before: string, after: string): void {
    const left = new Set(wordsOf(after))
    for (const word of wordsOf(before)) if (!left.has(word)) this.#taken.add(word)
  }

  /** A force-push leaves out what the remote's own hands wrote; what people wrote here must stay. */
  sawRewrite(before: string, after: string): void {
    const left = new Set(wordsOf(after))
    for (const word of wordsOf(before)) if (!left.has(word) && this.#hands.get(word) === 'remote') this.#taken.add(word)
  }

  /** Words that are in none of the texts and that nobody has taken away. */
  findLost(texts: Iterable<string>): string[] {
    const found = new Set<string>()
    for (const text of texts) for (const word of wordsOf(text)) found.add(word)
    return [...this.#hands.keys()].filter((word) => !found.has(word) && !this.#taken.has(word))
  }

  get size(): number {
    return this.#hands.size
  }
}

export const wordsOf = (text: string): string[] => text.match(WORD) ?? []

/** Words that stand in a text more than once. */
export const findDoubles = (text: string): string[] => {
  const words = wordsOf(text)
  return words.filter((word, n) => words.indexOf(word) !== n)
}
