/** Who made the updates of a stretch of the log, for the authors of a commit. */
import { documentHistoryQueries as history, type Sql, snapshotQueries } from '@skein/db'
import { decodeUpdateFrames, type UpdateFrame } from '@skein/document'
import type { ActorKey } from '@skein/protocol'
import { unpackSegment } from './segment-bytes.ts'

/**
 * Updates by actor in the ranges, from the log and from the history. What cannot be read is not counted: a damaged row must not keep a
 * project from being committed.
 */
export async function countAuthors(sql: Sql, ranges: readonly history.LogRange[]): Promise<Map<ActorKey, number>> {
  const counts = new Map<ActorKey, number>()
  const count = (frames: readonly UpdateFrame[]): void => {
    for (const { actor } of frames) counts.set(actor, (counts.get(actor) ?? 0) + 1)
  }
  if (ranges.length === 0) return counts
  for (const { payload } of await snapshotQueries.listUpdates(sql, ranges)) {
    readLeniently(() => count(decodeUpdateFrames(payload)))
  }
  const rangeOf = new Map(ranges.map((range) => [range.document, range]))
  for (const { document, data } of await history.listSegments(sql, ranges)) {
    const { after, upto } = rangeOf.get(document) as history.LogRange
    readLeniently(() => {
      for (const { seq, frames } of unpackSegment(data)) if (seq > after && seq <= upto) count(frames)
    })
  }
  return counts
}

const readLeniently = (read: () => void): void => {
  try {
    read()
  } catch {
    // Repair tells of it.
  }
}
