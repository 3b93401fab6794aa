/** Finding the row on which Yjs fails, in a tail whose rows all look well by themselves. */
import type { HistoryRow } from '@skein/document'
import { isReadable } from './rebuild-state.ts'

/**
 * The index of the first row that cannot be read on top of the state and the rows before it; null when all can. It may show only in what
 * comes of a row (Yjs takes some that it cannot encode again), so beginnings of the tail are tried, by halves: each try builds the document.
 */
export const findUnreadableRow = (state: Uint8Array, rows: readonly HistoryRow[]): number | null => {
  if (isReadable(state, rows)) return null
  let readable = 0
  let unreadable = rows.length
  while (unreadable - readable > 1) {
    const middle = Math.floor((readable + unreadable) / 2)
    if (isReadable(state, rows.slice(0, middle))) readable = middle
    else unreadable = middle
  }
  return unreadable - 1
}
