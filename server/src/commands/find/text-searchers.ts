/**
 * Port: threads that look through texts. A search has one for itself from `open` to `close`, so that what takes too long can be ended with its
 * thread, and nobody else's search with it. Texts go in by the batch; nothing is kept between batches but the compiled search.
 */
import type { ExpressionFault, SearchTerms, TextFound } from './text-search.ts'

export interface TextSearchers {
  /**
   * Waits until a thread is free. Rejects with the signal's reason when it is aborted first, with a Refusal `unavailable` when too many wait.
   */
  open(terms: SearchTerms, signal: AbortSignal): Promise<TextSearcher | ExpressionFault>
}

export interface TextSearcher {
  /**
   * What each text holds, in their order, or null for nothing. `too-slow` after `withinMs`, or when the memory of the thread was not enough:
   * the searcher can then only be closed. Rejects with the signal's reason when the signal of `open` is aborted.
   */
  search(texts: readonly string[], withinMs: number): Promise<(TextFound | null)[] | 'too-slow'>
  /** Gives the thread back. May be called at any time, once. */
  close(): void
}
