/** Files that wait for people when a later pull meets them again, and what deciding about them puts into the project then. */
import { conflictQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test } from 'vitest'
import { recordEvent } from '../../adapters/events/postgres-event-hub.ts'
import { startCollab } from '../../collab/testing/server.ts'
import { decideAll } from '../conflicts/decide-conflict.ts'
import { buildPullWorld, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const documents = collab.collab.liveDocuments
const world = await buildPullWorld(database, documents)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

const deps = { db: world.base.database, record: recordEvent, documents, git: world.base.store }

const decide = (linked: LinkedProject, choice: 'ours' | 'theirs' | 'both', closes = true) =>
  decideAll(deps, linked.project.key, { actor: world.ana, choice, closes, checkRight: async () => {} })

const replaceBinary = async (linked: LinkedProject, path: string, content: Buffer) => {
  await linked.project.remove(world.ana, await linked.idOf(path))
  await linked.project.upload(world.ana, path, content)
}

test('PL12: binary files that both changed, twice there: one conflict, and theirs is the newest', async () => {
  const linked = await world.shared({ 'p.bin': Buffer.from([0, 1]) })
  await replaceBinary(linked, 'p.bin', Buffer.from([0, 9]))
  await linked.project.snapshot()
  linked.remote.commit({ 'p.bin': Buffer.from([0, 2]) })
  await linked.merged()
  linked.remote.commit({ 'p.bin': Buffer.from([0, 3]) })
  await linked.merged()
  expect(await linked.conflicts()).toMatchObject([{ what: 'both-binary', state: 'open' }])
  expect(await decide(linked, 'theirs')).toEqual({ resolved: 1, open: 0 })
  await linked.project.snapshot()
  expect(await linked.project.committed()).toEqual(new Map([['p.bin', Buffer.from([0, 3])]]))
})

test('PL12: deleted here, edited there twice: one conflict, and theirs is the newest', async () => {
  const linked = await world.shared({ 'a.md': 'one\n', 'k.md': 'k\n' })
  await linked.project.remove(world.ana, await linked.idOf('a.md'))
  await linked.project.snapshot()
  linked.remote.commit({ 'a.md': 'two\n' })
  await linked.merged()
  linked.remote.commit({ 'a.md': 'three\n' })
  await linked.merged()
  expect(await linked.conflicts()).toMatchObject([{ what: 'deleted-edited', state: 'open' }])
  await decide(linked, 'theirs')
  await linked.project.snapshot()
  expect(await linked.paths()).toEqual(['a.md', 'k.md'])
  expect((await linked.project.committed()).get('a.md')?.toString()).toBe('three\n')
})

test('PL12: a conflict that a later pull passes by offers what theirs is now, and closes when both are the same', async () => {
  const linked = await world.shared({ 'p.bin': Buffer.from([0, 1]), 'k.md': 'k\n' })
  await replaceBinary(linked, 'p.bin', Buffer.from([0, 9]))
  linked.remote.commit({ 'p.bin': Buffer.from([0, 2]) })
  await linked.merged()
  await replaceBinary(linked, 'p.bin', Buffer.from([0, 2]))
  linked.remote.commit({ 'p.bin': Buffer.from([0, 3]) })
  await linked.merged()
  expect(await linked.conflicts()).toMatchObject([{ what: 'both-binary', state: 'open' }])
  await decide(linked, 'theirs')
  await linked.project.snapshot()
  expect((await linked.project.committed()).get('p.bin')).toEqual(Buffer.from([0, 3]))

  await replaceBinary(linked, 'p.bin', Buffer.from([0, 8]))
  linked.remote.commit({ 'p.bin': Buffer.from([0, 4]) })
  await linked.merged()
  await replaceBinary(linked, 'p.bin', Buffer.from([0, 5]))
  linked.remote.commit({ 'p.bin': Buffer.from([0, 5]) })
  await linked.merged()
  expect((await linked.conflicts()).filter(({ state }) => state === 'open')).toEqual([])
})

test('CF11: a decision is to be committed until a commit was cut after it', async () => {
  const linked = await world.shared({ 'a.md': 'one\n' })
  await linked.edit(ana, 'a.md', () => 'ours\n')
  linked.remote.commit({ 'a.md': 'theirs\n' })
  await linked.merged()
  // Cuts know their second alone, and what was decided in it counts as not in them.
  await linked.project.ask(`update snapshot set at = at - interval '1 hour' where project_id = $1`)
  const { projectId, workspaceId } = linked.project.key
  const hasDecision = () =>
    deps.db.inWorkspace(workspaceId, (tx) => conflictQueries.hasDecisionToCommit(tx, projectId), { readOnly: true })
  expect(await hasDecision()).toBe(false)
  await decide(linked, 'theirs', false)
  expect(await hasDecision()).toBe(false)
  await decide(linked, 'theirs')
  await linked.project.ask(`update conflict set resolved_at = resolved_at - interval '2 seconds' where project_id = $1`)
  expect(await hasDecision()).toBe(true)
  await linked.project.snapshot()
  expect(await hasDecision()).toBe(false)
  expect((await linked.project.committed()).get('a.md')?.toString()).toBe('theirs\n')
})

test('CF8: theirs under a name that is not UTF-8 comes back under the same bytes', async () => {
  const linked = await world.shared({ 'k.md': 'k\n' })
  const name = Buffer.from([0x61, 0xff, 0x2e, 0x6d, 0x64])
  const write = (text: string) => {
    linked.remote.stage('100644', linked.remote.putBlob(text), name)
    linked.remote.git('commit', '-q', '-m', text)
  }
  write('one')
  await linked.merged()
  const file = (await linked.project.files()).find(({ path }) => path !== 'k.md')
  if (!file) throw new Error('the file is not there')
  await linked.project.remove(world.ana, file.id)
  await linked.project.snapshot()
  write('two')
  await linked.merged()
  await decide(linked, 'theirs')
  await linked.project.snapshot()
  const tree = await linked.project.git('ls-tree', '-r', 'HEAD')
  expect(tree).toBe(linked.remote.git('ls-tree', '-r', 'HEAD'))
})

test('CF10: theirs of a file is not put there when a pull has brought a newer one after it was looked at', async () => {
  const linked = await world.shared({ 'p.bin': Buffer.from([0, 1]) })
  await replaceBinary(linked, 'p.bin', Buffer.from([0, 9]))
  linked.remote.commit({ 'p.bin': Buffer.from([0, 2]) })
  await linked.merged()
  linked.remote.commit({ 'p.bin': Buffer.from([0, 3]) })
  const done = await decideAll(
    {
      ...deps,
      git: {
        readBlobs: async (...args: Parameters<typeof deps.git.readBlobs>) => {
          await deps.git.readBlobs(...args)
          await linked.merged()
        },
      },
    },
    linked.project.key,
    { actor: world.ana, choice: 'theirs', closes: true, checkRight: async () => {} },
  )
  expect(done).toEqual({ resolved: 0, open: 1 })
  expect(await linked.conflicts()).toMatchObject([{ state: 'open' }])
  await linked.project.snapshot()
  expect((await linked.project.committed()).get('p.bin')).toEqual(Buffer.from([0, 9]))
})

test('CF14: a text that would become too large with theirs is listed as a file of its own words, and stays as ours', async () => {
  const linked = await world.shared({ 'a.md': 'top\nmiddle\nend\n' })
  await linked.edit(ana, 'a.md', (text) => `${`${'x'.repeat(1023)}\n`.repeat(2048)}${text}`)
  linked.remote.commit({ 'a.md': `top\nmiddle\nend\n${`${'y'.repeat(1023)}\n`.repeat(2500)}` })
  await linked.merged()
  expect(await linked.conflicts()).toMatchObject([{ kind: 'file', what: 'too-large', state: 'open' }])
  expect(await linked.text('a.md')).not.toContain('y')
  await decide(linked, 'theirs')
  expect(await linked.text('a.md')).toContain('y')
})
