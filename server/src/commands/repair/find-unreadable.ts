/** Finding what Yjs fails on, among rows or updates that all look well by themselves. */

/**
 * The index of the first of `count` pieces that cannot be read on top of those before it; null when all can. It may show only in what comes of
 * a piece (Yjs takes some that it cannot encode again), so beginnings are tried, by halves: each try builds the document.
 *
 * `isReadable` tells whether the first so many pieces can be read together.
 */
export async function findUnreadable(
  count: number,
  isReadable: (pieces: number) => Promise<boolean>,
): Promise<number | null> {
  if (await isReadable(count)) return null
  let readable = 0
  let unreadable = count
  while (unreadable - readable > 1) {
    const middle = Math.floor((readable + unreadable) / 2)
    if (await isReadable(middle)) readable = middle
    else unreadable = middle
  }
  return unreadable - 1
}
