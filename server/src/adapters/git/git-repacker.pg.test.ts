// Repacking over real rows and real Git: whatever kills it, every commit stays readable, and nobody's pack is lost.
import { mkdtempSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { packQueries, repositoryQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { PackingStep } from '../../commands/packs/repacker.ts'
import { createSnapshotWorld, git, type ProjectWorld } from '../../commands/snapshot/testing/snapshot-world.ts'
import { RepackLoop } from '../../jobs/repack-loop.ts'
import { GitProgram } from './git-program.ts'
import { GitRepacker } from './git-repacker.ts'
import { PostgresGitStore } from './postgres-git-store.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const searchPath = process.env.PATH ?? '/usr/bin:/bin'

let repackers = 0
const makeRepacker = (onStep?: (step: PackingStep) => Promise<void> | void) =>
  new GitRepacker({
    database: world.database,
    git: new GitProgram(searchPath),
    // Whoever begins clears what a process before left in its folder.
    scratchDir: path.join(world.folder, 'repack', String(repackers++)),
    reflogDays: 30,
    ...(onStep && { onStep }),
  })

/** A store that has nothing on disk yet. */
const emptyStore = () =>
  new PostgresGitStore({
    database: world.database,
    cacheDir: mkdtempSync(path.join(world.folder, 'fresh-')),
    searchPath,
  })

async function projectWithPacks(count: number) {
  const project = await world.project()
  const file = await project.create(ana, 'folder/one.md', 'One\n')
  const commit = async () => {
    await project.type(ana, file.documentId, `${Math.random()}\n`)
    return (await project.snapshot())?.oid as Oid
  }
  const oids: Oid[] = []
  for (let n = 0; n < count; n++) oids.push(await commit())
  return { project, oids, commit }
}

const livePacks = (project: ProjectWorld) =>
  project.ask<{ sha: string; source: string }>(
    'select sha, source from pack where project_id = $1 and dead_at is null order by gen',
  )

/** The history, and what Git says about a repository made from rows alone. */
const historyFromRows = ({ key }: ProjectWorld) =>
  emptyStore().withDirectory(key, async (directory) => {
    expect(git(directory, ['fsck', '--strict', '--full', '--no-dangling']).toString()).toBe('')
    return git(directory, ['rev-list', '--reverse', 'HEAD']).toString().trim().split('\n')
  })

test('SN6: many packs become one that holds every object, and nothing is lost', async () => {
  const { project, oids, commit } = await projectWithPacks(6)
  const report = await makeRepacker().join(project.key)
  expect(report).toMatchObject({ outcome: 'packed', packsBefore: 6 })
  expect(await livePacks(project)).toMatchObject([{ source: 'repack' }])
  expect(await historyFromRows(project)).toEqual(oids)
  const next = await commit()
  expect(await historyFromRows(project)).toEqual([...oids, next])
  expect(await makeRepacker().join(project.key)).toEqual({ outcome: 'nothing' })
})

test.each<PackingStep>(['built', 'stored', 'swapping', 'swapped'])(
  'SN6: killed when %s, nothing is lost, and another try makes it right',
  async (step) => {
    const { project, oids } = await projectWithPacks(4)
    const dying = makeRepacker((reached) => {
      if (reached === step) throw new Error(`killed at ${step}`)
    })
    await expect(dying.join(project.key)).rejects.toThrow('killed')
    expect(await historyFromRows(project)).toEqual(oids)
    await makeRepacker().join(project.key)
    expect(await livePacks(project)).toHaveLength(1)
    expect(await historyFromRows(project)).toEqual(oids)
    const left = await readdir(path.join(world.folder, 'repack'), { recursive: true })
    expect(left.filter((name) => name.includes('objects'))).toEqual([])
  },
)

test('PK1: packs that come meanwhile stay, and two who repack at once do not undo each other', async () => {
  const { project, oids, commit } = await projectWithPacks(4)
  const added: Oid[] = []
  const slow = makeRepacker(async (step) => {
    if (step === 'built') added.push(await commit())
  })
  expect(await slow.join(project.key)).toMatchObject({ outcome: 'packed', packsBefore: 4 })
  expect(await livePacks(project)).toHaveLength(2)
  const overtaken = makeRepacker(async (step) => {
    if (step === 'built') await makeRepacker().collect(project.key)
  })
  await commit().then((oid) => added.push(oid))
  expect(await overtaken.join(project.key)).toEqual({ outcome: 'overtaken' })
  expect(await historyFromRows(project)).toEqual([...oids, ...added])
  const hidden = await project.ask(
    `select from pack_chunk c where project_id = $1 and not exists
       (select from pack p where p.project_id = c.project_id and p.sha = c.sha)`,
  )
  expect(hidden).toEqual([])
})

test('PK2: what nothing reaches is left out, and only while nobody has come to lean on it', async () => {
  const { project, oids } = await projectWithPacks(4)
  const [first, , , last] = oids as [Oid, Oid, Oid, Oid]
  const { projectId, workspaceId } = project.key
  const moveBack = (from: Oid, to: Oid) =>
    world.database.inWorkspace(workspaceId, async (tx) => {
      await repositoryQueries.advanceGeneration(tx, projectId, null)
      await repositoryQueries.moveRef(tx, project.key, { name: 'refs/heads/main', from, to })
    })
  await moveBack(last, first)
  // Its way back is known for some weeks.
  await makeRepacker().collect(project.key)
  await moveBack(first, last)
  expect(await historyFromRows(project)).toEqual(oids)
  await moveBack(last, first)
  await project.ask(`update reflog set at = now() - interval '60 days' where project_id = $1`)
  const late = makeRepacker(async (step) => {
    if (step === 'built') await moveBack(first, last)
  })
  expect(await late.collect(project.key)).toEqual({ outcome: 'overtaken' })
  expect(await historyFromRows(project)).toEqual(oids)
  await moveBack(last, first)
  expect(await makeRepacker().collect(project.key)).toMatchObject({ outcome: 'packed' })
  expect(await historyFromRows(project)).toEqual([first])
  const known = await emptyStore().withDirectory(project.key, async (directory) =>
    git(directory, ['cat-file', '--batch-all-objects', '--batch-check']).toString(),
  )
  expect(known).not.toContain(last)
})

test('PK3: dead packs stay until their grace is over; a cache drops them when nobody reads it', async () => {
  const { project, oids } = await projectWithPacks(5)
  const directory = path.join(world.cacheDir, `${project.key.projectId}.git`)
  const packsOnDisk = async () =>
    (await readdir(path.join(directory, 'objects/pack'))).filter((name) => name.endsWith('.pack')).length
  await world.store.withDirectory(project.key, async () => {
    expect(await packsOnDisk()).toBe(5)
    await makeRepacker().join(project.key)
    // Somebody reads it: another reader comes to the new generation and leaves the old files alone.
    expect(await project.git('rev-list', '--count', 'HEAD')).toBe('5')
    expect(await packsOnDisk()).toBe(6)
  })
  await project.create(ana, 'two.md', 'Two\n')
  await project.snapshot()
  await makeRepacker().collect(project.key)
  expect(await project.git('rev-list', '--count', 'HEAD')).toBe('6')
  expect(await packsOnDisk()).toBe(1)
  const sweep = (graceMs: number) =>
    world.database.inWorkspace(project.key.workspaceId, (tx) =>
      packQueries.deleteDeadPacks(tx, project.key.projectId, graceMs),
    )
  expect(await sweep(3_600_000)).toBe(0)
  expect(await sweep(-1_000)).toBe(7)
  expect((await historyFromRows(project)).slice(0, 5)).toEqual(oids)
})

test('SN6: the loop finds what is due across workspaces and keeps it in few packs', async () => {
  const { project, oids } = await projectWithPacks(8)
  const reports: unknown[] = []
  const loop = new RepackLoop({
    db: world.database,
    repacker: makeRepacker(),
    onReport: (repository, report) => {
      if (repository.projectId === project.key.projectId) reports.push(report)
    },
    logFault: (error) => reports.push(error),
    limits: { generations: 8, graceMs: 3_600_000, restMs: 3_600_000 },
    pollMs: 50,
  })
  loop.start()
  await expect.poll(() => livePacks(project), { timeout: 20_000 }).toHaveLength(1)
  await loop.drain()
  expect(reports).toContainEqual(expect.objectContaining({ outcome: 'packed', packsBefore: 8 }))
  expect(await historyFromRows(project)).toEqual(oids)
})

test('PK4: the cache is evicted by age too, never under a reader', async () => {
  const [old, used, young] = [await projectWithPacks(1), await projectWithPacks(1), await projectWithPacks(1)]
  const cacheDir = mkdtempSync(path.join(world.folder, 'aged-'))
  const store = new PostgresGitStore({ database: world.database, cacheDir, searchPath, cacheAgeMaxMs: 1 })
  const isThere = async ({ project }: typeof old) => (await readdir(cacheDir)).includes(`${project.key.projectId}.git`)
  await store.withDirectory(old.project.key, async () => {})
  await store.withDirectory(used.project.key, async () => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    await store.withDirectory(young.project.key, async () => {})
    await expect.poll(() => isThere(old)).toBe(false)
    expect(await isThere(used)).toBe(true)
    expect(await isThere(young)).toBe(true)
  })
  await store.withDirectory(old.project.key, async (directory) => {
    expect(git(directory, ['rev-list', 'HEAD']).toString().trim()).toBe(old.oids[0])
  })
})
