import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { outboxQueries } from '@skein/db'
import { expect, test } from 'vitest'
import { testSearchPath } from '../testing/world.ts'
import { createSyncWorld, eventually } from './testing/sync-world.ts'

const world = await createSyncWorld()
const { deps, faults, github, makePlace, snapshots, startLoop } = world
const { ask, address } = world.test

test('GS3 GS13: commits of a linked project arrive with their oids, and the page is told with a link', async () => {
  const place = await makePlace()
  const first = await place.commit('one\n')
  expect(await place.state()).toBe('not-linked')
  expect(await place.link()).toMatchObject({ state: 'waiting', waitingCommits: 1, repository: { branch: 'main' } })
  await startLoop()
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).toBe(first)
  const second = await place.commit('two\n')
  await eventually(() => place.remoteHead()).toBe(second)
  await eventually(place.state).toBe('pushed')
  expect(await place.status()).toMatchObject({
    pushedOid: second,
    waitingCommits: 0,
    remote: { oid: second },
    commitUrl: `${github.gitUrl}/${place.repository.fullName}/commit/${second}`,
  })
  expect((await place.pushes()).map(({ after, forced }) => [after, forced])).toEqual([
    [first, false],
    [second, false],
  ])
  const row = {
    direction: 'push',
    state: 'done',
    mode: 'direct_commit',
    branch: 'main',
    commits: 1,
    files: 1,
    attempts: 1,
  }
  expect(await place.operations()).toMatchObject([
    { ...row, trigger: 'snapshot', oidBefore: first, oidAfter: second, insertions: 1, deletions: 1 },
    { ...row, trigger: 'link', oidBefore: null, oidAfter: first, insertions: 1, deletions: 0 },
  ])
  expect(faults).toEqual([])
})

test('GS3: a push needs no call of the API beside its token', async () => {
  const place = await makePlace()
  await place.commit('one\n')
  await place.link()
  await startLoop()
  await eventually(place.state).toBe('pushed')
  const before = (await github.control<string[]>('GET', 'calls')).length
  await place.commit('two\n')
  await eventually(
    async () => (await place.operations())[0]?.state === 'done' && (await place.operations()).length === 2,
  ).toBe(true)
  const calls = (await github.control<string[]>('GET', 'calls')).slice(before)
  expect(calls.filter((call) => /\/api\/v3\/repos/.test(call))).toEqual([])
})

test('GS3: pushes to one repository keep their distance, and carry what came meanwhile', async () => {
  const place = await makePlace()
  await place.commit('one\n')
  await place.link()
  await startLoop({ minIntervalMs: 3_600_000 })
  await eventually(place.state).toBe('pushed')
  for (const text of ['two\n', 'three\n', 'four\n']) await place.commit(text)
  const last = await place.commit('five\n')
  const dueIn = async () =>
    (
      await ask<{ seconds: number }>(
        'select extract(epoch from next_at - now())::float as seconds from outbox where project_id = $1 and leased_until is null',
        [place.key.projectId],
      )
    )[0]?.seconds
  await eventually(dueIn).toBeGreaterThan(3000)
  expect([await place.state(), (await place.pushes()).length, (await place.status()).waitingCommits]).toEqual([
    'waiting',
    1,
    4,
  ])
  // The hour is over.
  await ask(`update github_link set pushed_at = pushed_at - interval '2 hours' where project_id = $1`, [
    place.key.projectId,
  ])
  await ask('update outbox set next_at = now() where project_id = $1', [place.key.projectId])
  await eventually(place.state).toBe('pushed')
  expect([await place.remoteHead(), (await place.pushes()).length]).toEqual([last, 2])
  expect((await place.operations())[0]?.commits).toBe(4)
})

test('GS3 GS5: somebody pushes to GitHub before us: theirs is merged first, then both are there', async () => {
  const place = await makePlace({ files: [{ path: 'a.txt', content: 'one\ntwo\nthree\n' }] })
  await place.link()
  await startLoop()
  await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\n')
  await eventually(place.state).toBe('pushed')
  const theirs = await place.commitThere([{ path: 'theirs.md', content: 'x\n' }])
  await place.commit('one\ntwo\nTHREE\n')
  await eventually(() => place.text('theirs.md')).toBe('x\n')
  await eventually(async () => (await place.remoteHead()) === (await place.project.head())).toBe(true)
  expect(await place.project.git('merge-base', '--is-ancestor', theirs, 'HEAD')).toBe('')
  expect(await place.text('a.txt')).toBe('one\ntwo\nTHREE\n')
  await place.expectSound()
  expect((await place.operations()).filter(({ direction }) => direction === 'pull')).toMatchObject([
    { state: 'done', commits: 1, files: 1, insertions: 1, conflicts: 0, branch: 'main' },
    { state: 'done' },
  ])
})

test('GS4: a push that arrived before its worker was killed is found to be there, and not pushed again', async () => {
  const place = await makePlace()
  const oid = await place.commit('one\n')
  await place.link()
  const pushed = Promise.withResolvers<void>()
  const remote: typeof deps.remote = {
    readRefs: (...args) => deps.remote.readRefs(...args),
    fetch: (...args) => deps.remote.fetch(...args),
    push: async (at, request, signal) => {
      await deps.remote.push(at, request, signal)
      pushed.resolve()
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  }
  await startLoop({ remote, leaseMs: 60_000 })
  await pushed.promise
  expect(await place.remoteHead()).toBe(oid)
  expect(await place.state()).toBe('waiting')
  // The killed worker is not heard of again, and its lease ends.
  await startLoop()
  await ask(`update outbox set leased_until = now() - interval '1 second' where project_id = $1`, [place.key.projectId])
  await eventually(place.state).toBe('pushed')
  expect(await place.pushes()).toHaveLength(1)
  await eventually(async () => (await place.operations()).map(({ state }) => state)).toEqual(['done'])
})

test('GS4: a worker killed after its push arrived loses nothing, and the push is not repeated', async () => {
  const place = await makePlace()
  const oid = await place.commit('one\n')
  await place.link()
  const { apiUrl, gitUrl, app } = github
  const folder = path.join(snapshots.folder, 'other')
  const settings = { address, folder, searchPath: testSearchPath, apiUrl, gitUrl, app }
  await github.control('PUT', 'hold-pushes', { held: true })
  const script = path.join(import.meta.dirname, 'testing/sync-process.ts')
  const worker = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit'] })
  await eventually(() => place.remoteHead()).toBe(oid)
  worker.kill('SIGKILL')
  await once(worker, 'exit')
  await github.control('PUT', 'hold-pushes', { held: false })
  expect(await place.state()).toBe('waiting')
  await ask('update outbox set leased_until = now() where project_id = $1', [place.key.projectId])
  await startLoop()
  await eventually(place.state).toBe('pushed')
  expect(await place.pushes()).toHaveLength(1)
})

test('GS11: while GitHub is away commits wait, and then arrive in order, once each', async () => {
  const place = await makePlace()
  const oids = [await place.commit('one\n')]
  await place.link()
  await startLoop()
  await eventually(place.state).toBe('pushed')
  await github.control('PUT', 'outage', { outage: { status: 503 } })
  for (const text of ['two\n', 'three\n']) oids.push(await place.commit(text))
  await eventually(place.code).toBe('github-away')
  expect(await place.status()).toMatchObject({
    state: 'waiting',
    waitingCommits: 2,
    reason: { nextAt: expect.any(String), message: expect.stringContaining('GitHub is away') },
  })
  await github.control('PUT', 'outage', { outage: { on: 'git', status: null } })
  oids.push(await place.commit('four\n'))
  await eventually(
    async () => (await outboxQueries.findSync(deps.db.instance, place.key.projectId))?.attempts ?? 0,
  ).toBeGreaterThan(2)
  await github.control('PUT', 'outage', {})
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).toBe(oids.at(-1))
  expect((await place.project.git('rev-list', '--reverse', 'main')).split('\n')).toEqual(oids)
  expect((await place.pushes()).map(({ before }) => before)).toEqual(['0'.repeat(40), oids[0]])
})

test('GS11: a rate limit is waited out, also by hints; a person may try before', async () => {
  const place = await makePlace()
  await place.commit('one\n')
  await place.link()
  await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 3600 } })
  await startLoop()
  await eventually(place.code).toBe('github-rate-limited')
  const nextAt = async () => Date.parse((await place.status()).reason?.nextAt ?? '')
  expect(await nextAt()).toBeGreaterThan(Date.now() + 3_000_000)
  await place.hint()
  expect(await nextAt()).toBeGreaterThan(Date.now() + 3_000_000)
  await github.control('PUT', 'rate-limit', {})
  await place.sync()
  await eventually(place.state).toBe('pushed')
})

test('GS11: a hint pulls the back-off of a GitHub that was away forward', async () => {
  const place = await makePlace()
  await place.commit('one\n')
  await place.link()
  await github.control('PUT', 'outage', { outage: { status: 502 } })
  await startLoop()
  await eventually(place.code).toBe('github-away')
  await github.control('PUT', 'outage', {})
  await ask(`update outbox set next_at = now() + interval '1 hour', leased_until = null where project_id = $1`, [
    place.key.projectId,
  ])
  await place.hint()
  await eventually(place.state).toBe('pushed')
})

test('GS1: what is told, what the clock finds and what happened while no worker ran all end in the same look', async () => {
  const place = await makePlace({ files: [{ path: 'a.txt', content: 'one\n' }] })
  await place.link()
  const first = await startLoop({ freshMs: 0 })
  await eventually(() => place.text('a.txt')).toBe('one\n')
  const untilIdle = () =>
    eventually(async () => {
      const row = await outboxQueries.findSync(deps.db.instance, place.key.projectId)
      return [row?.checkReason, row?.target]
    }).toEqual(['poll', null])
  // What somebody commits while a look is under way belongs to that one.
  await untilIdle()
  for (const [n, tell] of [() => place.hint(), () => place.poll(), () => place.sync()].entries()) {
    await place.commitThere([{ path: 'a.txt', content: `told ${n}\n` }])
    // Several hints, early and late, are one.
    await tell()
    await tell()
    await eventually(() => place.text('a.txt')).toBe(`told ${n}\n`)
    await untilIdle()
  }
  await first.drain()
  await place.commitThere([{ path: 'a.txt', content: 'alone\n' }])
  await startLoop({ freshMs: 0 })
  await eventually(() => place.text('a.txt')).toBe('alone\n')
  const triggers = (await place.operations()).flatMap(({ direction, trigger }) => (direction === 'pull' ? trigger : []))
  // One pull for each commit; which of several hints a look is said to come from is theirs to decide.
  expect(triggers).toHaveLength(5)
  expect([triggers[0], triggers[4]]).toEqual(['start', 'link'])
  for (const trigger of triggers) expect(['start', 'person', 'poll', 'webhook', 'link']).toContain(trigger)
})

test('a claim that fails is made again by the clock, though nobody tells of it', async () => {
  const place = await makePlace()
  const oid = await place.commit('one\n')
  await place.link()
  let claims = 0
  const onInstance: typeof deps.db.onInstance = (work, options) => {
    claims++
    // The first is the look at idle rows.
    return claims === 2 ? Promise.reject(new Error('no connection')) : deps.db.onInstance(work, options)
  }
  await startLoop({ db: { ...deps.db, onInstance, listen: async () => () => {} } })
  await eventually(() => place.remoteHead()).toBe(oid)
  await eventually(place.state).toBe('pushed')
  expect(faults.splice(0)).toHaveLength(1)
})
