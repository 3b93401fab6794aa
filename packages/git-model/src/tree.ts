// The tree codec. A tree is a run of `mode SP name NUL oid`, modes as octal text, names as raw bytes of any encoding.
// Entries keep their bytes: an old repository may write `040000` where Git now writes `40000`, or a name in Latin-1,
// and an entry that nobody touched has to come out as it went in, or its tree and every tree above would get a new oid.

/** Git's modes as numbers, as `file.mode` holds them. */
export const fileMode = {
  regular: 0o100644,
  executable: 0o100755,
  symlink: 0o120000,
  submodule: 0o160000,
  directory: 0o040000,
} as const

/** One entry as it stands in a tree: `raw` is all of its bytes, `name` a view into them. */
export type TreeEntry = { mode: number; name: Buffer; oid: string; raw: Buffer }

/** A tree that breaks its own format; fetched trees were checked by Git, so this means damage. */
export class InvalidTreeError extends Error {
  override name = 'InvalidTreeError'
}

const space = 0x20
const oidBytes = 20

/** Splits a tree's body into entries without copying; throws InvalidTreeError when the bytes do not add up. */
export function decodeTree(body: Uint8Array): TreeEntry[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const entries: TreeEntry[] = []
  let start = 0
  while (start < bytes.length) {
    const nameStart = bytes.indexOf(space, start) + 1
    const nameEnd = nameStart > 0 ? bytes.indexOf(0, nameStart) : -1
    const end = nameEnd + 1 + oidBytes
    if (nameEnd <= nameStart || end > bytes.length) throw new InvalidTreeError(`tree entry at byte ${start} is cut off`)
    entries.push({
      mode: decodeMode(bytes, start, nameStart - 1),
      name: bytes.subarray(nameStart, nameEnd),
      oid: bytes.toString('hex', nameEnd + 1, end),
      raw: bytes.subarray(start, end),
    })
    start = end
  }
  return entries
}

function decodeMode(bytes: Buffer, start: number, end: number): number {
  let mode = 0
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] ?? 0) - 0x30
    if (digit < 0 || digit > 7) throw new InvalidTreeError(`tree entry at byte ${start} has no octal mode`)
    mode = mode * 8 + digit
  }
  return mode
}

/** Makes an entry from scratch; the name must hold neither NUL nor `/`. */
export function encodeTreeEntry(mode: number, name: Uint8Array, oid: string): TreeEntry {
  const modeText = mode.toString(8)
  const raw = Buffer.allocUnsafe(modeText.length + 1 + name.length + 1 + oidBytes)
  raw.write(modeText, 0, 'latin1')
  raw[modeText.length] = space
  raw.set(name, modeText.length + 1)
  raw[modeText.length + 1 + name.length] = 0
  raw.write(oid, modeText.length + 2 + name.length, 'hex')
  return { mode, name: raw.subarray(modeText.length + 1, modeText.length + 1 + name.length), oid, raw }
}

/** Joins entries, which the caller has put in order (see compareTreeEntries). */
export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  return Buffer.concat(entries.map((entry) => entry.raw))
}

/** Git's order of entries: by bytes, a directory as if its name ended in a slash. */
export function compareTreeEntries(a: TreeEntry, b: TreeEntry): number {
  const shared = Math.min(a.name.length, b.name.length)
  const order = a.name.compare(b.name, 0, shared, 0, shared)
  if (order !== 0) return order
  return byteAfterName(a, shared) - byteAfterName(b, shared)
}

function byteAfterName(entry: TreeEntry, at: number): number {
  if (at < entry.name.length) return entry.name[at] ?? 0
  return isDirectory(entry.mode) ? 0x2f : 0
}

/** Whether an entry's mode says that its oid names another tree, `040000` spelled with or without the zero. */
export function isDirectory(mode: number): boolean {
  return mode === fileMode.directory
}
