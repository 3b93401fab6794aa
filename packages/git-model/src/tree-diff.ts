// What differs between two trees. Folders with the same oid are the same whatever is in them and are never read, so
// the cost is that of the changed folders, not of the tree.

import { decodeTree, isDirectory, type TreeEntry } from './tree.ts'
import type { ReadTree } from './tree-edit.ts'

/** One file that differs: `path` in raw bytes; `mode` when only its mode does. */
export type TreeDifference = { path: Uint8Array; change: 'added' | 'modified' | 'deleted' | 'mode' }

/** Differences in Git's order, at most as many as asked for; `isComplete` is false when there are more. */
export type TreeDiff = { differences: TreeDifference[]; isComplete: boolean }

type Side = TreeEntry | undefined

/** Compares two trees by their oids; null stands for no tree. */
export async function diffTrees(
  before: string | null,
  after: string | null,
  readTree: ReadTree,
  differencesMax: number,
): Promise<TreeDiff> {
  const differences: TreeDifference[] = []
  const entriesOf = async (oid: string | null): Promise<Map<string, TreeEntry>> =>
    new Map(
      (oid === null ? [] : decodeTree(await readTree(oid))).map((entry) => [entry.name.toString('latin1'), entry]),
    )

  const walk = async (folder: Buffer, left: string | null, right: string | null): Promise<void> => {
    if (left === right) return
    const [old, now] = [await entriesOf(left), await entriesOf(right)]
    const names = [...new Set([...old.keys(), ...now.keys()])].sort()
    for (const name of names) {
      if (differences.length > differencesMax) return
      const path = Buffer.concat([folder, Buffer.from(name, 'latin1')])
      await compare(path, old.get(name), now.get(name))
    }
  }
  const compare = async (path: Buffer, old: Side, now: Side): Promise<void> => {
    const [oldFolder, nowFolder] = [folderOid(old), folderOid(now)]
    if (oldFolder !== null || nowFolder !== null) {
      await walk(Buffer.concat([path, Buffer.from('/')]), oldFolder, nowFolder)
    }
    const change = changeOf(oldFolder === null ? old : undefined, nowFolder === null ? now : undefined)
    if (change) differences.push({ path, change })
  }

  await walk(Buffer.alloc(0), before, after)
  return { differences: differences.slice(0, differencesMax), isComplete: differences.length <= differencesMax }
}

const folderOid = (entry: Side): string | null => (entry && isDirectory(entry.mode) ? entry.oid : null)

function changeOf(old: Side, now: Side): TreeDifference['change'] | null {
  if (!old) return now ? 'added' : null
  if (!now) return 'deleted'
  if (old.oid !== now.oid) return 'modified'
  return old.mode === now.mode ? null : 'mode'
}
