/**
 * Few hunks out of many: what a hunk costs whoever makes it in a shared text grows with their number, and beyond some thousands a change is not read
 * hunk by hunk any more. They are joined two by two, the nearest first, so that they stay small everywhere instead of one becoming huge.
 */
import type { Hunk } from './hunks.ts'

/** At most `most` hunks that do the same to the text `before`; as they are when they are few enough. */
export const joinHunks = <H extends Hunk>(before: string, hunks: readonly H[], most: number): H[] => {
  let joined = [...hunks]
  while (joined.length > Math.max(most, 1)) joined = joinPairs(before, joined, joined.length - Math.max(most, 1))
  return joined
}

/** One round: each hunk is joined with one neighbour at most, and no more than `wanted` pairs are. */
const joinPairs = <H extends Hunk>(before: string, hunks: readonly H[], wanted: number): H[] => {
  const count = hunks.length
  // The gap and then the place, as one number: a million of them are sorted at once.
  const nearest = new Float64Array(count - 1)
  for (let i = 0; i < count - 1; i++) nearest[i] = ((hunks[i + 1] as H).at - endOf(hunks[i] as H)) * count + i
  nearest.sort()
  const isLeft = new Uint8Array(count)
  let left = wanted
  for (const gap of nearest) {
    const i = gap % count
    if (left === 0) break
    if (isLeft[i] || isLeft[i + 1] || (i > 0 && isLeft[i - 1])) continue
    isLeft[i] = 1
    left--
  }
  const joined: H[] = []
  for (let i = 0; i < count; i++) {
    const hunk = hunks[i] as H
    joined.push(isLeft[i] ? joinTwo(before, hunk, hunks[++i] as H) : hunk)
  }
  return joined
}

const joinTwo = <H extends Hunk>(before: string, left: H, right: H): H => ({
  ...left,
  remove: endOf(right) - left.at,
  insert: left.insert + before.slice(endOf(left), right.at) + right.insert,
})

const endOf = ({ at, remove }: Hunk): number => at + remove
