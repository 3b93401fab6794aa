/**
 * Decides what each entry of a fetched tree becomes, by its name and mode alone. A name that nobody could make here (see `safeRepoPath`), that is
 * not UTF-8, or that has a twin in the same tree becomes an opaque entry: kept in every commit as it is, and touched by nobody.
 */
import { createHash } from 'node:crypto'
import { pathBytesMax, safeRepoPath, twinKey } from '@skein/git-model'
import type { FileKind, Oid } from '@skein/protocol'
import type { TreeEntry } from '../git-store.ts'

export interface PlannedEntry {
  /** A readable form of the name when `pathRaw` is there. */
  path: string
  /** The name's bytes, when they are not UTF-8. */
  pathRaw: Uint8Array | null
  key: string
  mode: number
  oid: Oid
  bytes: number
  /** Null: an ordinary file, of which the content decides. */
  kind: Exclude<FileKind, 'text' | 'binary' | 'lfs'> | null
}

const modeSymlink = 0o120000
const modeSubmodule = 0o160000
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/** Plans the entries of one tree, in their order. */
export function planTree(entries: readonly TreeEntry[]): PlannedEntry[] {
  const named = entries.map(nameEntry)
  const countByKey = new Map<string, number>()
  const folderKeys = new Set<string>()
  for (const { key, pathRaw } of named) {
    if (pathRaw !== null) continue
    countByKey.set(key, (countByKey.get(key) ?? 0) + 1)
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1))
      folderKeys.add(key.slice(0, slash))
  }
  return named.map((entry) => {
    const hasTwin = (countByKey.get(entry.key) ?? 0) > 1 || folderKeys.has(entry.key)
    return hasTwin ? { ...entry, kind: 'opaque' } : entry
  })
}

function nameEntry({ path: raw, mode, oid, bytes }: TreeEntry): PlannedEntry {
  const text = decodeName(raw)
  const path = text ?? lenient.decode(raw)
  const isSafe = text !== null && safeRepoPath(text).ok
  const kind = !isSafe ? 'opaque' : mode === modeSubmodule ? 'submodule' : mode === modeSymlink ? 'symlink' : null
  return { path, pathRaw: text === null ? Uint8Array.from(raw) : null, key: pathToKey(path), mode, oid, bytes, kind }
}

function decodeName(raw: Uint8Array): string | null {
  try {
    return strict.decode(raw)
  } catch {
    return null
  }
}

/** Keys stand in an index, which does not hold longer ones than paths may be; a longer path can only be opaque. */
export function pathToKey(path: string): string {
  const key = twinKey(path)
  if (Buffer.byteLength(key) <= 2 * pathBytesMax) return key
  return `${key.slice(0, 200)}…${createHash('sha256').update(path).digest('hex')}`
}
