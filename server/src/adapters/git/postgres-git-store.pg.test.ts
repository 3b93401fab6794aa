// The Git store over real rows and real directories: what is on disk may be deleted, cut, old or from the future, and
// nobody ever notices.
import { createCipheriv } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { repositoryQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { makeRepository } from '../../commands/snapshot/testing/odd-repository.ts'
import { createSnapshotWorld, git, type ProjectWorld } from '../../commands/snapshot/testing/snapshot-world.ts'
import { PostgresGitStore } from './postgres-git-store.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const searchPath = process.env.PATH ?? '/usr/bin:/bin'

async function projectWithCommits(count = 3) {
  const project = await world.project()
  const file = await project.create(ana, 'folder/one.md', 'One\n')
  const oids: Oid[] = []
  for (let n = 0; n < count; n++) {
    await project.type(ana, file.documentId, `${n}\n`)
    oids.push((await project.snapshot())?.oid as Oid)
  }
  return { project, file, oids, directory: path.join(world.cacheDir, `${project.key.projectId}.git`) }
}

/** A store over the same rows, as another process or the next start would have it. */
const openStore = (cacheDir: string, cacheBytesMax?: number) =>
  new PostgresGitStore({
    database: world.database,
    cacheDir,
    searchPath,
    ...(cacheBytesMax !== undefined && { cacheBytesMax }),
  })

const packsOf = (directory: string) =>
  readdirSync(path.join(directory, 'objects/pack')).filter((name) => name.endsWith('.pack'))

const historyIn = (store: PostgresGitStore, { key }: ProjectWorld) =>
  store.withDirectory(key, async (directory) => git(directory, ['rev-list', 'HEAD']).toString().trim().split('\n'))

const entry = (name: string, content: string) => ({
  path: Buffer.from(name),
  mode: '100644' as const,
  content: Buffer.from(content),
})

describe('SN5: the disk cache', () => {
  test('SN5: losing every cache loses nothing', async () => {
    const { project, oids } = await projectWithCommits()
    await historyIn(world.store, project)
    await rm(world.cacheDir, { recursive: true })
    expect(await historyIn(world.store, project)).toEqual(oids.toReversed())
    expect(await historyIn(openStore(mkdtempSync(path.join(world.folder, 'other-'))), project)).toEqual(
      oids.toReversed(),
    )
    expect(await project.fsck()).toBe('')
  })

  test('SN5: it is brought to the current generation before it serves anybody', async () => {
    const { project, file, oids, directory } = await projectWithCommits(1)
    expect(await historyIn(world.store, project)).toHaveLength(1)
    await project.type(ana, file.documentId, 'more\n')
    const commit = await project.snapshot()
    expect(await historyIn(world.store, project)).toEqual([commit?.oid, ...oids])
    expect(readFileSync(path.join(directory, 'skein-generation'), 'utf8')).toBe('2')
  })

  test.each<[string, (directory: string) => void]>([
    ['no marker', (directory) => writeFileSync(path.join(directory, 'skein-generation'), '')],
    ['a marker from the future', (directory) => writeFileSync(path.join(directory, 'skein-generation'), '999')],
    [
      'a pack that was cut',
      (directory) => truncateSync(path.join(directory, 'objects/pack', packsOf(directory)[0] ?? ''), 20),
    ],
    ['no HEAD', (directory) => void rm(path.join(directory, 'HEAD'))],
  ])('SN5: a directory with %s is made anew by the next process', async (_, harm) => {
    const { project, oids, directory } = await projectWithCommits()
    await historyIn(world.store, project)
    harm(directory)
    const next = openStore(world.cacheDir)
    const read = async () => {
      const found: string[] = []
      for await (const { oid } of next.listCommits(project.key, oids[2] as Oid)) found.push(oid)
      return found
    }
    expect(await read()).toEqual(oids)
    expect(packsOf(directory)).toHaveLength(3)
  })

  test('SN5: damage that Git finds while reading is answered once by a fresh directory', async () => {
    const { project, oids, directory } = await projectWithCommits()
    await historyIn(world.store, project)
    for (const name of packsOf(directory)) {
      const file = path.join(directory, 'objects/pack', name)
      const bytes = readFileSync(file)
      await rm(file)
      writeFileSync(file, bytes.fill(0x55, 14, bytes.length - 20))
    }
    const entries = await Array.fromAsync(world.store.listTree(project.key, oids[2] as Oid))
    expect(entries.map((entry) => Buffer.from(entry.path).toString())).toEqual(['folder/one.md'])
    const fresh = openStore(world.cacheDir)
    const tree = git(directory, ['rev-parse', `${oids[2]}^{tree}`])
      .toString()
      .trim()
    expect((await fresh.readObject(project.key, 'tree', tree)).length).toBeGreaterThan(20)
    fresh.close()
  })

  test('SN5: a directory in use is renamed, not deleted under its reader', async () => {
    const { project, oids, directory } = await projectWithCommits()
    let aside = ''
    await world.store.withDirectory(project.key, async () => {
      const before = readdirSync(path.join(world.cacheDir, 'aside'))
      writeFileSync(path.join(directory, 'skein-generation'), 'odd')
      expect(await historyIn(world.store, project)).toEqual(oids.toReversed())
      aside = path.join(
        world.cacheDir,
        'aside',
        readdirSync(path.join(world.cacheDir, 'aside')).find((name) => !before.includes(name)) ?? '',
      )
      expect(packsOf(aside)).toHaveLength(3)
    })
    await expect.poll(() => existsSync(aside)).toBe(false)
  })

  test('SN5: repositories that were not used for longest make room, those in use stay', async () => {
    const cacheDir = mkdtempSync(path.join(world.folder, 'small-'))
    const store = openStore(cacheDir, 4_000)
    const projects = [await projectWithCommits(), await projectWithCommits(), await projectWithCommits()]
    const [first, second, third] = projects.map(({ project }) => project) as [ProjectWorld, ProjectWorld, ProjectWorld]
    const names = async () => (await readdir(cacheDir)).filter((name) => name.endsWith('.git'))
    await store.withDirectory(first.key, async () => {
      await historyIn(store, second)
      await historyIn(store, third)
      await expect
        .poll(async () => (await names()).sort())
        .toEqual([first, third].map(({ key }) => `${key.projectId}.git`).sort())
    })
    expect(await historyIn(store, second)).toHaveLength(3)
    await expect.poll(async () => (await names()).length).toBeLessThan(3)
  })

  test('SN5: many readers at once, while commits arrive, all see a whole repository', async () => {
    const { project, file } = await projectWithCommits()
    const other = openStore(world.cacheDir)
    const reads: Promise<unknown>[] = []
    for (let n = 0; n < 8; n++) {
      await project.type(ana, file.documentId, `x${n}\n`)
      await project.snapshot()
      for (const store of [world.store, other]) {
        reads.push(
          store.withDirectory(project.key, async (directory) => git(directory, ['fsck', '--strict', '--no-dangling'])),
        )
      }
    }
    const outcomes = await Promise.all(reads)
    expect(outcomes.map(String)).toEqual(outcomes.map(() => ''))
  })
})

test('SN5: a history of many snapshots is made anew in few steps, and its packs are listed in one index', async () => {
  const { project, oids, directory } = await projectWithCommits(55)
  const store = openStore(mkdtempSync(path.join(world.folder, 'many-')))
  await store.withDirectory(project.key, async (fresh) => {
    expect(readdirSync(path.join(fresh, 'objects/pack'))).toContain('multi-pack-index')
    expect(git(fresh, ['rev-list', 'HEAD']).toString().trim().split('\n')).toEqual(oids.toReversed())
    expect(git(fresh, ['fsck', '--strict', '--no-dangling']).toString()).toBe('')
  })
  expect(await historyIn(world.store, project)).toHaveLength(55)
  expect(readdirSync(path.join(directory, 'objects/pack'))).toContain('multi-pack-index')
})

describe('SN10: what Git fetched', () => {
  test('SN10: a project that has lost its disk shows the same history', async () => {
    const source = makeRepository(world.folder, [[entry('a', '1')], [entry('a', '2'), entry('b', '3')]])
    const project = await world.project('importing')
    const tip = await project.import(source)
    await rm(source, { recursive: true })
    const store = openStore(mkdtempSync(path.join(world.folder, 'fresh-')))
    const commits = await Array.fromAsync(store.listCommits(project.key, tip))
    expect(commits.map(({ message }) => message)).toEqual(['Commit 0\n', 'Commit 1\n'])
    expect(commits[1]?.parents).toEqual([commits[0]?.oid])
    const blobs: string[] = []
    const entries = await Array.fromAsync(store.listTree(project.key, tip))
    await store.readBlobs(
      project.key,
      entries.map(({ oid }) => oid),
      (_, content) => void blobs.push(Buffer.from(content).toString()),
    )
    expect(blobs).toEqual(['2', '3'])
    expect(await store.isAncestor(project.key, commits[0]?.oid as Oid, tip)).toBe(true)
    expect(await store.isAncestor(project.key, tip, commits[0]?.oid as Oid)).toBe(false)
  })

  test('SN10: a pack larger than a chunk comes back byte for byte', async () => {
    const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
      Buffer.alloc(20 * 1024 * 1024),
    )
    const source = makeRepository(world.folder, [[{ path: Buffer.from('noise'), mode: '100644', content: noise }]])
    const project = await world.project('importing')
    await project.import(source)
    const chunks = await project.ask<{ n: number; bytes: number }>(
      `select n, octet_length(data) as bytes from pack_chunk where project_id = $1 and part = 'pack' order by n`,
    )
    expect(chunks.length).toBeGreaterThan(2)
    expect(chunks.slice(0, -1).every(({ bytes }) => bytes === 8 * 1024 * 1024)).toBe(true)
    expect((await project.committed()).get('noise')?.equals(noise)).toBe(true)
  })

  const refused: [string, (directory: string) => void, RegExp][] = [
    [
      'lacks an object',
      (directory) => {
        git(directory, ['repack', '-a', '-d', '-q'])
        const blob = git(directory, ['rev-parse', 'main:a']).toString().trim()
        const kept = git(directory, ['rev-list', '--objects', '--all', '--no-object-names'])
          .toString()
          .replace(`${blob}\n`, '')
        git(directory, ['pack-objects', '-q', 'objects/pack/pack'], kept)
        for (const name of packsOf(directory)
          .toSorted((a, b) => Number(sizeIn(directory, b)) - Number(sizeIn(directory, a)))
          .slice(0, 1)) {
          for (const suffix of ['.pack', '.idx'])
            void rm(path.join(directory, 'objects/pack', name.replace('.pack', suffix)))
        }
      },
      /missing blob|unable to|bad object|rev-list failed/i,
    ],
    [
      'borrows objects',
      (directory) => writeFileSync(path.join(directory, 'objects/info/alternates'), '/elsewhere\n'),
      /must not borrow/,
    ],
  ]

  test.each(refused)('SN10: a repository that %s is refused, and nothing of it stays', async (_, harm, reason) => {
    const source = makeRepository(world.folder, [[entry('a', 'x'.repeat(10_000)), entry('b', 'y')]])
    const tip = git(source, ['rev-parse', 'main']).toString().trim() as Oid
    harm(source)
    const project = await world.project('importing')
    const fetched = { bareDirectory: source, branch: 'main', tip, actor: 'skein', reason: 'import' }
    await expect(world.store.storeFetched(project.key, fetched, async () => {})).rejects.toThrow(reason)
    expect(await project.ask('select 1 from pack_chunk where project_id = $1')).toEqual([])
    expect(await project.head()).toBe(null)
  })

  test('SN10: when the rows that belong to it cannot be written, the branch does not move and no pack is left', async () => {
    const source = makeRepository(world.folder, [[entry('a', '1')]])
    const tip = git(source, ['rev-parse', 'main']).toString().trim() as Oid
    const project = await world.project('importing')
    const fetched = { bareDirectory: source, branch: 'main', tip, actor: 'skein', reason: 'import' }
    const failing = world.store.storeFetched(project.key, fetched, async () => {
      throw new Error('no rows')
    })
    await expect(failing).rejects.toThrow('no rows')
    expect(await project.ask('select 1 from pack where project_id = $1')).toEqual([])
    expect(await project.ask('select 1 from pack_chunk where project_id = $1')).toEqual([])
    expect(await project.head()).toBe(null)
    await world.store.storeFetched(project.key, fetched, async () => {})
    expect(await project.head()).toBe(tip)
  })

  describe('packs that two workers have fetched', () => {
    async function importingProject() {
      const source = makeRepository(world.folder, [[entry('a', '1')]])
      const tip = git(source, ['rev-parse', 'main']).toString().trim() as Oid
      const fetched = { bareDirectory: source, branch: 'main', tip, actor: 'skein', reason: 'import' }
      const project = await world.project('importing')
      const { projectId, workspaceId } = project.key
      await world.database.inWorkspace(workspaceId, (tx) => repositoryQueries.ensureRepository(tx, project.key))
      const store = (inTransaction: () => Promise<void>) =>
        world.store.storeFetched(project.key, fetched, inTransaction).then(
          () => 'stored',
          (error: Error) => error.message,
        )
      /** While the lock is held, packs get as far as their chunks. */
      const withLock = <T>(work: () => Promise<T>) =>
        world.database.inWorkspace(workspaceId, async (tx) => {
          await repositoryQueries.lockRepository(tx, projectId)
          return work()
        })
      return { project, tip, store, withLock }
    }

    test('SN10: the one who gives up leaves alone what the other makes visible', async () => {
      const { project, tip, store, withLock } = await importingProject()
      const both = await withLock(async () => {
        const first = store(() => Promise.reject(new Error('lost its lease')))
        await world.somebodyWaits()
        const second = store(() => Promise.race([first.then(() => {}), world.somebodyWaits()]))
        await world.somebodyWaits(2)
        return { first, second }
      })
      expect([await both.first, await both.second]).toEqual(['lost its lease', 'stored'])
      expect(await project.head()).toBe(tip)
      expect(await project.fsck()).toBe('')
    })

    test('SN10: a pack whose bytes the other has deleted is not made visible', async () => {
      const { project, store, withLock } = await importingProject()
      const { second } = await withLock(async () => {
        const second = store(async () => {})
        await world.somebodyWaits()
        await project.ask('delete from pack_chunk where project_id = $1')
        return { second }
      })
      expect(await second).toContain('not all of them')
      expect(await project.head()).toBe(null)
      expect(await project.ask('select 1 from pack where project_id = $1')).toEqual([])
    })
  })
})

function sizeIn(directory: string, name: string): number {
  return readFileSync(path.join(directory, 'objects/pack', name)).length
}

describe('reading', () => {
  test('an object that is not there is an error for that call, and the directory stays', async () => {
    const { project, oids, directory } = await projectWithCommits()
    await historyIn(world.store, project)
    const unknown = '1'.repeat(40) as Oid
    await expect(world.store.readBlobs(project.key, [unknown], () => {})).rejects.toThrow('missing')
    await expect(Array.fromAsync(world.store.listTree(project.key, unknown))).rejects.toThrow('not a tree')
    await expect(world.store.readBlobs(project.key, [oids[0] as Oid], () => {})).rejects.toThrow('is commit')
    expect(existsSync(path.join(directory, 'skein-generation'))).toBe(true)
  })

  test('reading can be stopped', async () => {
    const { project } = await projectWithCommits()
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(world.store.readBlobs(project.key, [], () => {}, controller.signal)).rejects.toThrow('enough')
  })

  test('a walk that is left early ends its process', async () => {
    const { project, oids } = await projectWithCommits()
    for await (const commit of world.store.listCommits(project.key, oids[2] as Oid)) {
      expect(commit.oid).toBe(oids[0])
      break
    }
  })

  test('a tree with more paths than anybody has is refused before it fills the memory', async () => {
    // Each tree names the one below it ten times: seven levels are ten million paths in a few hundred bytes.
    const directory = makeRepository(world.folder, [[entry('x', 'x')]])
    let below = git(directory, ['rev-parse', 'main:x']).toString().trim()
    let kind = '100644 blob'
    for (let level = 0; level < 7; level++) {
      const lines = Array.from({ length: 10 }, (_, n) => `${kind} ${below}\t${n}\n`).join('')
      below = git(directory, ['mktree'], lines).toString().trim()
      kind = '040000 tree'
    }
    const { listTree } = await import('./bare-repository.ts')
    const { GitProgram } = await import('./git-program.ts')
    const listing = listTree({ git: new GitProgram(searchPath), directory }, below)
    await expect(
      (async () => {
        for await (const _ of listing);
      })(),
    ).rejects.toThrow('more than 250000 entries')
  })
})
