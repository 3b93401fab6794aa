/** Force-pushes that take back what the remote had brought, where names and contents make it hard to see (GS7). */
import { createTestDatabase } from '@skein/db/testing'
import type { Oid } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import { buildPullWorld, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

const long = Array.from({ length: 12 }, (_, n) => `line ${n}\n`).join('')

/** Both have a.md and k.md; k.md was edited here, so that what comes is merged. */
async function startBoth(): Promise<{ linked: LinkedProject; start: Oid }> {
  const linked = await world.shared({ 'a.md': long, 'k.md': 'k\n' })
  const start = linked.remote.head()
  await linked.edit(ana, 'k.md', () => 'k ours\n')
  await linked.project.snapshot()
  return { linked, start }
}

test('GS7: purged content goes also where a commit of ours had held what is there now', async () => {
  const { linked, start } = await startBoth()
  for (const content of ['two\n', long, 'a secret\n']) {
    linked.remote.commit({ 'a.md': content })
    await linked.merged()
  }
  linked.remote.git('reset', '-q', '--hard', start)
  expect(await linked.merged()).toMatchObject({ kind: 'rewritten', conflicts: 0 })
  expect(await linked.text('a.md')).toBe(long)
  expect(await linked.text('k.md')).toBe('k ours\n')
})

test('GS7: a file that was renamed there, pulled, and force-pushed away has its old name and content again', async () => {
  const { linked, start } = await startBoth()
  linked.remote.move('a.md', 'b.md')
  linked.remote.commit({ 'b.md': `${long}secret\n` })
  await linked.merged()
  const id = await linked.idOf('b.md')
  linked.remote.git('reset', '-q', '--hard', start)
  linked.remote.commit({ 'n.md': 'new history\n' })
  expect(await linked.merged()).toMatchObject({ kind: 'rewritten', conflicts: 0 })
  expect(await linked.paths()).toEqual(['a.md', 'k.md', 'n.md'])
  expect(await linked.text('a.md')).toBe(long)
  expect(await linked.idOf('a.md')).toBe(id)
})

test('GS7: of a file that was renamed there, an edit that is force-pushed away goes, and the new one comes', async () => {
  const { linked, start } = await startBoth()
  linked.remote.move('a.md', 'b.md')
  linked.remote.commit({ 'b.md': `${long}secret\n` })
  await linked.merged()
  linked.remote.git('reset', '-q', '--hard', start)
  linked.remote.move('a.md', 'b.md')
  linked.remote.commit({ 'b.md': `${long}clean\n` })
  expect(await linked.merged()).toMatchObject({ kind: 'rewritten', conflicts: 0 })
  expect(await linked.text('b.md')).toBe(`${long}clean\n`)
  expect(await linked.paths()).toEqual(['b.md', 'k.md'])
})

test('GS7: typed into a file that was renamed there: it stays, and what the new history did to it comes too', async () => {
  const { linked, start } = await startBoth()
  linked.remote.move('a.md', 'b.md')
  linked.remote.commit({})
  await linked.merged()
  await linked.edit(ana, 'b.md', (text) => `${text}typed\n`)
  await linked.project.snapshot()
  linked.remote.git('reset', '-q', '--hard', start)
  linked.remote.commit({ 'a.md': long.replace('line 1\n', 'LINE 1\n'), 'c.md': 'c\n' })
  expect(await linked.merged()).toMatchObject({ kind: 'rewritten' })
  expect(await linked.paths()).toEqual(['b.md', 'c.md', 'k.md'])
  expect(await linked.text('b.md')).toBe(`${long.replace('line 1\n', 'LINE 1\n')}typed\n`)
})
