// Trees against real git: `ls-tree`, `mktree` and the index say what the codec and the editor should have made.
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { encodeObject, type GitObject } from './object.ts'
import { encodePack } from './pack.ts'
import { makeScratchRepository } from './testing/scratch-repository.ts'
import { decodeTree, encodeTree, fileMode } from './tree.ts'
import { editTree, type TreeChange, TreeConflictError } from './tree-edit.ts'

const repository = makeScratchRepository()
afterAll(repository.remove)
const blob = encodeObject('blob', Buffer.from('x\n'))
const otherBlob = encodeObject('blob', Buffer.from('y\n'))
repository.addPack(await encodePack([blob, otherBlob]))

/** Trees in memory: what editTree reads from and writes to. */
class Trees {
  readonly bodies = new Map<string, Uint8Array>()
  readonly read = (oid: string) => {
    const body = this.bodies.get(oid)
    if (!body) throw new Error(`no tree ${oid}`)
    return body
  }
  async edit(base: string | null, changes: TreeChange[]): Promise<{ oid: string; trees: GitObject[] }> {
    const edit = await editTree(base, changes, this.read)
    for (const tree of edit.trees) this.bodies.set(tree.oid, tree.body)
    return edit
  }
}

// Few names, so that edits meet; names around `/` (0x2f) try Git's order of folders; bytes above 0x7f are not UTF-8.
const name = fc.constantFrom('a', 'a-', 'a.', 'a0', 'ab', 'b', 'b.c', 'é', '\u00ff\u00fe', 'z')
const filePath = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
const entry = fc.record({
  mode: fc.constantFrom<number>(fileMode.regular, fileMode.executable, fileMode.symlink),
  oid: fc.constantFrom(blob.oid, otherBlob.oid),
})
type Files = Map<string, { mode: number; oid: string }>

// Drops paths that another path uses as a folder: rows never hold both.
function withoutConflicts(files: Files): Files {
  const folders = new Set([...files.keys()].flatMap((path) => foldersOf(path)))
  return new Map([...files].filter(([path]) => !folders.has(path)))
}

function foldersOf(path: string): string[] {
  const segments = path.split('/')
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'))
}

const toBytes = (path: string) => Buffer.from(path, 'latin1')

function differences(from: Files, to: Files): TreeChange[] {
  const removed = [...from.keys()].filter((path) => !to.has(path)).map((path) => ({ path: toBytes(path), entry: null }))
  const put = [...to].map(([path, wanted]) => ({ path: toBytes(path), entry: wanted }))
  return [...removed, ...put]
}

function writeTreeWithGit(files: Files): string {
  repository.git(['read-tree', '--empty'])
  const lines = [...files].map(([path, { mode, oid }]) => `${mode.toString(8)} ${oid}\t${path}\0`)
  repository.git(['update-index', '-z', '--add', '--index-info'], Buffer.from(lines.join(''), 'latin1'))
  return repository.git(['write-tree']).toString().trim()
}

test('TR3 TR4: any edit gives the tree that git makes from scratch, sorted its way (property)', async () => {
  const states = fc.array(fc.array(fc.tuple(filePath, entry), { maxLength: 12 }), { minLength: 1, maxLength: 4 })
  let edits = 0
  await fc.assert(
    fc.asyncProperty(states, async (sequence) => {
      const trees = new Trees()
      let before: Files = new Map()
      let root: string | null = null
      for (const wanted of sequence) {
        const files = withoutConflicts(new Map(wanted))
        const edit: { oid: string } = await trees.edit(root, differences(before, files))
        expect(edit.oid).toBe(writeTreeWithGit(files))
        root = edit.oid
        before = files
        edits++
      }
    }),
    { numRuns: 60, seed: 20 },
  )
  expect(edits).toBeGreaterThan(60)
})

test('TR2: every tree that git makes decodes and encodes to the same bytes (property)', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(filePath, entry), { minLength: 1, maxLength: 30 }), (wanted) => {
      const root = writeTreeWithGit(withoutConflicts(new Map(wanted)))
      const body = repository.git(['cat-file', 'tree', root])
      const entries = decodeTree(body)
      expect(encodeTree(entries)).toEqual(body)
      const listed = repository.git(['ls-tree', '-z', root]).toString('latin1').split('\0').slice(0, -1)
      expect(
        entries.map((each) => {
          const kind = each.mode === fileMode.directory ? 'tree' : 'blob'
          return `${each.mode.toString(8).padStart(6, '0')} ${kind} ${each.oid}\t${each.name.toString('latin1')}`
        }),
      ).toEqual(listed)
    }),
    { numRuns: 40, seed: 21 },
  )
})

test('TR1: cut or damaged trees throw and never run on', () => {
  const whole = repository.git([
    'cat-file',
    'tree',
    writeTreeWithGit(new Map([['a', { mode: 0o100644, oid: blob.oid }]])),
  ])
  for (let length = 1; length < whole.length; length++) {
    expect(() => decodeTree(whole.subarray(0, length))).toThrow('cut off')
  }
  expect(() => decodeTree(Buffer.concat([Buffer.from('9'), whole]))).toThrow('octal')
})

test('TR5: entries that were not named keep their bytes, zero-padded modes and odd names included', async () => {
  const raw = (text: string) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(blob.oid, 'hex')])
  const inner = encodeObject('tree', raw('100664 old-mode\0'))
  const folder = Buffer.concat([Buffer.from('040000 folder\0'), Buffer.from(inner.oid, 'hex')])
  const [keep, latin1] = [raw('100644 keep\0'), raw('100644 \xe9\0')]
  const base = encodeObject('tree', Buffer.concat([folder, keep, latin1]))
  const trees = new Trees()
  trees.bodies.set(base.oid, base.body).set(inner.oid, inner.body)
  const edit = await trees.edit(base.oid, [{ path: toBytes('zz'), entry: { mode: fileMode.regular, oid: blob.oid } }])
  expect(trees.read(edit.oid)).toEqual(Buffer.concat([folder, keep, raw('100644 zz\0'), latin1]))
  const back = await trees.edit(edit.oid, [{ path: toBytes('zz'), entry: null }])
  expect(back.oid).toBe(base.oid)
})

test('TR6: a change that changes nothing gives the base and no objects', async () => {
  const trees = new Trees()
  const wanted = { mode: fileMode.regular, oid: blob.oid }
  const base = await trees.edit(null, [{ path: toBytes('a/b/c'), entry: wanted }])
  const same = await trees.edit(base.oid, [
    { path: toBytes('a/b/c'), entry: wanted },
    { path: toBytes('a/b/never-there'), entry: null },
    { path: toBytes('a'), entry: null },
  ])
  expect(same).toEqual({ oid: base.oid, trees: [] })
})

test('TR7: a file and a folder of one name are refused', async () => {
  const trees = new Trees()
  const wanted = { mode: fileMode.regular, oid: blob.oid }
  const both = [
    { path: toBytes('a'), entry: wanted },
    { path: toBytes('a/b'), entry: wanted },
  ]
  await expect(trees.edit(null, both)).rejects.toThrow(TreeConflictError)
})
