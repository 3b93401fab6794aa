import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyTreeOid, encodeObject } from './object.ts'
import { diffTrees, type TreeDifference } from './tree-diff.ts'
import { editTree } from './tree-edit.ts'

type Files = Record<string, { mode: number; content: string }>

/** Trees in memory, and how often one was read. */
class Store {
  readonly trees = new Map<string, Uint8Array>([[emptyTreeOid, new Uint8Array()]])
  reads = 0

  read = (oid: string): Uint8Array => {
    this.reads++
    return this.trees.get(oid) as Uint8Array
  }

  async add(files: Files): Promise<string> {
    const changes = Object.entries(files).map(([path, { mode, content }]) => ({
      path: Buffer.from(path),
      entry: { mode, oid: encodeObject('blob', Buffer.from(content)).oid },
    }))
    const { oid, trees } = await editTree(null, changes, this.read)
    for (const tree of trees) this.trees.set(tree.oid, tree.body)
    return oid
  }
}

const name = fc.constantFrom('a', 'b', 'c', 'é')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const file = fc.record({ mode: fc.constantFrom(0o100644, 0o100755), content: fc.constantFrom('1', '2', '3') })
/** Files of which none lies inside another. */
const files = fc.dictionary(path, file, { maxKeys: 12 }).map((all) => {
  const paths = Object.keys(all)
  return Object.fromEntries(Object.entries(all).filter(([own]) => !paths.some((other) => own.startsWith(`${other}/`))))
})

function expectedChanges(before: Files, after: Files): string[] {
  const changes: string[] = []
  for (const path of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[path], after[path]]
    if (!old) changes.push(`added ${path}`)
    else if (!now) changes.push(`deleted ${path}`)
    else if (old.content !== now.content) changes.push(`modified ${path}`)
    else if (old.mode !== now.mode) changes.push(`mode ${path}`)
  }
  return changes.sort()
}

const describe = ({ path, change }: TreeDifference): string => `${change} ${Buffer.from(path).toString()}`

test('TD1: the differences are those of the two sets of files', async () => {
  await fc.assert(
    fc.asyncProperty(files, files, async (before, after) => {
      const store = new Store()
      const diff = await diffTrees(await store.add(before), await store.add(after), store.read, 1000)
      expect(diff.differences.map(describe).sort()).toEqual(expectedChanges(before, after))
      expect(diff.isComplete).toBe(true)
    }),
  )
})

test('TD2: folders that are the same are not read, and no more is listed than was asked for', async () => {
  const store = new Store()
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, n) => [`d${n}/f`, { mode: 0o100644, content: 'same' }]),
  )
  const before = await store.add({ ...many, 'x/y/z': { mode: 0o100644, content: '1' } })
  const after = await store.add({ ...many, 'x/y/z': { mode: 0o100644, content: '2' } })
  store.reads = 0
  expect((await diffTrees(before, after, store.read, 10)).differences.map(describe)).toEqual(['modified x/y/z'])
  expect(store.reads).toBe(6)
  const first = await diffTrees(null, after, store.read, 10)
  expect(first.differences).toHaveLength(10)
  expect(first.isComplete).toBe(false)
})
