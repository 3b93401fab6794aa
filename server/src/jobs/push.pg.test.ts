import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { instanceQueries } from '@skein/db'
import { expect, test } from 'vitest'
import type { GithubHost } from '../commands/github/github-host.ts'
import { linkProject, requestSync, unlinkProject } from '../commands/github/link-project.ts'
import { git, testSearchPath } from '../testing/world.ts'
import { createPushWorld, eventually, someone } from './testing/push-world.ts'

const { address, ask, faults, folder, github, host, links, makePlace, startLoop } = await createPushWorld()

test('GS3 GS13: commits of a linked project arrive with their oids, and the page is told with a link', async () => {
  const place = await makePlace()
  const first = await place.commit('one')
  expect(await place.state()).toBe('not-linked')
  expect(await place.link()).toMatchObject({ state: 'waiting', waitingCommits: 1, repository: { branch: 'main' } })
  await startLoop()
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).toBe(first)
  const second = await place.commit('two')
  await eventually(() => place.remoteHead()).toBe(second)
  await eventually(place.state).toBe('pushed')
  expect(await place.status()).toMatchObject({
    pushedOid: second,
    waitingCommits: 0,
    commitUrl: `${github.gitUrl}/${place.repository.fullName}/commit/${second}`,
  })
  expect((await place.pushes()).map(({ after, forced }) => [after, forced])).toEqual([
    [first, false],
    [second, false],
  ])
  expect(await place.syncStates()).toEqual(['waiting', 'pushed', 'pushed'])
  expect(await place.operations()).toMatchObject([
    { state: 'done', trigger: 'snapshot', oidBefore: first, oidAfter: second, commits: 1, attempts: 1 },
    { state: 'done', trigger: 'link', oidBefore: null, oidAfter: first, commits: 1, attempts: 1 },
  ])
  expect(faults).toEqual([])
})

test('GS10: the default branch is read, and a named one is used', async () => {
  const place = await makePlace({ defaultBranch: 'trunk' })
  const oid = await place.commit('one')
  expect((await place.link()).repository?.branch).toBe('trunk')
  await startLoop()
  await eventually(() => place.remoteHead('trunk')).toBe(oid)
  const other = await makePlace({ defaultBranch: 'trunk' })
  const otherOid = await other.commit('one')
  await other.link('from-skein')
  await eventually(() => other.remoteHead('from-skein')).toBe(otherOid)
})

test('GS3: pushes to one repository keep their distance, and carry what came meanwhile', async () => {
  const place = await makePlace()
  await place.commit('one')
  await place.link()
  await startLoop({ minIntervalMs: 3_600_000 })
  await eventually(place.state).toBe('pushed')
  for (const text of ['two', 'three', 'four']) await place.commit(text)
  const last = await place.commit('five')
  const dueIn = async () =>
    (
      await ask<{ seconds: number }>(
        'select extract(epoch from next_at - now())::float as seconds from outbox where project_id = $1',
        [place.projectId],
      )
    )[0]?.seconds
  await eventually(dueIn).toBeGreaterThan(3000)
  expect([await place.state(), (await place.pushes()).length]).toEqual(['waiting', 1])
  // The hour is over.
  await ask(`update github_link set pushed_at = pushed_at - interval '2 hours' where project_id = $1`, [
    place.projectId,
  ])
  await ask('update outbox set next_at = now() where project_id = $1', [place.projectId])
  await eventually(place.state).toBe('pushed')
  expect([await place.remoteHead(), (await place.pushes()).length]).toEqual([last, 2])
  expect((await place.operations())[0]?.commits).toBe(4)
})

test('GS4: a push that arrived before its worker was killed is found to be there, and not pushed again', async () => {
  const place = await makePlace()
  const oid = await place.commit('one')
  await place.link()
  const pushed = Promise.withResolvers<void>()
  const never: GithubHost = {
    readRepository: (...args) => host.readRepository(...args),
    readBranch: (...args) => host.readBranch(...args),
    push: async (at, request, signal) => {
      await host.push(at, request, signal)
      pushed.resolve()
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  }
  await startLoop({ host: never, leaseMs: 60_000 })
  await pushed.promise
  expect(await place.remoteHead()).toBe(oid)
  expect(await place.state()).toBe('waiting')
  // The killed worker is not heard of again, and its lease ends.
  await startLoop()
  await ask(`update outbox set leased_until = now() - interval '1 second' where project_id = $1`, [place.projectId])
  await eventually(place.state).toBe('pushed')
  expect(await place.pushes()).toHaveLength(1)
  expect(await place.operations()).toMatchObject([{ state: 'done', attempts: 2 }])
})

test('GS4: a worker killed after its push arrived loses nothing, and the push is not repeated', async () => {
  const place = await makePlace()
  const oid = await place.commit('one')
  await place.link()
  const { apiUrl, gitUrl, app } = github
  const settings = {
    address,
    cacheDir: path.join(folder, 'other-cache'),
    searchPath: testSearchPath,
    apiUrl,
    gitUrl,
    app,
  }
  await github.control('PUT', 'hold-pushes', { held: true })
  const script = path.join(import.meta.dirname, 'testing/push-process.ts')
  const worker = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit'] })
  await eventually(() => place.remoteHead()).toBe(oid)
  worker.kill('SIGKILL')
  await once(worker, 'exit')
  await github.control('PUT', 'hold-pushes', { held: false })
  expect(await place.state()).toBe('waiting')
  await ask('update outbox set leased_until = now() where project_id = $1', [place.projectId])
  await startLoop()
  await eventually(place.state).toBe('pushed')
  expect(await place.pushes()).toHaveLength(1)
})

test('GS11: while GitHub is away commits wait, and then arrive in order, once each', async () => {
  const place = await makePlace()
  const oids = [await place.commit('one')]
  await place.link()
  await startLoop()
  await eventually(place.state).toBe('pushed')
  await github.control('PUT', 'outage', { outage: { status: 503 } })
  for (const text of ['two', 'three']) oids.push(await place.commit(text))
  await eventually(async () => (await place.status()).reason?.code).toBe('github-away')
  expect(await place.status()).toMatchObject({
    state: 'waiting',
    waitingCommits: 2,
    reason: { nextAt: expect.any(String), message: expect.stringContaining('GitHub is away') },
  })
  await github.control('PUT', 'outage', { outage: { on: 'git', status: null } })
  oids.push(await place.commit('four'))
  await eventually(async () => (await place.operations())[0]?.attempts ?? 0).toBeGreaterThan(1)
  await github.control('PUT', 'outage', {})
  await eventually(place.state).toBe('pushed')
  const cloned = path.join(folder, `clone-${place.projectId}`)
  await git(folder, 'clone', '-q', '--bare', place.work, cloned)
  expect(await place.remoteHead()).toBe(oids.at(-1))
  expect((await git(cloned, 'rev-list', '--reverse', 'main')).split('\n')).toEqual(oids)
  expect((await place.pushes()).map(({ before }) => before)).toEqual(['0'.repeat(40), oids[0]])
})

test('GS11: a rate limit is waited out', async () => {
  const place = await makePlace()
  await place.commit('one')
  await place.link()
  await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 3600 } })
  await startLoop()
  await eventually(async () => (await place.status()).reason?.code).toBe('github-rate-limited')
  expect(Date.parse((await place.status()).reason?.nextAt ?? '')).toBeGreaterThan(Date.now() + 3_000_000)
  await github.control('PUT', 'rate-limit', {})
  await requestSync(links, place)
  await eventually(place.state).toBe('pushed')
})

test('GS3: a remote that holds something else is left alone, the link is held, and another try goes on when it is mended', async () => {
  const place = await makePlace({ files: [{ path: 'theirs.md', content: 'x' }] })
  const theirs = await place.remoteHead()
  const ours = await place.commit('one')
  await place.link()
  await startLoop()
  await eventually(place.state).toBe('held')
  expect(await place.status()).toMatchObject({ waitingCommits: 1, reason: { code: 'remote-differs', nextAt: null } })
  await place.commit('two')
  expect(await ask('select 1 from outbox where project_id = $1', [place.projectId])).toEqual([])
  expect((await requestSync(links, place)).state).toBe('waiting')
  await eventually(place.state).toBe('held')
  expect([await place.remoteHead(), await place.pushes()]).toEqual([theirs, []])
  expect(
    (await place.operations()).every(({ state, errorCode }) => state === 'held' && errorCode === 'remote-differs'),
  ).toBe(true)
  await github.control('PATCH', `repositories/${place.repository.repositoryId}`, { defaultBranch: 'old' })
  await requestSync(links, place)
  // The branch that was seen is gone: that is a person's doing too, and is asked about once.
  await eventually(async () => (await place.status()).reason?.code).toBe('branch-deleted')
  await requestSync(links, place)
  await eventually(place.state).toBe('pushed')
  expect(ours).not.toBe(await place.remoteHead())
})

test('GS3: somebody pushes to GitHub after us: their work stays, and the link is held', async () => {
  const place = await makePlace()
  await place.commit('one')
  await place.link()
  await startLoop()
  await eventually(place.state).toBe('pushed')
  const { oid } = await github.control<{ oid: string }>(
    'POST',
    `repositories/${place.repository.repositoryId}/commits`,
    { files: [{ path: 'theirs.md', content: 'y' }] },
  )
  await place.commit('two')
  await eventually(place.state).toBe('held')
  expect(await place.remoteHead()).toBe(oid)
})

test('GS9: a protected branch holds the link with GitHub’s own words', async () => {
  const place = await makePlace({ protectedBranches: { main: ['Changes must be made through a pull request.'] } })
  const oid = await place.commit('one')
  await place.link()
  await startLoop()
  await eventually(place.state).toBe('held')
  expect((await place.status()).reason).toMatchObject({
    code: 'github-protected-branch',
    message: expect.stringContaining('Changes must be made through a pull request.'),
  })
  await github.control('PATCH', `repositories/${place.repository.repositoryId}`, { protectedBranches: {} })
  await requestSync(links, place)
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).toBe(oid)
})

test('GS10: lost permission, suspension and deletion hold the link; a rename does not', async () => {
  const renamed = await makePlace()
  await renamed.commit('one')
  await renamed.link()
  await github.control('PATCH', `repositories/${renamed.repository.repositoryId}`, {
    name: `new-${renamed.repository.repositoryId}`,
  })
  await startLoop()
  await eventually(renamed.state).toBe('pushed')
  expect((await renamed.status()).repository?.fullName).toBe(`acme/new-${renamed.repository.repositoryId}`)

  const suspended = await makePlace()
  await suspended.commit('one')
  await suspended.link()
  await eventually(suspended.state).toBe('pushed')
  await github.control('PATCH', `installations/${suspended.repository.installationId}`, { suspended: true })
  await suspended.commit('two')
  await eventually(async () => (await suspended.status()).reason?.code).toBe('github-suspended')

  const deleted = await makePlace()
  await deleted.commit('one')
  await deleted.link()
  await eventually(deleted.state).toBe('pushed')
  await github.control('DELETE', `repositories/${deleted.repository.repositoryId}`)
  await deleted.commit('two')
  await eventually(async () => (await deleted.status()).reason?.code).toBe('github-not-found')
})

test('linking is refused with words: twice, of another workspace, unknown, unconfigured', async () => {
  const place = await makePlace()
  await place.link()
  await expect(place.link()).rejects.toMatchObject({ code: 'already-linked' })
  const stranger = await makePlace()
  stranger.repository = place.repository
  await expect(stranger.link()).rejects.toMatchObject({ code: 'forbidden' })
  const unknown = await makePlace()
  unknown.repository = { ...unknown.repository, repositoryId: 99 }
  await expect(unknown.link()).rejects.toMatchObject({
    code: 'github-refused',
    details: { reason: 'github-not-found' },
  })
  await expect(unknown.link('a..b')).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(
    linkProject({ ...links, host: null }, unknown, someone, { installationId: 1, repositoryId: 1 }),
  ).rejects.toMatchObject({ code: 'github-not-configured' })
  await github.control('PUT', 'outage', { outage: { status: 502 } })
  await expect(unknown.link()).rejects.toMatchObject({ code: 'github-unreachable' })
  await github.control('PUT', 'outage', {})
  // Unlinked, the installation is free again.
  expect((await unlinkProject(links, place)).state).toBe('not-linked')
  expect((await stranger.link()).state).toBe('pushed')
  await expect(requestSync(links, place)).rejects.toMatchObject({ code: 'not-linked' })
})

test('a claim that fails is made again by the clock, though nobody tells of it', async () => {
  const place = await makePlace()
  const oid = await place.commit('one')
  await place.link()
  const failing = { claims: 0 }
  const onInstance: typeof links.db.onInstance = (work, options) => {
    failing.claims++
    return failing.claims === 1 ? Promise.reject(new Error('no connection')) : links.db.onInstance(work, options)
  }
  await startLoop({ db: { ...links.db, onInstance, listen: async () => () => {} } })
  await eventually(() => place.remoteHead()).toBe(oid)
  await eventually(place.state).toBe('pushed')
  expect(faults.splice(0)).toHaveLength(1)
})

test('on a public instance its admin connects an installation first; then its workspace links as it likes', async () => {
  const place = await makePlace()
  const publicly = { ...links, isLocal: false }
  const { installationId, repositoryId } = place.repository
  const link = { installationId, repositoryId }
  await expect(linkProject(publicly, place, someone, link)).rejects.toMatchObject({ code: 'forbidden' })
  await links.db.onInstance((tx) => instanceQueries.claimInstanceAdmin(tx, someone.userId))
  expect((await linkProject(publicly, place, someone, link)).state).toBe('pushed')
})

test('a project without a commit is linked and has nothing to push', async () => {
  const place = await makePlace()
  expect(await place.link()).toMatchObject({ state: 'pushed', pushedOid: null, waitingCommits: 0 })
  const oid = await place.commit('one')
  await startLoop()
  await eventually(() => place.remoteHead()).toBe(oid)
})
