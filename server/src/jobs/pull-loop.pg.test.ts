/** Pulls that nobody works on any more are ended by whichever worker is there. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { until } from '../collab/testing/client.ts'
import { startCollab } from '../collab/testing/server.ts'
import type { PullOutcome } from '../commands/pull/pull-project.ts'
import { buildPullWorld, killPullAt, type LinkedProject } from '../commands/pull/testing/pull-world.ts'
import { PullLoop } from './pull-loop.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
afterAll(async () => {
  await collab.stop()
  await world.close()
})

async function leftHalfWay(): Promise<{ linked: LinkedProject; operation: string }> {
  const linked = await world.shared({ 'a.md': 'A\n' })
  linked.remote.commit({ 'a.md': 'B\n', 'b.md': 'B\n' })
  const [row] = await database.ask<{ id: string }>(
    `insert into sync_operation (project_id, workspace_id, direction, mode, trigger, state) values ($1, $2, 'pull', 'hybrid', 'poll', 'running') returning id`,
    [linked.project.key.projectId, linked.project.key.workspaceId],
  )
  const operation = row?.id ?? ''
  await expect(linked.pull({ operation }, killPullAt('tree'))).rejects.toThrow()
  return { linked, operation }
}

function startLoop(linked: LinkedProject) {
  const faults: unknown[] = []
  const resumed: (PullOutcome | null)[] = []
  const loop = new PullLoop({
    db: world.base.database,
    resume: async (project) => {
      expect(project.projectId).toBe(linked.project.key.projectId)
      const outcome = await linked.resume()
      resumed.push(outcome)
      return outcome
    },
    logFault: (error) => faults.push(error),
    pollMs: 20,
  })
  loop.start()
  onTestFinished(() => loop.drain())
  return { faults, resumed }
}

test('PL8: a pull whose worker died is ended, and its operation too', async () => {
  const { linked, operation } = await leftHalfWay()
  await database.ask(`update pull set created_at = now() - interval '2 minutes' where project_id = $1`, [
    linked.project.key.projectId,
  ])
  const { faults, resumed } = startLoop(linked)
  await until(() => resumed.length > 0, 'the pull is gone on with')
  expect(resumed[0]).toMatchObject({ state: 'merged', head: linked.remote.head() })
  const find = () => database.ask('select state, files, oid_after from sync_operation where id = $1', [operation])
  for (let n = 0; n < 200 && (await find())[0]?.state === 'running'; n++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await find()).toEqual([{ state: 'done', files: 2, oid_after: linked.remote.head() }])
  expect(faults).toEqual([])
})

test('PL8: a pull is ended also when its link was taken away meanwhile', async () => {
  const { linked } = await leftHalfWay()
  await database.ask('delete from github_link where project_id = $1', [linked.project.key.projectId])
  await database.ask('update pull set operation = null where project_id = $1', [linked.project.key.projectId])
  const { resumed } = startLoop(linked)
  await until(() => resumed.length > 0, 'the pull is gone on with')
  expect(await linked.text('a.md')).toBe('B\n')
  expect(await linked.project.snapshot()).toBeNull()
})

test('PL9: one that somebody works on is left alone', async () => {
  const { linked } = await leftHalfWay()
  await database.ask(`update pull set operation = null where project_id = $1`, [linked.project.key.projectId])
  await database.ask(`update repository set leased_until = now() + interval '1 hour' where project_id = $1`, [
    linked.project.key.projectId,
  ])
  const { resumed } = startLoop(linked)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(resumed).toEqual([])
})
