// Unsent edits of the projects that are open in this window, known before the device has stored them. A module of its own,
// so that pages without an editor can ask before signing out.

const counters = new Set<() => number>()

/** Adds a count of unsent edits to what is asked; answers how to take it away again. */
export function offerUnsentCount(count: () => number): () => void {
  counters.add(count)
  return () => void counters.delete(count)
}

/** Edits of this window that the server has not acknowledged. */
export const countUnsentHere = (): number => [...counters].reduce((sum, count) => sum + count(), 0)
