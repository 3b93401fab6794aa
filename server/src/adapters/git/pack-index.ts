/** The objects that an index of a pack (version 2, see Git's pack-format) lists. */

const headerBytes = 8
const fanoutBytes = 256 * 4
const oidBytes = 20

/** Oids in hexadecimal, in order. Throws on anything but a whole index of version 2. */
export function indexToOids(index: Buffer): string[] {
  if (index.length < headerBytes + fanoutBytes || index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2) {
    throw new Error('not an index of version 2')
  }
  const count = index.readUInt32BE(headerBytes + fanoutBytes - 4)
  const start = headerBytes + fanoutBytes
  if (index.length < start + count * oidBytes) throw new Error('an index of a pack was cut off')
  return Array.from({ length: count }, (_, n) =>
    index.toString('hex', start + n * oidBytes, start + (n + 1) * oidBytes),
  )
}
