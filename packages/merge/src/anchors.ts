/**
 * Lines by which two texts hold together: those that stand exactly once in both, in an order that both keep (patience diff, by Bram Cohen).
 * They cut a comparison into small ones in time that grows with the text alone, and keep braces and blank lines from being taken for one another.
 */

/** Pairs of places, rising in both. */
export const findAnchors = (before: readonly string[], after: readonly string[]): [number, number][] => {
  const place = uniquePlaces(after)
  const pairs: [number, number][] = []
  for (const [line, i] of uniquePlaces(before)) {
    const j = place.get(line)
    if (i !== null && j !== null && j !== undefined) pairs.push([i, j])
  }
  // A map gives its keys in the order in which they came, hence by their first place.
  return longestRising(pairs)
}

/** Where each line stands; null when it stands there more than once. */
const uniquePlaces = (lines: readonly string[]): Map<string, number | null> => {
  const places = new Map<string, number | null>()
  for (const [i, line] of lines.entries()) places.set(line, places.has(line) ? null : i)
  return places
}

/** The longest part of the pairs whose second places rise as their first ones do. */
const longestRising = (pairs: readonly [number, number][]): [number, number][] => {
  /** The last pair of the best run of each length, and for each pair the one before it. */
  const ends: number[] = []
  const previous: (number | undefined)[] = []
  for (const [n, [, j]] of pairs.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[ends[middle] as number] as [number, number])[1] < j) low = middle + 1
      else high = middle
    }
    previous[n] = ends[low - 1]
    ends[low] = n
  }
  const run: [number, number][] = []
  for (let n = ends.at(-1); n !== undefined; n = previous[n]) run.push(pairs[n] as [number, number])
  return run.reverse()
}
