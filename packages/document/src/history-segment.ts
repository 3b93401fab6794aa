/**
 * A piece of a document's history: rows of its log side by side, column after column, so that a general compressor finds what repeats.
 *
 * Nothing is merged or left out: what comes back are the updates as they were appended, each with its author, and the number and time of its
 * row. Compression is the caller's. Columns: times of rows in milliseconds, updates in each row, the author of each update, their lengths;
 * then the raw V1 updates one after the other.
 */
import type { ActorKey } from '@skein/protocol'
import {
  createDecoder,
  type Decoder,
  hasContent,
  IntDiffOptRleDecoder,
  readUint8,
  readUint8Array,
  readVarString,
  readVarUint,
  readVarUint8Array,
  UintOptRleDecoder,
} from 'lib0/decoding'
import {
  createEncoder,
  IntDiffOptRleEncoder,
  toUint8Array,
  UintOptRleEncoder,
  writeUint8,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import type { UpdateFrame } from './update-frames.ts'

/** One row of the log. */
export interface HistoryRow {
  seq: number
  /** When it was committed, in milliseconds since 1970. */
  at: number
  frames: readonly UpdateFrame[]
}

const VERSION = 1
/** Of rows in one segment; a damaged count must not make us loop. */
const ROWS_MAX = 1_000_000
const UPDATES_MAX = 16_000_000

/** Packs rows whose numbers follow one another. @throws when there are none, or one is missing between them */
export const encodeSegment = (rows: readonly HistoryRow[]): Uint8Array => {
  const [first] = rows
  if (!first) throw new Error('A segment of a history needs a row')
  if (rows.some(({ seq }, i) => seq !== first.seq + i)) throw new Error('Rows of a segment must follow one another')
  const frames = rows.flatMap((row) => row.frames)
  const authors = new Map<string, { index: number; actor: string; run: string }>()
  const authorOf = ({ actor, run = '' }: UpdateFrame): number => {
    const key = `${actor}\n${run}`
    const known = authors.get(key)
    if (known) return known.index
    authors.set(key, { index: authors.size, actor, run })
    return authors.size - 1
  }
  const indexes = frames.map(authorOf)
  const encoder = createEncoder()
  writeUint8(encoder, VERSION)
  writeVarUint(encoder, first.seq)
  writeVarUint(encoder, rows.length)
  writeVarUint(encoder, frames.length)
  writeVarUint(encoder, first.at)
  writeVarUint(encoder, authors.size)
  for (const { actor, run } of authors.values()) {
    writeVarString(encoder, actor)
    writeVarString(encoder, run)
  }
  writeVarUint8Array(
    encoder,
    encodeColumn(
      new IntDiffOptRleEncoder(),
      rows.map(({ at }) => at - first.at),
    ),
  )
  writeVarUint8Array(
    encoder,
    encodeColumn(
      new UintOptRleEncoder(),
      rows.map((row) => row.frames.length),
    ),
  )
  writeVarUint8Array(encoder, encodeColumn(new UintOptRleEncoder(), indexes))
  writeVarUint8Array(
    encoder,
    encodeColumn(
      new UintOptRleEncoder(),
      frames.map(({ update }) => update.length),
    ),
  )
  for (const { update } of frames) writeUint8Array(encoder, update)
  return toUint8Array(encoder)
}

/** Throws on bytes that `encodeSegment` did not write. The updates are views of `bytes`. */
export const decodeSegment = (bytes: Uint8Array): HistoryRow[] => {
  const decoder = createDecoder(bytes)
  if (readUint8(decoder) !== VERSION) throw new Error('A segment of a history is of a version that is not known')
  const firstSeq = readVarUint(decoder)
  const rowCount = readBounded(decoder, ROWS_MAX)
  const frameCount = readBounded(decoder, UPDATES_MAX)
  const firstAt = readVarUint(decoder)
  const authors = Array.from({ length: readBounded(decoder, frameCount) }, () => ({
    actor: readVarString(decoder) as ActorKey,
    run: readVarString(decoder),
  }))
  const times = decodeColumn(new IntDiffOptRleDecoder(readVarUint8Array(decoder)), rowCount)
  const counts = decodeColumn(new UintOptRleDecoder(readVarUint8Array(decoder)), rowCount)
  const indexes = decodeColumn(new UintOptRleDecoder(readVarUint8Array(decoder)), frameCount)
  const lengths = decodeColumn(new UintOptRleDecoder(readVarUint8Array(decoder)), frameCount)
  if (counts.reduce((sum, count) => sum + count, 0) !== frameCount) throw new Error('A segment contradicts itself')
  let n = 0
  const rows = counts.map((count, i): HistoryRow => {
    const frames = Array.from({ length: count }, (): UpdateFrame => {
      const author = authors[indexes[n] as number]
      if (!author) throw new Error('A segment names an author whom it does not hold')
      const update = readUint8Array(decoder, lengths[n++] as number)
      return author.run === '' ? { actor: author.actor, update } : { ...author, update }
    })
    return { seq: firstSeq + i, at: firstAt + (times[i] as number), frames }
  })
  if (hasContent(decoder)) throw new Error('A segment of a history is longer than it says')
  return rows
}

const encodeColumn = (encoder: IntDiffOptRleEncoder | UintOptRleEncoder, values: readonly number[]): Uint8Array => {
  for (const value of values) encoder.write(value)
  return encoder.toUint8Array()
}

const decodeColumn = (decoder: { read(): number }, count: number): number[] =>
  Array.from({ length: count }, () => decoder.read())

const readBounded = (decoder: Decoder, max: number): number => {
  const value = readVarUint(decoder)
  if (value > max) throw new Error('A segment of a history claims more than one can hold')
  return value
}
