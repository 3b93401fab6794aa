/** Every kind of pull, from a fetch of a real repository to the commit. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import { buildPullWorld } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

test('PL2: the first pull fills an empty project, and the branch is theirs itself', async () => {
  const linked = await world.linked()
  const theirs = linked.remote.commit({ 'a.md': 'A\n', 'docs/b.txt': 'B\n' })
  expect(await linked.pull()).toMatchObject({
    state: 'merged',
    kind: 'first',
    head: theirs,
    commits: 1,
    files: 2,
    insertions: 2,
  })
  expect(await linked.project.head()).toBe(theirs)
  expect(await linked.paths()).toEqual(['a.md', 'docs/b.txt'])
  expect(await linked.text('a.md')).toBe('A\n')
  expect(await linked.project.dirty()).toEqual([])
  expect(await linked.project.fsck()).toBe('')
})

test('PL2: a remote that goes on from our head moves the branch to it', async () => {
  const linked = await world.shared({ 'a.md': 'one\ntwo\n' })
  const theirs = linked.remote.commit({ 'a.md': 'one\ntwo\nthree\n', 'b.md': 'new\n' })
  expect(await linked.merged()).toMatchObject({ kind: 'forward', head: theirs, files: 2, conflicts: 0 })
  expect(await linked.text('a.md')).toBe('one\ntwo\nthree\n')
  expect(await linked.project.dirty()).toEqual([])
})

test('PL2, PL7: both went on: a commit of both, with both as parents', async () => {
  const linked = await world.shared({ 'a.md': 'one\n\ntwo\n\nthree\n' })
  await linked.edit(ana, 'a.md', (text) => text.replace('one', 'ONE'))
  const ours = (await linked.project.snapshot())?.oid
  const theirs = linked.remote.commit({ 'a.md': 'one\n\ntwo\n\nTHREE\n' })
  const outcome = await linked.merged()
  expect(outcome).toMatchObject({ kind: 'merge', conflicts: 0, commits: 1 })
  expect(await linked.text('a.md')).toBe('ONE\n\ntwo\n\nTHREE\n')
  expect(await linked.project.git('show', '-s', '--format=%P', 'HEAD')).toBe(`${ours} ${theirs}`)
  expect(await linked.project.git('show', 'HEAD:a.md')).toBe('ONE\n\ntwo\n\nTHREE')
  expect(await linked.project.fsck()).toBe('')
})

test('PL2: into a project with files of its own, the first pull adds what is missing and lists what differs', async () => {
  const linked = await world.linked()
  await linked.project.create(world.ana, 'mine.md', 'Mine\n')
  await linked.project.create(world.ana, 'both.md', 'Same\n')
  await linked.project.create(world.ana, 'other.md', 'Ours\n')
  const theirs = linked.remote.commit({ 'both.md': 'Same\n', 'other.md': 'Theirs\n', 'theirs.md': 'Theirs\n' })
  const outcome = await linked.merged()
  expect(outcome.kind).toBe('first')
  expect(outcome.head).not.toBe(theirs)
  expect(await linked.project.git('show', '-s', '--format=%P', 'HEAD')).toBe(theirs)
  expect(await linked.paths()).toEqual(['both.md', 'mine.md', 'other.md', 'theirs.md'])
  expect(await linked.text('both.md')).toBe('Same\n')
  expect(await linked.text('other.md')).toBe('Ours\n')
  expect(outcome.conflicts).toBe(1)
})

test('PL2: the first pull names the branch as the remote does; later ones do not', async () => {
  const linked = await world.linked()
  linked.remote.commit({ 'a.md': 'A\n' })
  await linked.merged({ branch: 'trunk' })
  expect(await linked.project.git('symbolic-ref', 'HEAD')).toBe('refs/heads/trunk')
  linked.remote.commit({ 'a.md': 'B\n' })
  await linked.merged({ branch: 'other' })
  expect(await linked.project.git('symbolic-ref', 'HEAD')).toBe('refs/heads/trunk')
})

test('GS6: what we have already is nothing new, and is not fetched', async () => {
  const linked = await world.shared({ 'a.md': 'A\n' })
  await linked.edit(ana, 'a.md', () => 'B\n')
  await linked.project.snapshot()
  const fetches = linked.remote.fetches.length
  const head = await linked.push()
  expect(await linked.merged()).toMatchObject({ kind: 'forward', head, files: 0, commits: 0 })
  expect(linked.remote.fetches.length).toBe(fetches)
})

test('GS5: what is typed and not committed stays, in a commit on theirs', async () => {
  const linked = await world.shared({ 'a.md': 'one\n\ntwo\n' })
  await linked.edit(ana, 'a.md', (text) => text.replace('one', 'one of ours'))
  const theirs = linked.remote.commit({ 'a.md': 'one\n\ntwo of theirs\n' })
  const outcome = await linked.merged()
  expect(outcome).toMatchObject({ kind: 'forward', conflicts: 0 })
  expect(await linked.project.git('show', 'HEAD:a.md')).toBe('one of ours\n\ntwo of theirs')
  expect(await linked.project.git('show', '-s', '--format=%P %an', 'HEAD')).toBe(`${theirs} Ana`)
})

test('PL4, GS5: lines that both changed keep ours and wait for a person', async () => {
  const linked = await world.shared({ 'a.md': 'one\ntwo\nthree\n' })
  await linked.edit(ana, 'a.md', (text) => text.replace('two', 'ours'))
  linked.remote.commit({ 'a.md': 'one\ntheirs\nthree\n' })
  expect(await linked.merged()).toMatchObject({ conflicts: 1 })
  expect(await linked.text('a.md')).toBe('one\nours\nthree\n')
  expect(await linked.conflicts()).toMatchObject([{ kind: 'lines', path: 'a.md', state: 'open' }])
})

test('GS5: content that one of our commits gave a file is no change of theirs: a squash brings our edits back', async () => {
  const linked = await world.shared({ 'a.md': 'one\n', 'b.md': 'B\n' })
  await linked.edit(ana, 'a.md', () => 'one\ntwo\n')
  await linked.project.snapshot()
  await linked.edit(ana, 'a.md', () => 'one\nTWO and a half\n')
  await linked.project.snapshot()
  linked.remote.commit({ 'a.md': 'one\ntwo\n', 'b.md': 'B of theirs\n' }, 'Squashed')
  expect(await linked.merged()).toMatchObject({ kind: 'merge', conflicts: 0 })
  expect(await linked.text('a.md')).toBe('one\nTWO and a half\n')
  expect(await linked.text('b.md')).toBe('B of theirs\n')
})

test('GS8: after a squash of our pull request ours goes on from it, and what was typed since stays', async () => {
  const linked = await world.shared({ 'a.md': 'one\n' })
  await linked.edit(ana, 'a.md', () => 'one\ntwo\n')
  const mergedHead = (await linked.project.snapshot())?.oid
  const before = (await linked.project.head()) as string
  await linked.edit(ana, 'a.md', () => 'one\ntwo\nthree\n')
  const theirs = linked.remote.commit({ 'a.md': 'one\ntwo\n', 'c.md': 'C\n' }, 'Squashed')
  const outcome = await linked.merged({ mergedHead: mergedHead ?? null })
  expect(outcome).toMatchObject({ kind: 'restarted', conflicts: 0 })
  expect(await linked.text('a.md')).toBe('one\ntwo\nthree\n')
  expect(await linked.project.git('show', '-s', '--format=%P', 'HEAD')).toBe(theirs)
  expect(await linked.project.git('rev-parse', `refs/pinned/${before}`)).toBe(before)
})

test('GS8: a rebase of our pull request with nothing typed since moves the branch to theirs itself', async () => {
  const linked = await world.shared({ 'a.md': 'one\n' })
  await linked.edit(ana, 'a.md', () => 'one\ntwo\n')
  const mergedHead = (await linked.project.snapshot())?.oid ?? null
  const theirs = linked.remote.commit({ 'a.md': 'one\ntwo\n' }, 'Rebased')
  expect(await linked.merged({ mergedHead })).toMatchObject({ kind: 'restarted', head: theirs })
})

test('GS7: after a force-push the old tip is pinned, purged content goes, and what people typed stays', async () => {
  const linked = await world.shared({ 'a.md': 'one\n', 'keep.md': 'K\n' })
  const root = linked.remote.head()
  const purged = linked.remote.commit({
    'secret.txt': 'password\n',
    'a.md': 'one\nsecret line\n',
    'keep.md': 'K\nremote\n',
  })
  await linked.pull()
  await linked.edit(ana, 'keep.md', (text) => `${text}ours\n`)
  await linked.project.snapshot()
  const ours = (await linked.project.head()) as string
  linked.remote.git('reset', '-q', '--hard', root)
  const theirs = linked.remote.commit({ 'b.md': 'B\n' })
  const outcome = await linked.merged()
  expect(outcome.kind).toBe('rewritten')
  expect(await linked.paths()).toEqual(['a.md', 'b.md', 'keep.md'])
  expect(await linked.text('a.md')).toBe('one\n')
  expect(await linked.text('keep.md')).toBe('K\nremote\nours\n')
  expect(await linked.project.git('show', '-s', '--format=%P', 'HEAD')).toBe(theirs)
  expect(await linked.project.git('rev-parse', `refs/pinned/${purged}`, `refs/pinned/${ours}`)).toBe(
    `${purged}\n${ours}`,
  )
  // Clients see neither; the objects stay.
  const shown = await linked.project.git('ls-remote', '.')
  expect(shown).not.toMatch(/pinned|remotes/)
  expect(await linked.project.fsck()).toBe('')
})

test('GS6: a rewind to an older commit of ours is a force-push', async () => {
  const linked = await world.shared({ 'a.md': 'one\n' })
  const old = linked.remote.head()
  linked.remote.commit({ 'a.md': 'two\n' })
  await linked.pull()
  linked.remote.git('reset', '-q', '--hard', old)
  expect(await linked.merged()).toMatchObject({ kind: 'rewritten', head: old })
  expect(await linked.text('a.md')).toBe('one\n')
})

test('GS7: what people typed here stays when the remote leaves the commit that held it, however it had got there', async () => {
  const linked = await world.shared({ 'a.md': 'one\n', 'b.md': 'B\n' })
  const old = linked.remote.head()
  await linked.edit(ana, 'a.md', (text) => `${text}typed here\n`)
  const ours = (await linked.project.snapshot())?.oid as string
  // Our commit was pushed, and is what the remote had when it was last looked at.
  await world.base.store.withDirectory(linked.project.key, async (directory) => {
    linked.remote.git('fetch', '-q', directory, ours)
    linked.remote.git('reset', '-q', '--hard', ours)
  })
  linked.remote.commit({ 'b.md': 'B\nremote\n' })
  await linked.merged()
  expect(await linked.text('b.md')).toBe('B\nremote\n')
  linked.remote.git('reset', '-q', '--hard', old)
  expect(await linked.merged()).toMatchObject({ kind: 'rewritten', conflicts: 0 })
  expect(await linked.text('a.md')).toBe('one\ntyped here\n')
  // What only the remote had written it may take back.
  expect(await linked.text('b.md')).toBe('B\n')
})

test('PL2: histories with nothing in common are joined, and files that both have are listed', async () => {
  const linked = await world.linked()
  await linked.project.create(world.ana, 'a.md', 'Ours\n')
  await linked.project.create(world.ana, 'mine.md', 'Mine\n')
  const ours = (await linked.project.snapshot())?.oid
  const theirs = linked.remote.commit({ 'a.md': 'Theirs\n', 'b.md': 'B\n' })
  const outcome = await linked.merged()
  expect(outcome).toMatchObject({ kind: 'unrelated', conflicts: 1 })
  expect(await linked.project.git('show', '-s', '--format=%P', 'HEAD')).toBe(`${ours} ${theirs}`)
  expect(await linked.paths()).toEqual(['a.md', 'b.md', 'mine.md'])
})

test('PL2: two common ancestors (a criss-cross) are the base together', async () => {
  const linked = await world.shared({ 'a.md': '1\n\n2\n\n3\n' })
  await linked.edit(ana, 'a.md', (text) => text.replace('1', 'one'))
  await linked.project.snapshot()
  const ours = (await linked.project.head()) as string
  linked.remote.commit({ 'a.md': '1\n\n2\n\nthree\n' })
  await linked.merged()
  // The remote merges our first commit by itself, without our merge.
  await world.base.store.withDirectory(linked.project.key, async (directory) => {
    linked.remote.git('fetch', '-q', directory, ours)
    linked.remote.git('merge', '-q', '-m', 'Theirs', 'FETCH_HEAD')
  })
  linked.remote.commit({ 'a.md': 'one\n\ntwo\n\nthree\n' })
  expect(await linked.merged()).toMatchObject({ kind: 'merge', conflicts: 0 })
  expect(await linked.text('a.md')).toBe('one\n\ntwo\n\nthree\n')
})
