/**
 * Which packs to make one of. Every snapshot leaves a small pack; Git looks into each of them. Packs are kept in a geometric order, each at
 * least twice the size of all smaller ones together, so that there are few, and a byte is written again only so often as the size has doubled
 * (Git's own `repack --geometric`). One round is bounded, so that it comes to an end also when it is killed again and again.
 */

export interface SizedPack {
  sha: string
  packBytes: number
}

/** Packs above this stay as they are: writing them again costs more than it saves. */
const PACK_BYTES_MAX = 512 * 1024 * 1024
export const ROUND_BYTES_MAX = 256 * 1024 * 1024
export const ROUND_PACKS_MAX = 500
const FACTOR = 2

/** Packs to be joined, the smallest first; fewer than two: none. `packs` come in any order. */
export function choosePacks<Pack extends SizedPack>(
  packs: readonly Pack[],
  { bytesMax = ROUND_BYTES_MAX, packsMax = ROUND_PACKS_MAX } = {},
): Pack[] {
  const bySize = packs
    .filter(({ packBytes }) => packBytes <= PACK_BYTES_MAX)
    .toSorted((a, b) => a.packBytes - b.packBytes || (a.sha < b.sha ? -1 : 1))
  const split = findSplit(bySize)
  const chosen: Pack[] = []
  let bytes = 0
  for (const pack of bySize.slice(0, split)) {
    bytes += pack.packBytes
    if (chosen.length >= packsMax || (chosen.length >= 2 && bytes > bytesMax)) break
    chosen.push(pack)
  }
  return chosen.length < 2 ? [] : chosen
}

/** How many of the smallest packs break the order, or would once those below them are one. */
function findSplit(bySize: readonly SizedPack[]): number {
  let split = 0
  for (let n = bySize.length - 1; n > 0; n--) {
    if (sizeAt(bySize, n) < FACTOR * sizeAt(bySize, n - 1)) {
      split = n + 1
      break
    }
  }
  let joined = bySize.slice(0, split).reduce((sum, { packBytes }) => sum + packBytes, 0)
  while (split > 0 && split < bySize.length && sizeAt(bySize, split) < FACTOR * joined) {
    joined += sizeAt(bySize, split)
    split++
  }
  return split
}

const sizeAt = (packs: readonly SizedPack[], n: number): number => packs[n]?.packBytes ?? 0
