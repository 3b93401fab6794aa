/** Workers of pulls and of commits that stand still for longer than their claim lasts: no commit falls out of the branch by that. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import type { SnapshotStep } from '../snapshot/snapshot.ts'
import { takeSnapshot } from '../snapshot/snapshot.ts'
import { buildPullWorld, killPullAt, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

const byNobody = { by: null, message: null, waitMs: 0 }

/** As when a worker stands still for longer than its claim lasts. */
const endClaim = (linked: LinkedProject) =>
  database.ask(`update repository set leased_until = now() - interval '1 second' where project_id = $1`, [
    linked.project.key.projectId,
  ])

const listHistory = async (linked: LinkedProject) => (await linked.project.git('rev-list', 'HEAD')).trim().split('\n')

async function startBoth(): Promise<LinkedProject> {
  const linked = await world.shared({ 'a.md': 'a\n', 'b.md': 'b\n' })
  await linked.edit(ana, 'a.md', () => 'a ours\n')
  linked.remote.commit({ 'b.md': 'b of main\n' })
  return linked
}

/** Starts a commit that waits at a step; `go` lets it go on. */
function startCommit(linked: LinkedProject, at: SnapshotStep) {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const onStep = async (step: SnapshotStep) => {
    if (step !== at) return
    reached.resolve()
    await gate.promise
  }
  const commit = takeSnapshot({ ...world.base.deps, onStep }, linked.project.key, byNobody)
  commit.catch(() => reached.resolve())
  return { commit, reached: reached.promise, go: () => gate.resolve() }
}

for (const at of ['claimed', 'stored'] as const) {
  test(`PL9: a pull that lost its claim to a commit (${at}) does not begin, and what was committed stays`, async () => {
    const linked = await startBoth()
    let other: ReturnType<typeof startCommit> | undefined
    const outcome = await linked.pull(
      {},
      {
        onStep: async (step) => {
          if (step !== 'claimed') return
          await endClaim(linked)
          other = startCommit(linked, at)
          await other.reached
        },
      },
    )
    expect(outcome).toEqual({ state: 'busy' })
    other?.go()
    const commit = await other?.commit
    expect((await linked.merged()).kind).toBe('merge')
    expect(await listHistory(linked)).toContain(commit?.oid)
  })

  test(`PL9: a commit (${at}) that lost its claim to a pull is not made beside it`, async () => {
    const linked = await startBoth()
    const late = startCommit(linked, at)
    await late.reached
    await endClaim(linked)
    await linked.pull({}, killPullAt('begun')).catch(() => {})
    const before = await linked.project.head()
    late.go()
    await late.commit.catch(() => {})
    expect(await linked.project.head()).toBe(before)
    await linked.resume()
    const history = await listHistory(linked)
    expect(history).toEqual(expect.arrayContaining([before, linked.remote.head()]))
    expect((await linked.project.committed()).get('a.md')?.toString()).toBe('a ours\n')
  })
}

test('PL7: a cut for a pull that another worker has ended is not published, now or later', async () => {
  const linked = await startBoth()
  let stored = 0
  const onStep = async (step: SnapshotStep) => {
    if (step !== 'stored' || ++stored !== 1) return
    await endClaim(linked)
    expect(await linked.resume()).toMatchObject({ state: 'merged' })
    await linked.edit(ana, 'a.md', () => 'a ours again\n')
  }
  expect(await linked.pull({}, { snapshot: { ...world.base.deps, onStep } })).toEqual({ state: 'busy' })
  const merged = await linked.project.head()
  const { projectId } = linked.project.key
  expect(await linked.project.ask(`select op from snapshot where project_id = $1 and state = 'open'`)).toEqual([])
  await linked.project.snapshot()
  expect(await listHistory(linked)).toContain(merged)
  // One that a former worker left open all the same.
  const left = await linked.project.head()
  await linked.edit(ana, 'a.md', () => 'a ours at last\n')
  await database.ask(
    `update snapshot set state = 'open' where project_id = $1 and state = 'done' and pull_id is not null`,
    [projectId],
  )
  await linked.project.snapshot()
  expect(await listHistory(linked)).toEqual(expect.arrayContaining([merged, left]))
  expect((await linked.project.committed()).get('a.md')?.toString()).toBe('a ours at last\n')
})

test('PL7: a pull under which our branch has moved is begun anew', async () => {
  const linked = await startBoth()
  await expect(linked.pull({}, killPullAt('texts'))).rejects.toThrow('killed')
  await database.ask(`update pull set ours_oid = $2 where project_id = $1 and state = 'applying'`, [
    linked.project.key.projectId,
    linked.remote.head(),
  ])
  expect(await linked.resume()).toEqual({ state: 'busy' })
  expect(await linked.resume()).toBe(null)
  expect((await linked.merged()).kind).toBe('forward')
  expect(await linked.text('b.md')).toBe('b of main\n')
  expect(await linked.conflicts()).toEqual([])
})
