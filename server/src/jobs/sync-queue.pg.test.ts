import { githubLinkQueries, outboxQueries } from '@skein/db'
import { type ProjectId, Refusal } from '@skein/protocol'
import { afterEach, expect, test } from 'vitest'
import { linkProject } from '../commands/github/link-project.ts'
import { createSyncWorld, eventually, type Place } from './testing/sync-world.ts'

const world = await createSyncWorld()
const { ana, deps, faults, github, links, makePlace, startLoop } = world
const { ask } = world.test
const { instance } = deps.db
const rowOf = (place: Place) => outboxQueries.findSync(instance, place.key.projectId)
const claim = () => deps.db.onInstance((tx) => outboxQueries.claimSync(tx, 60_000))
const onInstance = deps.db.onInstance.bind(deps.db)
const dueNow = ({ key }: Place) => ask('update outbox set next_at = now() where project_id = $1', [key.projectId])
/** Nothing but what a test makes due is claimed. */
const putAllOff = () => ask(`update outbox set next_at = now() + interval '1 hour', check_reason = 'poll'`)
afterEach(putAllOff)

/** `readRefs` of one repository does not answer before it is let go. */
function stall(place: Place) {
  const freed = Promise.withResolvers<void>()
  let waiting = 0
  const remote: typeof deps.remote = {
    fetch: (...asked) => deps.remote.fetch(...asked),
    push: (...asked) => deps.remote.push(...asked),
    readRefs: async (...asked) => {
      if (asked[1] === place.repository.fullName) {
        waiting += 1
        await freed.promise
      }
      return deps.remote.readRefs(...asked)
    },
  }
  return { remote, free: freed.resolve, waiting: () => waiting }
}

async function faultsOf({ key }: Place): Promise<{ faults: number; seconds: number } | undefined> {
  const rows = await ask<{ faults: number; seconds: number }>(
    `select faults, extract(epoch from next_at - now())::float as seconds from outbox where project_id = $1`,
    [key.projectId],
  )
  return rows[0]
}

/** More projects of the same workspace, linked to other branches of the same repository. */
async function linkMore(place: Place, count: number): Promise<void> {
  const { workspaceId } = place.key
  const made = await ask<{ id: ProjectId }>(
    `insert into project (workspace_id, slug, name, created_by) select $1, 'more-' || n, 'More', 'skein' from generate_series(1, $2) n returning id`,
    [workspaceId, count],
  )
  const { installationId, repositoryId } = place.repository
  for (const [n, { id }] of made.entries()) {
    const input = { installationId, repositoryId, branch: `branch-${n}`, mode: 'direct_commit' as const }
    await linkProject(links, { projectId: id, workspaceId }, ana, input)
  }
}

test('GS1: a worker that lost its claim touches neither the row of whoever has it now nor that of a new link', async () => {
  await putAllOff()
  const place = await makePlace()
  await place.link()
  const old = await claim()
  await place.unlink()
  await place.link()
  const now = await claim()
  if (old === null || now === null) throw new Error('nothing was due')
  expect([old.projectId, old.version]).toEqual([now.projectId, now.version])
  const before = await ask('select * from outbox where project_id = $1', [old.projectId])
  await onInstance(async (tx) => {
    expect(await outboxQueries.keepSync(tx, old, 3_600_000)).toBe(false)
    expect(await outboxQueries.lockSync(tx, old)).toBe(false)
    expect(await outboxQueries.putBackSync(tx, old, { firstMs: 1000, lastMs: 1000 })).toBe(0)
    await outboxQueries.postponeSync(tx, old, new Date())
    await outboxQueries.settleSync(tx, old, new Date())
    await outboxQueries.retrySync(tx, old, { code: 'x', message: 'x', nextAt: new Date(), notBefore: null })
  })
  expect(await ask('select * from outbox where project_id = $1', [old.projectId])).toEqual(before)
  await onInstance(async (tx) => {
    expect(await outboxQueries.keepSync(tx, now, 60_000)).toBe(true)
    expect(await outboxQueries.settleSync(tx, now, new Date(Date.now() + 3_600_000))).toBe(true)
  })
})

test('GS1: what the start and the clock want comes after what was asked for, unless it has waited long', async () => {
  await putAllOff()
  const places = [await makePlace(), await makePlace(), await makePlace(), await makePlace()] as const
  const rows = [
    ['start', '5 minutes'],
    ['person', '1 second'],
    ['poll', '11 minutes'],
    ['webhook', '2 seconds'],
  ] as const
  for (const [n, place] of places.entries()) {
    await place.link()
    await ask('update outbox set check_reason = $2, next_at = now() - $3::interval where project_id = $1', [
      place.key.projectId,
      ...(rows[n] ?? []),
    ])
  }
  const order = [(await claim())?.checkReason, (await claim())?.checkReason, (await claim())?.checkReason]
  expect([...order, (await claim())?.checkReason]).toEqual(['poll', 'webhook', 'person', 'start'])
})

test('GS1: looks of the start are spread by how many there are, and whoever commits does not wait for them', async () => {
  await putAllOff()
  const places = [await makePlace(), await makePlace()] as const
  for (const place of places) {
    await place.commit('one\n')
    await place.link()
    const row = await claim()
    if (row === null) throw new Error('nothing was due')
    await onInstance((tx) => outboxQueries.settleSync(tx, row, new Date(Date.now() + 7_200_000)))
  }
  const woken = await onInstance((tx) => outboxQueries.wakeIdle(tx, new Date(Date.now() + 1000), 900_000))
  expect(woken).toBeGreaterThanOrEqual(2)
  for (const place of places) {
    const row = await rowOf(place)
    expect(row?.checkReason).toBe('start')
    expect(row?.nextAt.getTime()).toBeLessThanOrEqual(Date.now() + woken * 900_000)
  }
  await ask(`update outbox set next_at = now() + interval '1 hour'`)
  const head = await places[0].commit('two\n')
  expect(await claim()).toMatchObject({ projectId: places[0].key.projectId, target: head })
})

test('GS1: a slow repository takes half of the places at most, and a long round leaves its place', async () => {
  const slow = await makePlace()
  await slow.link()
  await linkMore(slow, 3)
  const other = await makePlace()
  await other.link()
  const { remote, free, waiting } = stall(slow)
  await startLoop({ remote, concurrency: 4, longMs: 3_600_000 })
  const first = await other.commit('one\n')
  await eventually(() => other.remoteHead()).toBe(first)
  expect(waiting()).toBeLessThanOrEqual(2)
  free()
  await eventually(waiting).toBeGreaterThanOrEqual(4)
})

test('GS1: where there is one place only, a round that takes long leaves it', async () => {
  const slow = await makePlace()
  await slow.link()
  const { remote, free, waiting } = stall(slow)
  await startLoop({ remote, concurrency: 1, longMs: 100 })
  await eventually(waiting).toBe(1)
  const other = await makePlace()
  const head = await other.commit('one\n')
  await other.link()
  await eventually(() => other.remoteHead()).toBe(head)
  free()
})

test('GS1: a fault of ours is tried again later and later, then it is said, and what mends it ends that', async () => {
  const place = await makePlace()
  await place.commit('one\n')
  await place.link()
  let isBroken = true
  await startLoop({
    remote: {
      ...{ fetch: deps.remote.fetch.bind(deps.remote), push: deps.remote.push.bind(deps.remote) },
      readRefs: (...asked) =>
        isBroken && asked[1] === place.repository.fullName
          ? Promise.reject(new Error('broken'))
          : deps.remote.readRefs(...asked),
    },
  })
  const waits: number[] = []
  for (let n = 1; n <= 6; n++) {
    await eventually(async () => (await faultsOf(place))?.faults).toBe(n)
    waits.push((await faultsOf(place))?.seconds ?? 0)
    expect(await place.code()).toBe(n < 6 ? undefined : 'sync-fault')
    if (n < 6) await dueNow(place)
  }
  // 15 s, doubled to 480 s; what the machine took is off.
  expect(waits.map((seconds, n) => seconds <= 15 * 2 ** n && seconds > 7.5 * 2 ** n)).toEqual(waits.map(() => true))
  expect(await place.status()).toMatchObject({ state: 'held', reason: { message: expect.stringMatching(/6 times/) } })
  expect((await place.operations())[0]).toMatchObject({ direction: 'event', state: 'held', errorCode: 'sync-fault' })
  expect(faults.splice(0)).toHaveLength(6)
  isBroken = false
  await dueNow(place)
  await eventually(place.state).toBe('pushed')
  expect(await faultsOf(place)).toMatchObject({ faults: 0 })
})

test('GS5: a head that a pull was given up for is not pulled again before something else stands there or a person asks', async () => {
  const place = await makePlace({ files: [{ path: 'a.txt', content: 'one\n' }] })
  await place.link()
  let tries = 0
  const onStep = async (step: string) => {
    if (step !== 'planned') return
    tries += 1
    throw new Error('broken')
  }
  await startLoop({ pull: { ...deps.pull, onStep } })
  for (let n = 1; n < 5; n++) {
    await eventually(async () => (await faultsOf(place))?.faults).toBe(n)
    await dueNow(place)
  }
  await eventually(place.code).toBe('pull-abandoned')
  const after = tries
  for (const ask of [() => place.hint(), () => place.hint(true), () => place.poll()]) {
    await ask()
    await eventually(async () => (await rowOf(place))?.checkReason).toBe('poll')
    expect([tries, await place.code()]).toEqual([after, 'pull-abandoned'])
  }
  await place.sync()
  await eventually(() => tries).toBeGreaterThan(after)
  faults.splice(0)
})

test('GS5: a text that can never be written keeps a pull waiting for an hour, not for ever', async () => {
  const place = await makePlace({ files: [{ path: 'a.txt', content: 'one\n' }] })
  await place.link()
  const { documents } = deps.pull
  let tries = 0
  let isBroken = false
  const write: typeof documents.write = (...asked) => {
    if (!isBroken) return documents.write(...asked)
    tries += 1
    return Promise.reject(new Refusal('unavailable', 'The text cannot be written.', { hint: 'Try again.' }))
  }
  const [read, locate] = [documents.read.bind(documents), documents.place.bind(documents)]
  await startLoop({ pull: { ...deps.pull, documents: { read, place: locate, write } } })
  await eventually(() => place.text('a.txt')).toBe('one\n')
  await eventually(place.state).toBe('pushed')
  isBroken = true
  await place.commitThere([{ path: 'a.txt', content: 'two\n' }])
  await place.hint()
  await eventually(() => tries).toBeGreaterThan(2)
  expect([await place.code(), (await faultsOf(place))?.faults]).toEqual([undefined, 0])
  await ask(`update pull set created_at = now() - interval '61 minutes' where project_id = $1 and state = 'applying'`, [
    place.key.projectId,
  ])
  for (let n = 1; n < 5; n++) {
    await eventually(async () => (await faultsOf(place))?.faults).toBe(n)
    await dueNow(place)
  }
  await eventually(place.code).toBe('pull-abandoned')
  expect(faults.splice(0)).not.toEqual([])
})

test('GS3: an API whose calls are used up keeps no commit here, is not asked again before its time, and then told what it was wanted for', async () => {
  const place = await makePlace()
  await place.commit('one\n')
  await place.link()
  const loop = await startLoop()
  await eventually(place.state).toBe('pushed')
  await eventually(async () => (await rowOf(place))?.checkReason).toBe('poll')
  await ask(`update github_link set api_checked_at = now() - interval '2 days' where project_id = $1`, [
    place.key.projectId,
  ])
  const { repositoryId } = place.repository
  const callsOf = async () =>
    (await github.control<string[]>('GET', 'calls')).filter((call) =>
      call.startsWith(`GET /api/v3/repositories/${repositoryId}`),
    )
  const before = (await callsOf()).length
  await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'primary', resetSeconds: 3600 } })
  const second = await place.commit('two\n')
  await eventually(() => place.remoteHead()).toBe(second)
  await eventually(place.state).toBe('pushed')
  await place.hint(true)
  await eventually(async () => (await rowOf(place))?.checkReason).toBe('poll')
  const third = await place.commit('three\n')
  await eventually(() => place.remoteHead()).toBe(third)
  await eventually(place.state).toBe('pushed')
  expect((await callsOf()).length).toBe(before + 1)
  // The hint's question is kept for the time when it may be asked.
  await eventually(async () => (await rowOf(place))?.isDeep).toBe(true)
  await github.control('PUT', 'rate-limit', {})
  await ask(`update github_link set api_not_before = now() - interval '1 second' where project_id = $1`, [
    place.key.projectId,
  ])
  await dueNow(place)
  const link = () =>
    deps.db.inWorkspace(place.key.workspaceId, (tx) => githubLinkQueries.findGithubLink(tx, place.key.projectId))
  await eventually(async () => (await link())?.apiNotBefore).toBe(null)
  await eventually(async () => (await rowOf(place))?.isDeep).toBe(false)
  await loop.drain()
})

test('nothing of all this was a fault of ours', () => {
  expect(faults).toEqual([])
})
