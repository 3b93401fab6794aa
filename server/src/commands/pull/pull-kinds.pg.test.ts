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

test('PL2: both went on: a commit of both, with both as parents', async () => {
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
