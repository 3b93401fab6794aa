/** Pulls whose histories have more than two ends: our branch for pull requests beside the branch of the link, and links that change meanwhile. */
import { githubLinkQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import type { Oid } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import { DiskRemote } from './testing/disk-remote.ts'
import { buildPullWorld, killPullAt, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

/** Makes an edit of ours the branch `skein` there, as a push for a pull request does; the branch of the link stays where it was. */
async function askForPull(linked: LinkedProject, path: string, change: (text: string) => string): Promise<Oid> {
  const main = linked.remote.head()
  await linked.edit(ana, path, change)
  await linked.project.snapshot()
  const pushed = await linked.push()
  linked.remote.git('branch', 'skein', pushed)
  linked.remote.git('reset', '-q', '--hard', main)
  await database.ask(
    'update github_link set merged_oid = $2, remote_oid = $2, pr_head_oid = $3 where project_id = $1',
    [linked.project.key.projectId, main, pushed],
  )
  return pushed
}

const listHistory = async (linked: LinkedProject) => (await linked.project.git('rev-list', 'HEAD')).trim().split('\n')

test('GS7: a commit of a reviewer on our branch, after the branch of the link has moved, is no force-push of that one', async () => {
  const linked = await world.shared({ 'a.md': 'a\n', 'b.md': 'b\n', 'c.md': 'c\n' })
  await askForPull(linked, 'a.md', () => 'a ours\n')
  const main = linked.remote.commit({ 'b.md': 'b of main\n' })
  expect((await linked.merged()).kind).toBe('merge')
  await linked.edit(ana, 'c.md', () => 'c ours\n')
  const ours = (await linked.project.snapshot())?.oid
  linked.remote.git('checkout', '-q', 'skein')
  linked.remote.commit({ 'review.md': 'by a reviewer\n' })
  const outcome = await linked.merged({ branch: 'skein', decided: 'merge' })
  expect(outcome.kind).toBe('merge')
  expect(await linked.text('b.md')).toBe('b of main\n')
  expect(await linked.text('review.md')).toBe('by a reviewer\n')
  expect(await listHistory(linked)).toEqual(expect.arrayContaining([ours, main]))
  // What is merged of the branch of the link is what was.
  expect((await linked.request()).link.mergedOid).toBe(main)
})

test('GS6: a head of our branch that ours holds already is not what was merged of the branch of the link', async () => {
  const linked = await world.shared({ 'a.md': 'a\n' })
  const main = linked.remote.head()
  const pushed = await askForPull(linked, 'a.md', () => 'a ours\n')
  expect((await linked.merged({ branch: 'skein', theirs: pushed })).commits).toBe(0)
  expect((await linked.request()).link.mergedOid).toBe(main)
})

test('PL2: what would take commits of ours out of the branch is done only when that was decided', async () => {
  const linked = await world.shared({ 'a.md': 'a\n' })
  linked.remote.commit({ 'a.md': 'a two\n' })
  await linked.merged()
  linked.remote.git('reset', '-q', '--hard', 'HEAD~1')
  linked.remote.commit({ 'b.md': 'b\n' })
  const before = await linked.project.head()
  expect(await linked.pull({ decided: 'merge' })).toEqual({ state: 'busy' })
  expect(await linked.project.head()).toBe(before)
  expect((await linked.merged({ decided: 'rewritten' })).kind).toBe('rewritten')
})

test('PL7: a pull that ends under another link says nothing of what is linked now', async () => {
  const linked = await world.shared({ 'a.md': 'a\n', 'b.md': 'b\n' })
  linked.remote.commit({ 'b.md': 'b two\n' })
  await expect(linked.pull({}, killPullAt('begun'))).rejects.toThrow('killed')
  const number = await relink(linked)
  expect(await linked.resume()).toMatchObject({ state: 'merged' })
  expect((await linked.request()).link.mergedOid).toBe(null)
  const other = new DiskRemote(`${world.base.folder}/other-${number}`)
  other.commit({ 'README.md': 'hello\n' })
  const outcome = await linked.merged({ theirs: other.head() }, { remote: other })
  expect(outcome.kind).toBe('unrelated')
  expect(await linked.paths()).toEqual(['README.md', 'a.md', 'b.md'])
})

test('PL7: a pull that finds nothing new under another link says nothing of what is linked now', async () => {
  const linked = await world.shared({ 'a.md': 'a\n' })
  const request = await linked.request()
  await relink(linked)
  expect((await linked.merged(request)).commits).toBe(0)
  expect((await linked.request()).link.mergedOid).toBe(null)
})

/** Links the project to another repository, whose number is returned. */
async function relink({ project: { key } }: LinkedProject): Promise<number> {
  const number = Math.floor(Math.random() * 2 ** 40)
  await world.base.database.inWorkspace(key.workspaceId, async (tx) => {
    await githubLinkQueries.deleteGithubLink(tx, key.projectId)
    await githubLinkQueries.insertGithubLink(tx, {
      ...key,
      ...{ installationId: number, repositoryId: number, fullName: 'ana/other' },
      ...{ htmlUrl: 'https://github.example/ana/other', branch: 'main', directory: '', mode: 'direct_commit' },
      ...{ defaultBranch: 'main', createdBy: ana },
    })
  })
  return number
}

const lines = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('')

for (const which of ['ours', 'theirs']) {
  test(`PL2: after a criss-cross, what people took back of ${which} stays taken back, as Git merges it`, async () => {
    const linked = await world.shared({ 'b.md': lines, 'c.md': lines })
    await askForPull(linked, 'b.md', (text) => text.replace('line 1\n', 'LINE 1\n'))
    linked.remote.commit({ 'c.md': lines.replace('line 1\n', 'LINE 1\n') })
    await linked.merged()
    const file = which === 'ours' ? 'b.md' : 'c.md'
    await linked.edit(ana, file, (text) => text.replace('LINE 1\n', 'line 1\n'))
    const ours = (await linked.project.snapshot())?.oid
    linked.remote.git('merge', '-q', '--no-ff', '-m', 'merge the pull request', 'skein')
    linked.remote.commit({ [file]: lines.replace('line 1\n', 'LINE 1\n').replace('line 18\n', 'LINE 18\n') })
    expect(await linked.merged()).toMatchObject({ kind: 'merge', conflicts: 0 })
    const tree = await linked.project.git('merge-tree', '--write-tree', String(ours), linked.remote.head())
    const merged = await linked.project.git('show', `${tree.split('\n')[0]}:${file}`)
    expect(await linked.text(file)).toBe(`${merged}\n`)
    expect(await linked.text(file)).toBe(lines.replace('line 18\n', 'LINE 18\n'))
  })
}

test('PL2: after a criss-cross whose sides disagree about a whole file, what people decided is not overruled', async () => {
  const linked = await world.shared({ 'p.bin': Buffer.from([0, 1]), 'b.md': 'b\n' })
  const main = linked.remote.head()
  linked.remote.commit({ 'p.bin': Buffer.from([0, 2]) })
  const pushed = linked.remote.head()
  await linked.merged()
  linked.remote.git('branch', 'skein', pushed)
  linked.remote.git('reset', '-q', '--hard', main)
  await database.ask('update github_link set merged_oid = $2 where project_id = $1', [
    linked.project.key.projectId,
    main,
  ])
  linked.remote.commit({ 'p.bin': Buffer.from([0, 3]) })
  expect(await linked.merged()).toMatchObject({ kind: 'merge', conflicts: 1 })
  expect((await linked.project.committed()).get('p.bin')).toEqual(Buffer.from([0, 2]))
  linked.remote.git('merge', '-q', '-s', 'ours', '-m', 'theirs decided for the other', 'skein')
  expect((await linked.merged()).kind).toBe('merge')
  expect((await linked.project.committed()).get('p.bin')).toEqual(Buffer.from([0, 2]))
})

/** Squashes `skein` on the branch of the link. */
function squash(linked: LinkedProject): void {
  linked.remote.git('checkout', '-q', 'main')
  linked.remote.git('merge', '-q', '--squash', 'skein')
  linked.remote.git('commit', '-q', '-m', 'squash')
}

for (const where of ['never here', 'here and not merged', 'gone there'] as const) {
  test(`GS8: squashed with a commit of somebody else that was ${where}: it comes in`, async () => {
    const linked = await world.shared({ 'a.md': 'a\n', 'b.md': 'b\n' })
    await askForPull(linked, 'a.md', () => 'a ours\n')
    linked.remote.git('checkout', '-q', 'skein')
    const head = linked.remote.commit({ 'b.md': 'b of Ben\n' })
    if (where === 'here and not merged') {
      await expect(linked.pull({ branch: 'skein' }, killPullAt('stored'))).rejects.toThrow('killed')
    }
    squash(linked)
    await linked.edit(ana, 'a.md', (text) => `${text}more\n`)
    const mergedHead = where === 'gone there' ? ('1'.repeat(40) as Oid) : head
    const outcome = await linked.merged({ mergedHead, decided: 'restarted' })
    expect(outcome).toMatchObject({ kind: 'restarted', conflicts: 0 })
    expect(await linked.text('b.md')).toBe('b of Ben\n')
    expect(await linked.text('a.md')).toBe('a ours\nmore\n')
    expect((await linked.project.committed()).get('b.md')?.toString()).toBe('b of Ben\n')
  })
}

test('GS8: what people took back of what was pulled before a squash stays taken back', async () => {
  const linked = await world.shared({ 'b.md': lines, 'c.md': lines })
  const pushed = await askForPull(linked, 'b.md', (text) => text.replace('line 1\n', 'LINE 1\n'))
  linked.remote.commit({ 'c.md': lines.replace('line 1\n', 'LINE 1\n').replace('line 18\n', 'LINE 18\n') })
  await linked.merged()
  await linked.edit(ana, 'c.md', (text) => text.replace('LINE 1\n', 'line 1\n'))
  await linked.project.snapshot()
  squash(linked)
  linked.remote.commit({ 'c.md': lines.replace('line 1\n', 'LINE 1\n').replace('line 18\n', 'LINE 18 more\n') })
  expect(await linked.merged({ mergedHead: pushed })).toMatchObject({ kind: 'restarted', conflicts: 0 })
  expect(await linked.text('c.md')).toBe(lines.replace('line 18\n', 'LINE 18 more\n'))
  expect(await linked.text('b.md')).toBe(lines.replace('line 1\n', 'LINE 1\n'))
})
