/** Large pulls, and what is refused before anything of it is kept. */
import { readdirSync, rmSync } from 'node:fs'
import { createTestDatabase } from '@skein/db/testing'
import type { Oid } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import { git } from '../snapshot/testing/snapshot-world.ts'
import { buildPullWorld, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

/** Commits made by `git fast-import`, on what is checked out. */
function importCommits(linked: LinkedProject, commits: readonly string[][]): Oid {
  const lines = commits.flatMap((changes, n) => [
    'commit refs/heads/main',
    `committer Ana <ana@example.org> ${1_700_000_000 + n} +0000`,
    'data 2',
    `${n % 10}`,
    '',
    ...(n === 0 ? ['from refs/heads/main^0'] : []),
    ...changes,
    '',
  ])
  git(linked.remote.directory, ['fast-import', '--quiet', '--force'], `${lines.join('\n')}\n`)
  linked.remote.git('reset', '-q', '--hard', 'refs/heads/main')
  return linked.remote.head()
}

const put = (path: string, text: string) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}`

async function isUntouched(linked: LinkedProject, head: Oid | null): Promise<void> {
  expect(await linked.project.head()).toBe(head)
  expect(await linked.project.ask('select id from pull where project_id = $1 and state = $$applying$$')).toEqual([])
}

test('SN10: a push of 2,000 commits comes with all of its history, once', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  const theirs = importCommits(
    linked,
    Array.from({ length: 2000 }, (_, n) => [put(`dir${n % 20}/file${n % 100}.md`, `version ${n}\n`)]),
  )
  expect(await linked.merged()).toMatchObject({ kind: 'forward', head: theirs, commits: 2000, files: 100 })
  expect(await linked.project.git('rev-list', '--count', 'HEAD')).toBe('2001')
  const rows = await linked.project.ask<{ commits: number }>(
    'select count(*)::int as commits from git_commit where project_id = $1',
  )
  expect(rows).toEqual([{ commits: 2001 }])
  expect(await linked.project.fsck()).toBe('')
})

test('PL3: a rename storm of 5,000 files keeps every file, and a line that was typed in one of them', async () => {
  const names = Array.from({ length: 5000 }, (_, n) => `folder${n % 50}/file${n}.md`)
  const linked = await world.linked()
  linked.remote.commit({ 'seed.md': 'seed\n' })
  importCommits(linked, [names.map((name, n) => put(name, `text number ${n}\nsecond line\nthird line\n`))])
  await linked.merged()
  const id = await linked.idOf('folder7/file7.md')
  await linked.edit(ana, 'folder7/file7.md', (text) => `${text}typed\n`)
  // Every folder takes the place of the next one, so that each name was another file's before.
  importCommits(linked, [
    [
      ...names.map((name) => `D ${name}`),
      ...names.map((_, n) => put(`folder${(n + 1) % 50}/file${n}.md`, `text number ${n}\nsecond line\nthird line\n`)),
    ],
  ])
  expect(await linked.merged()).toMatchObject({ kind: 'forward', conflicts: 0 })
  expect(await linked.idOf('folder8/file7.md')).toBe(id)
  expect(await linked.text('folder8/file7.md')).toBe('text number 7\nsecond line\nthird line\ntyped\n')
  expect(await linked.paths()).toHaveLength(5001)
  expect(await linked.project.git('diff', '--name-only', linked.remote.head(), 'HEAD')).toBe('folder8/file7.md')
})

test('SN10: objects that Git forbids are refused, and nothing of them is kept', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  const head = await linked.project.head()
  const oid = linked.remote.git('rev-parse', 'HEAD:a.md')
  const evil = git(linked.remote.directory, ['mktree'], `100644 blob ${oid}\t.GIT\n`).toString().trim()
  const commit = git(linked.remote.directory, ['commit-tree', '-p', 'HEAD', '-m', 'Evil', evil])
    .toString()
    .trim() as Oid
  const outcome = await linked.pull({ theirs: commit })
  expect(outcome).toMatchObject({ state: 'refused', reason: { code: 'pull-refused' } })
  await isUntouched(linked, head)
  expect(await linked.project.ask('select sha from pack where project_id = $1')).toHaveLength(1)
})

test('SN10: a commit that the remote does not have any more is looked for again', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  const head = await linked.project.head()
  expect(await linked.pull({ theirs: '1234567890'.repeat(4) as Oid })).toEqual({ state: 'busy' })
  await isUntouched(linked, head)
})

test('PL1: a tree with more files than a project may have is refused in words', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  const head = await linked.project.head()
  // A kilobyte that lists 100,000 files: ten folders in ten folders, five deep.
  const oid = linked.remote.git('rev-parse', 'HEAD:a.md')
  let tree = git(linked.remote.directory, ['mktree'], `100644 blob ${oid}\tx\n`).toString().trim()
  for (let depth = 0; depth < 5; depth++) {
    const lines = Array.from({ length: 10 }, (_, n) => `040000 tree ${tree}\t${n}\n`)
    tree = git(linked.remote.directory, ['mktree'], lines.join('')).toString().trim()
  }
  const commit = git(linked.remote.directory, ['commit-tree', '-p', 'HEAD', '-m', 'Bomb', tree])
    .toString()
    .trim() as Oid
  const outcome = await linked.pull({ theirs: commit })
  expect(outcome).toMatchObject({ state: 'refused' })
  expect(JSON.stringify(outcome)).toContain('more than 50,000 files')
  await isUntouched(linked, head)
})

test('PL1: a commit that has more than 1 MiB by itself is refused in words', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  const head = await linked.project.head()
  const { directory } = linked.remote
  const message = `Long\n\n${'x'.repeat(2 * 1_048_576)}\n`
  const commit = git(directory, ['commit-tree', '-p', 'HEAD', '-F', '-', 'HEAD^{tree}'], message)
    .toString()
    .trim() as Oid
  const outcome = await linked.pull({ theirs: commit })
  expect(outcome).toMatchObject({ state: 'refused', reason: { code: 'pull-refused' } })
  expect(JSON.stringify(outcome)).toContain(`The commit ${commit} has a message and headers of 3 MiB`)
  await isUntouched(linked, head)
})

test('PL1: GitHub away is told as it is, and nothing has changed', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  const head = await linked.project.head()
  linked.remote.commit({ 'a.md': 'B\n' })
  const failure = { kind: 'unreachable', detail: 'It is away.' } as const
  const remote = { fetch: async () => ({ outcome: 'failed', failure }) as const }
  expect(await linked.pull({}, { remote })).toEqual({ state: 'failed', failure })
  await isUntouched(linked, head)
})

test('PL1: folders for fetches are gone afterwards, and a lost disk shows the same', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  const theirs = linked.remote.commit({ 'b.md': 'B\n' })
  await linked.merged()
  const root = `${world.base.cacheDir}/fetch`
  expect(readdirSync(root).flatMap((name) => readdirSync(`${root}/${name}`))).toEqual([])
  rmSync(`${world.base.cacheDir}/${linked.project.key.projectId}.git`, { recursive: true })
  expect(await linked.project.head()).toBe(theirs)
  expect(await linked.project.fsck()).toBe('')
})
