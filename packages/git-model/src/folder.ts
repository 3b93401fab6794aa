// A folder of a repository as a repository of its own, and back: where its tree stands, the same tree with another one in
// its place, and a commit with another tree and other parents. What is not named is copied byte for byte, so that
// whoever does the same gets the same oids.
import { emptyTreeOid, encodeObject, type GitObject } from './object.ts'
import { decodeTree, encodeTree, encodeTreeEntry, fileMode, isDirectory, type TreeEntry } from './tree.ts'
import type { ReadTree, TreeEdit } from './tree-edit.ts'

/** What stands at a path: a folder, nothing, or something that is no folder at the path or on the way to it. */
export type FolderAt = { is: 'folder'; oid: string } | { is: 'absent' } | { is: 'blocked'; at: string; mode: number }

/** Looks for the folder `path` (segments separated by `/`) in the tree `root`. */
export async function findFolder(root: string, path: string, readTree: ReadTree): Promise<FolderAt> {
  const segments = path.split('/')
  let oid = root
  for (const [index, segment] of segments.entries()) {
    const entry = findEntry(oid === emptyTreeOid ? [] : decodeTree(await readTree(oid)), segment)
    if (!entry) return { is: 'absent' }
    if (!isDirectory(entry.mode)) {
      return { is: 'blocked', at: segments.slice(0, index + 1).join('/'), mode: entry.mode }
    }
    oid = entry.oid
  }
  return { is: 'folder', oid }
}

const findEntry = (entries: readonly TreeEntry[], name: string): TreeEntry | undefined => {
  const wanted = Buffer.from(name)
  return entries.find((entry) => entry.name.equals(wanted))
}

/**
 * The tree `root` (null: none yet) with the tree `folder` (null: nothing) at `path`. Whatever stood there goes; folders that have nothing left in
 * them go too.
 */
export async function replaceFolder(
  root: string | null,
  path: string,
  folder: string | null,
  readTree: ReadTree,
): Promise<TreeEdit> {
  const trees: GitObject[] = []
  const put = async (base: string | null, segments: readonly string[]): Promise<string | null> => {
    const [name = '', ...rest] = segments
    const entries = base === null || base === emptyTreeOid ? [] : decodeTree(await readTree(base))
    const before = findEntry(entries, name)
    const below = before && isDirectory(before.mode) ? before.oid : null
    const now = rest.length === 0 ? folder : await put(below, rest)
    if (now === below) return base
    const kept = entries.filter((entry) => entry !== before)
    if (now === null && kept.length === 0) return null
    const tree = encodeObject('tree', encodeTree(now === null ? kept : withFolder(kept, name, now)))
    trees.push(tree)
    return tree.oid
  }
  const oid = await put(root, path.split('/'))
  if (oid !== null) return { oid, trees }
  return { oid: emptyTreeOid, trees: [encodeObject('tree', new Uint8Array())] }
}

/** In Git's order, in which a folder's name ends in a slash; the others keep theirs. */
function withFolder(entries: readonly TreeEntry[], name: string, oid: string): TreeEntry[] {
  const made = encodeTreeEntry(fileMode.directory, Buffer.from(name), oid)
  const sortKey = (entry: TreeEntry) =>
    isDirectory(entry.mode) ? Buffer.concat([entry.name, Buffer.from('/')]) : entry.name
  const after = entries.findIndex((entry) => Buffer.compare(sortKey(entry), sortKey(made)) > 0)
  return after < 0 ? [...entries, made] : entries.toSpliced(after, 0, made)
}

/**
 * A commit with another tree and other parents: people, times, encoding and message stay byte for byte. Signatures are left out, as they were
 * made for the other one.
 */
export function rewriteCommit(
  body: Uint8Array,
  { tree, parents }: { tree: string; parents: readonly string[] },
): GitObject {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const split = bytes.indexOf('\n\n')
  const headers = bytes.toString('latin1', 0, split < 0 ? bytes.length : split).split('\n')
  const kept: string[] = []
  let isKept = true
  for (const line of headers) {
    if (!line.startsWith(' ')) isKept = !/^(?:tree|parent|gpgsig|gpgsig-sha256|mergetag) /.test(line)
    if (isKept) kept.push(line)
  }
  const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), ...kept].join('\n')
  const rest = split < 0 ? Buffer.from('\n\n') : bytes.subarray(split)
  return encodeObject('commit', Buffer.concat([Buffer.from(head, 'latin1'), rest]))
}
