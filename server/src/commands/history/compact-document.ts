/**
 * Compaction of one document (DL8): from rows of the database alone, checked, and put in place in one transaction, which does nothing when
 * the state is another one by then. Appends go on beside it: what comes after the rows that were read stays in the log.
 */
import {
  documentCompactionQueries as compaction,
  type Database,
  documentHistoryQueries as history,
  type Sql,
  type Tx,
} from '@skein/db'
import { type Compaction, compactRows, decodeUpdateFrames, type HistoryRow, SEGMENT_UPDATES_MAX } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { saveKeyframe } from './keyframes.ts'
import { packSegment, unpackSegment } from './segment-bytes.ts'

/** Instants at which a test may kill a compaction; all but the first and the last are inside the transaction. */
export type CompactionStep = 'computed' | 'replaced' | 'packed' | 'deleted' | 'committed'

export type CompactionOutcome =
  | { outcome: 'compacted'; rows: number; upto: number }
  /** No tail, no such document, or nobody has ever opened it. */
  | { outcome: 'nothing' }
  /** Somebody else has put another state in place. */
  | { outcome: 'overtaken' }
  /** Something in it cannot be read: it has to be repaired first. */
  | { outcome: 'damaged' }
  /** All of it can be read, but a state made of it would not give the same document back: it stays as it is. */
  | { outcome: 'postponed' }

export interface CompactionBounds {
  /** Rows of one pass, and their bytes, one row more or less; a longer tail takes several. */
  rowsMax: number
  bytesMax: number
  /** Bytes of a segment; default: see `compactRows`. */
  segmentBytesMax?: number
}

const BOUNDS: CompactionBounds = { rowsMax: 10_000, bytesMax: 32 * 1024 * 1024 }
const PICTURE = { isolation: 'repeatable read', readOnly: true } as const

/** Compacts what stands in the log now, within the bounds of one pass. `onStep` is for tests. */
export async function compactDocument(
  db: Pick<Database, 'onLog'>,
  document: DocumentId,
  onStep: (step: CompactionStep) => Promise<void> | void = () => {},
  bounds: CompactionBounds = BOUNDS,
): Promise<CompactionOutcome> {
  const tail = await db.onLog((tx) => readTail(tx, document, bounds), PICTURE)
  if (tail === 'nothing' || tail === 'damaged') return { outcome: tail }
  let next: Compaction | null
  try {
    next = compactRows(tail)
  } catch {
    return { outcome: 'damaged' }
  }
  if (!next) return { outcome: 'postponed' }
  const segments = next.segments.map((rows) => ({ ...describeSegment(rows), data: packChecked(rows) }))
  await onStep('computed')
  const isDone = await db.onLog((tx) => putInPlace(tx, document, tail, { ...next, segments }, onStep))
  if (!isDone) return { outcome: 'overtaken' }
  await onStep('committed')
  return { outcome: 'compacted', rows: tail.upto - tail.from, upto: tail.upto }
}

type Packed = Omit<Compaction, 'segments'> & {
  segments: readonly (ReturnType<typeof describeSegment> & { data: Uint8Array })[]
}

/** False: the state is another one by now, and nothing was changed. */
async function putInPlace(
  tx: Tx,
  document: DocumentId,
  tail: Tail,
  next: Packed,
  onStep: (step: CompactionStep) => Promise<void> | void,
): Promise<boolean> {
  const { epoch, from, upto, firstAt } = tail
  // PostgreSQL cannot keep NUL in a text.
  const text = next.text.includes('\0') ? null : next.text
  const workspaceId = await compaction.replaceState(tx, document, {
    epoch,
    from,
    state: next.state,
    upto,
    text,
    opening: next.opening,
  })
  if (workspaceId === null) return false
  await onStep('replaced')
  const owner = { document, workspaceId, epoch }
  const keyframes = tail.isFirst ? [{ seq: from, at: firstAt, state: tail.state }, ...next.keyframes] : next.keyframes
  for (const { seq, at, state } of keyframes) {
    await saveKeyframe(tx, { ...owner, seq, at: new Date(at), state })
  }
  for (const segment of next.segments) await compaction.saveSegment(tx, { ...owner, ...segment })
  await onStep('packed')
  const deleted = await compaction.deleteLogRows(tx, document, from, upto)
  if (deleted !== upto - from)
    throw new Error(`Compaction read ${upto - from} rows of ${document} and found ${deleted}`)
  await onStep('deleted')
  return true
}

type Tail = Parameters<typeof compactRows>[0] & {
  epoch: number
  from: number
  upto: number
  firstAt: number
  /** The history has no state of this epoch yet. */
  isFirst: boolean
}

async function readTail(
  tx: Sql,
  document: DocumentId,
  { rowsMax, bytesMax, segmentBytesMax }: CompactionBounds,
): Promise<Tail | 'nothing' | 'damaged'> {
  const base = await history.findState(tx, document)
  if (!base) return 'nothing'
  const range = { document, after: base.seq, upto: Number.MAX_SAFE_INTEGER }
  const logRows = await history.listLogRows(tx, range, rowsMax, bytesMax)
  const [first] = logRows
  if (!first) return 'nothing'
  const open = await compaction.findOpenSegment(tx, document, base.epoch, SEGMENT_UPDATES_MAX)
  const since = await compaction.countSinceKeyframe(tx, document, base.epoch)
  if (!base.isIntact || logRows.some(({ isIntact }) => !isIntact)) return 'damaged'
  try {
    const rows = logRows.map(({ seq, at, payload }) => ({ seq, at: at.getTime(), frames: decodeUpdateFrames(payload) }))
    if (rows.some(({ seq }, i) => seq !== base.seq + 1 + i)) return 'damaged'
    return {
      epoch: base.epoch,
      from: base.seq,
      upto: base.seq + rows.length,
      firstAt: first.at.getTime(),
      isFirst: since === null,
      state: base.state,
      rows,
      openSegment: open && open.lastSeq === base.seq ? unpackSegment(open.data) : [],
      sinceKeyframe: since ?? { updates: 0, segments: 0 },
      segmentBytesMax,
    }
  } catch {
    return 'damaged'
  }
}

/** Bytes that were seen to give the same rows back. */
const packChecked = (rows: readonly HistoryRow[]): Uint8Array => {
  const data = packSegment(rows)
  const kept = unpackSegment(data)
  const isSame = kept.every(({ seq, at, frames }, i) => {
    const row = rows[i]
    return (
      row?.seq === seq &&
      row.at === at &&
      row.frames.length === frames.length &&
      frames.every(({ actor, run, update }, n) => {
        const frame = row.frames[n]
        return frame?.actor === actor && frame.run === run && Buffer.compare(frame.update, update) === 0
      })
    )
  })
  if (!isSame || kept.length !== rows.length) throw new Error('A segment of a history does not give the same rows back')
  return data
}

const describeSegment = (rows: readonly HistoryRow[]) => {
  const [first, last] = [rows[0] as HistoryRow, rows.at(-1) as HistoryRow]
  const updates = rows.reduce((sum, { frames }) => sum + frames.length, 0)
  const times = { firstAt: new Date(first.at), lastAt: new Date(last.at) }
  return { firstSeq: first.seq, lastSeq: last.seq, updates, ...times }
}
