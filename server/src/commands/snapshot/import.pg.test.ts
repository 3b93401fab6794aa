// SN7: an import followed by a snapshot changes nothing. Every file is put on the snapshotter's list first, so that it
// makes every blob and every tree anew from the rows of the import, and would notice a byte.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type MadeEntry, makeOddRepository, makeRepository } from './testing/odd-repository.ts'
import { createSnapshotWorld, git, type ProjectWorld } from './testing/snapshot-world.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')

const treeOf = (directory: string) => git(directory, ['rev-parse', 'main^{tree}']).toString().trim()

/**
 * Imports, takes a snapshot in which nothing may change, then makes one edit and undoes it: two commits, the second
 * with the first tree.
 */
async function expectSameTree(source: string): Promise<ProjectWorld> {
  const project = await world.project('importing')
  const tip = await project.import(source)
  expect((await project.dirty()).length).toBe(
    Number(await project.git('ls-tree', '-r', 'HEAD').then((list) => list.split('\n').filter(Boolean).length)),
  )
  expect(await project.snapshot()).toBe(null)
  expect(await project.dirty()).toEqual([])
  expect(await project.head()).toBe(tip)

  const path = `touched-${randomUUID()}/file.md`
  const { id } = await project.create(ana, path, 'new\n')
  await project.snapshot()
  expect(await project.git('diff-tree', '-r', '--name-status', tip, 'HEAD')).toBe(`A\t${path}`)
  await project.remove(ana, id)
  await project.snapshot()
  expect(await project.git('rev-parse', 'HEAD^{tree}')).toBe(treeOf(source))
  return project
}

test('SN7: a repository with every odd kind of file keeps its tree and its history', async () => {
  const source = makeOddRepository(world.folder)
  const project = await expectSameTree(source)
  const log = ['log', '--format=%H %an %s', '--topo-order', 'main']
  expect((await project.git(...log)).split('\n').slice(2).join('\n')).toBe(git(source, log).toString().trim())
})

test('SN7: after edits of every text file the tree equals the live texts, and nothing else has changed', async () => {
  const source = makeOddRepository(world.folder)
  const project = await world.project('importing')
  await project.import(source)
  const documents = await project.documents()
  for (const { documentId } of documents.values()) await project.type(ana, documentId, 'edited 😀\n')
  await project.snapshot()
  const live = await project.live()
  expect(live.size).toBe(documents.size)
  for (const [path, bytes] of live) {
    expect(bytes.includes('edited 😀')).toBe(true)
    const committed = await world.store.withDirectory(project.key, async (directory) =>
      git(directory, ['cat-file', 'blob', `HEAD:${path}`]),
    )
    expect([path, committed.equals(bytes)]).toEqual([path, true])
  }
  const changed = await project.git('diff-tree', '-r', '-z', '--name-only', 'HEAD~1', 'HEAD')
  expect(changed.split('\0').filter(Boolean).sort()).toEqual([...live.keys()].sort())
  expect(await project.fsck()).toBe('')
})

test('SN7: Skein’s own repository keeps its tree', async ({ skip }) => {
  const root = join(import.meta.dirname, '../../../..')
  const isShallow = (() => {
    try {
      return git(root, ['rev-parse', '--is-shallow-repository']).toString().trim() !== 'false'
    } catch {
      return true
    }
  })()
  skip(isShallow, 'this is not a whole clone of Skein')
  const source = join(world.folder, 'own.git')
  git(world.folder, ['clone', '-q', '--bare', '--no-local', '--single-branch', root, source])
  const head = git(source, ['rev-parse', 'HEAD']).toString().trim()
  git(source, ['update-ref', 'refs/heads/main', head])
  const project = await expectSameTree(source)
  expect(await project.fsck()).toBe('')
})

test('SN7: generated repositories keep their trees (property)', async () => {
  // Few stems and endings, so that twins, folders beside files of one name, and names out of Git's order come up often.
  const name = fc
    .tuple(
      fc.constantFrom('a', 'A', 'b', 'é', 'e\u0301', '文', '-x', 'sub module'),
      fc.constantFrom('', '.md', '.', '0', '-', ' y'),
    )
    .map((parts) => parts.join(''))
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => Buffer.from(names.join('/')))
  const rawPath = fc
    .tuple(path, fc.constantFrom<number>(0xff, 0xc3, 0x80))
    .map(([bytes, odd]) => Buffer.concat([bytes, Buffer.from([odd])]))
  const line = fc.string({ unit: 'grapheme', maxLength: 12 })
  const end = fc.constantFrom('\n', '\r\n', '\r', '')
  const text = fc
    .tuple(fc.constantFrom('', '\ufeff'), fc.array(fc.tuple(line, end).map((parts) => parts.join(''))))
    .map(([bom, lines]) => Buffer.from(bom + lines.join('')))
  const bytes = fc.uint8Array({ maxLength: 40 }).map((body) => Buffer.from(body))
  const entry: fc.Arbitrary<MadeEntry> = fc.record({
    path: fc.oneof({ weight: 4, arbitrary: path }, { weight: 1, arbitrary: rawPath }),
    mode: fc.constantFrom('100644', '100644', '100755', '120000'),
    content: fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: bytes }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 25 }), async (entries) => {
      await expectSameTree(makeRepository(world.folder, [withoutConflicts(entries)]))
    }),
    { numRuns: 25, seed: 31 },
  )
}, 120_000)

/** One entry per path, and no path that another uses as a folder: Git could not hold both. */
function withoutConflicts(entries: readonly MadeEntry[]): MadeEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path.toString('latin1'), entry]))
  const folders = new Set<string>()
  for (const path of byPath.keys()) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
      folders.add(path.slice(0, slash))
  }
  return [...byPath].filter(([path]) => !folders.has(path)).map(([, entry]) => entry)
}
