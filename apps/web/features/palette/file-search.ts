// Finds files by what one remembers of their path. The fuzzy matching is uFuzzy's; here stands what counts more: the name of
// the file before its folders, files looked at lately before others, and never more than fifty answers.

import uFuzzy from '@leeoniya/ufuzzy'

export const RESULTS_MAX = 50
/** Above this many matches uFuzzy leaves them unranked; that is for the first letter or two in a very large project. */
const RANKED_MAX = 5_000

/** A piece of text, marked when it is what was looked for. */
export type Part = { text: string; isMatch: boolean }

/** A found path; `name` and `folder` in marked pieces. */
export type FoundFile = { index: number; path: string; name: Part[]; folder: Part[] }

const fuzzy = new uFuzzy({ intraMode: 0, interIns: Number.POSITIVE_INFINITY, interLft: 0 })

/** Cuts `text`, which starts at `offset` of the path, into marked pieces. `ranges` are pairs of positions in the path. */
export function markParts(text: string, offset: number, ranges: readonly number[]): Part[] {
  const parts: Part[] = []
  let at = 0
  const push = (to: number, isMatch: boolean): void => {
    if (to > at) parts.push({ text: text.slice(at, to), isMatch })
    at = Math.max(at, to)
  }
  for (let pair = 0; pair + 1 < ranges.length; pair += 2) {
    const from = Math.min(text.length, Math.max(0, (ranges[pair] ?? 0) - offset))
    const to = Math.min(text.length, Math.max(0, (ranges[pair + 1] ?? 0) - offset))
    if (to <= from) continue
    push(from, false)
    push(to, true)
  }
  push(text.length, false)
  return parts
}

function toFound(paths: readonly string[], index: number, ranges: readonly number[]): FoundFile {
  const path = paths[index] ?? ''
  const slash = path.lastIndexOf('/')
  return {
    index,
    path,
    name: markParts(path.slice(slash + 1), slash + 1, ranges),
    folder: markParts(path.slice(0, Math.max(0, slash)), 0, ranges),
  }
}

/** The best matches of `query` among `paths`; `recency` is 0 for the file looked at last, absent for those never opened. */
export function searchFiles(
  paths: readonly string[],
  query: string,
  recency: ReadonlyMap<string, number> = new Map(),
): FoundFile[] {
  const needle = query.trim()
  if (needle === '') return []
  const haystack = paths as string[]
  const [indexes, info, order] = fuzzy.search(haystack, needle, 0, RANKED_MAX)
  if (!indexes) return []
  if (!info || !order) return indexes.slice(0, RESULTS_MAX).map((index) => toFound(paths, index, []))

  const lower = needle.toLowerCase()
  const score = (place: number): number => {
    const path = paths[info.idx[place] ?? 0] ?? ''
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
    const recent = recency.get(path)
    return (
      (name === lower ? 8 : 0) +
      (name.startsWith(lower) ? 4 : 0) +
      (name.includes(lower) ? 2 : 0) +
      (recent === undefined ? 0 : 1 / (1 + recent))
    )
  }
  return order
    .map((place, rank) => ({ place, rank, score: score(place) }))
    .sort((one, other) => other.score - one.score || one.rank - other.rank)
    .slice(0, RESULTS_MAX)
    .map(({ place }) => toFound(paths, info.idx[place] ?? 0, info.ranges[place] ?? []))
}
