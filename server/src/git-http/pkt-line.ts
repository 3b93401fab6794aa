/** Git's pkt-lines: four hex digits of length, these four included, then the payload; `0000` ends a section. */

export const flush = Buffer.from('0000')
export const lengthBytes = 4
const payloadBytesMax = 65_516
/** A band of `side-band-64k` carries one byte less, which says which band it is. */
const bandBytesMax = payloadBytesMax - 1

/** One line; at most 65,516 bytes. */
export function encodeLine(payload: string | Uint8Array): Buffer {
  const bytes = Buffer.from(payload)
  if (bytes.length > payloadBytesMax) throw new Error(`a line of ${bytes.length} bytes is too long`)
  const length = (bytes.length + lengthBytes).toString(16).padStart(lengthBytes, '0')
  return Buffer.concat([Buffer.from(length), bytes])
}

/** The payload of a line, in as many lines of a band as it needs. Band 1: data; 2: words for the person. */
export function encodeBand(band: 1 | 2, payload: Uint8Array): Buffer {
  const lines: Buffer[] = []
  for (let at = 0; at < payload.length; at += bandBytesMax) {
    lines.push(encodeLine(Buffer.concat([Buffer.from([band]), payload.subarray(at, at + bandBytesMax)])))
  }
  return Buffer.concat(lines)
}

/** The length of the line whose first four bytes these are; 0 for a flush. Null: these are not hex digits, or the length cannot be. */
export function readLength(digits: Uint8Array): number | null {
  const text = Buffer.from(digits).toString('latin1')
  const length = /^[0-9a-f]{4}$/i.test(text) ? Number.parseInt(text, 16) : -1
  return length === 0 || (length > lengthBytes && length <= payloadBytesMax + lengthBytes) ? length : null
}
