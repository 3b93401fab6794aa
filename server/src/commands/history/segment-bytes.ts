/** Segments of a history as they stand in the database: compressed, with a checksum, so that a damaged one cannot be taken for a true one. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { decodeSegment, encodeSegment, type HistoryRow } from '@skein/document'

/** Beyond it the bytes are not worth the time: 5.5 instead of 5.6 kB for a thousand keystrokes, and seven times as slow. */
const LEVEL = 9
/** Of one unpacked segment: many times what closes one, and the row of 16 MiB and a bit that may come on top of it. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024

/** Bytes of rows that follow one another. */
export const packSegment = (rows: readonly HistoryRow[]): Uint8Array =>
  zstdCompressSync(encodeSegment(rows), {
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  })

/** Throws on bytes that are not what `packSegment` wrote. */
export const unpackSegment = (bytes: Uint8Array): HistoryRow[] =>
  decodeSegment(zstdDecompressSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }))
