// Path-copied editing of trees: only the trees between the root and a changed file are made anew, and inside them every
// entry that was not named is copied byte for byte. All changes of a snapshot go in at once, so that each touched tree
// is read once and written once.
import { encodeObject, type GitObject } from './object.ts'
import {
  compareTreeEntries,
  decodeTree,
  encodeTree,
  encodeTreeEntry,
  fileMode,
  isDirectory,
  type TreeEntry,
} from './tree.ts'

/** One wish for the tree: what shall stand at `path` (raw bytes, `/` between segments), or null for nothing. */
export type TreeChange = { path: Uint8Array; entry: { mode: number; oid: string } | null }

/** The new root and the trees that the base does not hold at the same place, children before parents. */
export type TreeEdit = { oid: string; trees: GitObject[] }

/** A file and a folder want the same name; file rows never allow it, so it is a broken invariant. */
export class TreeConflictError extends Error {
  override name = 'TreeConflictError'
}

/** Reads the body of a tree that the base holds. */
export type ReadTree = (oid: string) => Uint8Array | Promise<Uint8Array>

// What shall happen below one name: a file put or removed at it, and changes inside the folder of that name.
type Node = { leaf: TreeChange['entry'] | undefined; children: Map<string, Node> }

/** Applies changes to the tree `base` (null: no tree yet). Removing what is not there is no change. */
export async function editTree(
  base: string | null,
  changes: readonly TreeChange[],
  readTree: ReadTree,
): Promise<TreeEdit> {
  const root: Node = { leaf: undefined, children: new Map() }
  for (const change of changes) plant(root, change)
  const trees: GitObject[] = []
  const edited = await editDirectory(base, root, readTree, trees)
  if (edited !== null) return { oid: edited, trees }
  const empty = encodeObject('tree', new Uint8Array())
  return { oid: empty.oid, trees: base === empty.oid ? [] : [empty] }
}

function plant(root: Node, change: TreeChange): void {
  // Latin-1 maps bytes to characters one to one: names of any encoding become keys, and back, without loss.
  let node = root
  for (const segment of Buffer.from(change.path).toString('latin1').split('/')) {
    let child = node.children.get(segment)
    if (!child) {
      child = { leaf: undefined, children: new Map() }
      node.children.set(segment, child)
    }
    node = child
  }
  // A rename away from a name and a new file at it arrive as two changes of one path: what is put there wins.
  node.leaf = change.entry ?? node.leaf ?? null
}

// Returns the tree's oid, or null when nothing is left in it (Git keeps no empty folders).
async function editDirectory(
  base: string | null,
  node: Node,
  readTree: ReadTree,
  trees: GitObject[],
): Promise<string | null> {
  const entries = base === null ? [] : decodeTree(await readTree(base))
  const kept: TreeEntry[] = []
  const touched = new Map<string, TreeEntry>()
  for (const entry of entries) {
    const key = entry.name.toString('latin1')
    if (node.children.has(key)) touched.set(key, entry)
    else kept.push(entry)
  }
  const made: TreeEntry[] = []
  for (const [key, child] of node.children) {
    const entry = await editEntry(key, touched.get(key), child, readTree, trees)
    if (entry) made.push(entry)
  }
  if (kept.length + made.length === 0) return null
  const tree = encodeObject('tree', encodeTree(mergeEntries(kept, made.sort(compareTreeEntries))))
  if (tree.oid !== base) trees.push(tree)
  return tree.oid
}

async function editEntry(
  key: string,
  before: TreeEntry | undefined,
  node: Node,
  readTree: ReadTree,
  trees: GitObject[],
): Promise<TreeEntry | null> {
  const folderBefore = before && isDirectory(before.mode) ? before : undefined
  const folder =
    node.children.size > 0
      ? await editDirectory(folderBefore?.oid ?? null, node, readTree, trees)
      : (folderBefore?.oid ?? null)
  const file = node.leaf === undefined ? (folderBefore ? undefined : before) : node.leaf
  if (folder !== null) {
    if (file) throw new TreeConflictError(`${JSON.stringify(key)} is wanted as a file and as a folder`)
    if (folderBefore?.oid === folder) return folderBefore
    return encodeTreeEntry(fileMode.directory, Buffer.from(key, 'latin1'), folder)
  }
  if (!file) return null
  if (before && before.mode === file.mode && before.oid === file.oid) return before
  return encodeTreeEntry(file.mode, Buffer.from(key, 'latin1'), file.oid)
}

function mergeEntries(kept: TreeEntry[], made: TreeEntry[]): TreeEntry[] {
  if (made.length === 0) return kept
  const merged: TreeEntry[] = []
  let next = 0
  for (const entry of kept) {
    for (let wait = made[next]; wait && compareTreeEntries(wait, entry) < 0; wait = made[++next]) merged.push(wait)
    merged.push(entry)
  }
  return merged.concat(made.slice(next))
}
