import type { Oid } from '@skein/protocol'
import { afterEach, expect, test, vi } from 'vitest'
import type { PushAnswer } from '../../commands/github/github-host.ts'
import { testSearchPath } from '../../testing/world.ts'
import { createUntrustedGit, type UntrustedGitRun } from '../egress/untrusted-git.ts'
import { createGithubWorld, quiet, type TestRepository } from './testing/github-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { github, control, createHost, makeRepository, makeCommits, commitThere, calls } = await createGithubWorld()

const one = (content: string) => [{ path: 'a.txt', content }]

async function pushOne(repository: TestRepository, files = one('one'), host = createHost()): Promise<PushAnswer> {
  const { directory, oids } = await makeCommits(files)
  const request = { directory, fullName: repository.fullName, branch: 'main', from: null, to: oids[0] as Oid }
  return host.remote.push(repository, request, quiet)
}

async function refsOf(repository: TestRepository, host = createHost()) {
  const answer = await host.remote.readRefs(repository, repository.fullName, quiet)
  if (!answer.ok) throw new Error(answer.failure.kind)
  return answer.value
}

afterEach(async () => {
  await control('PUT', 'outage', {})
  await control('PUT', 'rate-limit', {})
  await control('PUT', 'limits', { fileBytesMax: 100 * 1_048_576 })
})

test('GS10: the branches are read with the one that is the default', async () => {
  const repository = await makeRepository({ defaultBranch: 'trunk', files: one('x') })
  const side = await commitThere(repository, one('y'), { branch: 'side/way' })
  const refs = await refsOf(repository)
  expect(refs.defaultBranch).toBe('trunk')
  expect([...refs.branches.keys()].sort()).toEqual(['side/way', 'trunk'])
  expect(refs.branches.get('side/way')).toBe(side)
  expect(await refsOf(await makeRepository())).toEqual({ defaultBranch: null, branches: new Map() })
})

test('GS3: a push makes the branch, then moves it with a lease, and the oids are ours', async () => {
  const repository = await makeRepository()
  const { remote } = createHost()
  const { directory, oids } = await makeCommits(one('one'), one('two'), one('three'))
  const [first, second, third] = oids as [Oid, Oid, Oid]
  const request = { directory, fullName: repository.fullName, branch: 'main' }
  expect(await remote.push(repository, { ...request, from: null, to: first }, quiet)).toEqual({ outcome: 'pushed' })
  expect((await refsOf(repository)).branches.get('main')).toBe(first)
  expect(await remote.push(repository, { ...request, from: first, to: third }, quiet)).toEqual({ outcome: 'pushed' })
  expect(await remote.push(repository, { ...request, from: second, to: third }, quiet)).toEqual({ outcome: 'pushed' })
  const pushes = await control<{ after: string; forced: boolean }[]>(
    'GET',
    `repositories/${repository.repositoryId}/pushes`,
  )
  expect(pushes.map(({ after, forced }) => [after, forced])).toEqual([
    [first, false],
    [third, false],
  ])
})

test('GS3: a lease that does not hold changes nothing', async () => {
  const repository = await makeRepository({ files: one('theirs') })
  const before = await refsOf(repository)
  expect(await pushOne(repository)).toEqual({ outcome: 'moved' })
  expect(await refsOf(repository)).toEqual(before)
})

test('GS3: pushing and looking ask nothing of the API but one token for each in an hour', async () => {
  const repository = await makeRepository()
  const host = createHost()
  const { directory, oids } = await makeCommits(one('one'), one('two'), one('three'), one('four'))
  await calls()
  let from: Oid | null = null
  for (const to of oids) {
    expect((await refsOf(repository, host)).branches.get('main') ?? null).toBe(from)
    const request = { directory, fullName: repository.fullName, branch: 'main', from, to }
    expect(await host.remote.push(repository, request, quiet)).toEqual({ outcome: 'pushed' })
    from = to
  }
  const asked = (await calls()).filter((call) => call.includes('/api/v3/'))
  const mint = `POST /api/v3/app/installations/${repository.installationId}/access_tokens 201`
  expect(asked).toEqual([mint, mint])
})

test('GS3: the token reaches one repository, and travels in the environment, bound to GitHub', async () => {
  const repository = await makeRepository()
  const { installationId } = repository
  const other = await control<{ id: number }>('POST', 'repositories', { installationId, name: 'other' })
  const runs: UntrustedGitRun[] = []
  const git = createUntrustedGit(testSearchPath)
  const host = createHost({ git: (run) => git(runs[runs.push(run) - 1] ?? run) })
  expect(await pushOne(repository, one('one'), host)).toEqual({ outcome: 'pushed' })
  const header = Object.fromEntries(runs[0]?.config ?? [])[`http.${github.gitUrl}/.extraHeader`] ?? ''
  const [, token = ''] = Buffer.from(header.split('Basic ')[1] ?? '', 'base64')
    .toString()
    .split(':')
  expect(token).toMatch(/^ghs_/)
  expect(runs[0]?.args.join(' ')).not.toContain(token)
  const ask = (id: number) =>
    fetch(`${github.apiUrl}/repositories/${id}`, { headers: { authorization: `token ${token}`, 'user-agent': 'test' } })
  expect([(await ask(repository.repositoryId)).status, (await ask(other.id)).status]).toEqual([200, 404])
})

test('GS9: refusals are told with their rule and in GitHub’s own words', async () => {
  const sentence = 'Changes must be made through a pull request.'
  expect(await pushOne(await makeRepository({ protectedBranches: { main: [sentence] } }))).toEqual({
    outcome: 'refused',
    rule: 'protected-branch',
    reason: `GH006: Protected branch update failed for refs/heads/main. ${sentence}`,
  })
  expect(
    await pushOne(await makeRepository({ rules: { main: ['Commits must have verified signatures.'] } })),
  ).toMatchObject({
    outcome: 'refused',
    rule: 'repository-rules',
    reason: expect.stringContaining('Commits must have verified signatures.'),
  })
  await control('PUT', 'limits', { fileBytesMax: 1000 })
  expect(await pushOne(await makeRepository(), one('x'.repeat(2000)))).toMatchObject({
    outcome: 'refused',
    rule: 'file-too-large',
    reason: expect.stringContaining('File a.txt is'),
  })
})

test('GS10: workflows are pushed where the installation may, refused in GitHub’s words where not, and once it may, at the next try', async () => {
  const workflow = [{ path: '.github/workflows/ci.yml', content: 'on: push\n' }]
  expect(await pushOne(await makeRepository(), workflow)).toEqual({ outcome: 'pushed' })
  const repository = await makeRepository({}, { contents: 'write' })
  const host = createHost()
  expect(await pushOne(repository, workflow, host)).toMatchObject({
    outcome: 'refused',
    rule: 'workflows-permission',
    reason: expect.stringContaining('.github/workflows/ci.yml'),
  })
  await control('PATCH', `installations/${repository.installationId}`, {
    permissions: { contents: 'write', workflows: 'write' },
  })
  expect(await pushOne(repository, workflow, host)).toEqual({ outcome: 'pushed' })
})

test('GS10: what an installation lacks is read once, not for each push', async () => {
  const repository = await makeRepository({}, { contents: 'write' })
  const host = createHost()
  const { directory, oids } = await makeCommits(one('one'), one('two'))
  const request = { directory, fullName: repository.fullName, branch: 'main' }
  const [first, second] = oids as [Oid, Oid]
  await calls()
  await host.remote.push(repository, { ...request, from: null, to: first }, quiet)
  await host.remote.push(repository, { ...request, from: first, to: second }, quiet)
  const asked = (await calls()).filter((call) => call.includes('/api/v3/'))
  expect(asked.map((call) => call.split(' ').at(-1))).toEqual(['422', '200', '201'])
})

test('GS10: suspended, removed, deleted, archived, renamed and without permission are told apart', async () => {
  const failuresOf = async (repository: TestRepository, host = createHost()) => {
    const refs = await host.remote.readRefs(repository, repository.fullName, quiet)
    const push = await pushOne(repository, one('x'), host)
    return [refs.ok ? null : refs.failure.kind, push.outcome === 'failed' ? push.failure.kind : null]
  }
  const suspended = await makeRepository()
  await control('PATCH', `installations/${suspended.installationId}`, { suspended: true })
  expect(await failuresOf(suspended)).toEqual(['suspended', 'suspended'])
  const removed = await makeRepository()
  await control('DELETE', `installations/${removed.installationId}`)
  expect(await failuresOf(removed)).toEqual(['installation-gone', 'installation-gone'])
  const deleted = await makeRepository()
  await control('DELETE', `repositories/${deleted.repositoryId}`)
  expect(await failuresOf(deleted)).toEqual(['not-found', 'not-found'])
  expect(await failuresOf(await makeRepository({ archived: true }))).toEqual([null, 'archived'])
  const renamed = await makeRepository()
  await control('PATCH', `repositories/${renamed.repositoryId}`, { name: `new-${renamed.repositoryId}` })
  expect(await failuresOf(renamed)).toEqual(['renamed', 'renamed'])
  const reading = await makeRepository({}, { contents: 'read' })
  expect(await failuresOf(reading)).toEqual([null, 'forbidden'])
  expect(await pushOne(reading)).toMatchObject({ failure: { detail: 'it lacks the permission “Contents: write”' } })
  expect(await failuresOf(await makeRepository())).toEqual([null, null])
  // The token was given out before.
  const late = await makeRepository()
  const host = createHost()
  expect(await failuresOf(late, host)).toEqual([null, null])
  await control('PATCH', `installations/${late.installationId}`, { suspended: true })
  expect(await failuresOf(late, host)).toEqual(['suspended', 'suspended'])
  await control('PATCH', `installations/${late.installationId}`, { suspended: false, repositoryIds: [] })
  expect(await failuresOf(late, host)).toEqual(['not-found', 'not-found'])
})

test('GS11: a token that GitHub does not believe any more is replaced once', async () => {
  const repository = await makeRepository()
  const host = createHost()
  await refsOf(repository, host)
  await control('POST', 'tokens/expire')
  await refsOf(repository, host)
  expect(await pushOne(repository, one('one'), host)).toEqual({ outcome: 'pushed' })
  await control('POST', 'tokens/expire')
  expect(await pushOne(repository, one('two'), host)).toEqual({ outcome: 'moved' })
})

test('GS11: outages and limits of Git’s door say what they are', async () => {
  const repository = await makeRepository()
  const host = createHost()
  await refsOf(repository, host)
  await pushOne(repository, one('one'), host)
  const ask = () => host.remote.readRefs(repository, repository.fullName, quiet)
  await control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 30 } })
  expect(await ask()).toMatchObject({ failure: { kind: 'rate-limited' } })
  expect(await pushOne(repository, one('one'), host)).toMatchObject({ failure: { kind: 'rate-limited' } })
  await control('PUT', 'rate-limit', {})
  for (const status of [500, 502, 503, null]) {
    await control('PUT', 'outage', { outage: { status } })
    expect(await ask()).toMatchObject({ failure: { kind: 'unreachable' } })
    expect(await pushOne(repository, one('one'), host)).toMatchObject({ failure: { kind: 'unreachable' } })
  }
})

test('a name that is not one of GitHub’s never becomes part of an address', async () => {
  const repository = await makeRepository()
  const { remote } = createHost()
  await calls()
  for (const fullName of ['../x', 'x/..', './x', 'a/b/c', 'a', '', 'a/b?c', 'a b/c', '%2e%2e/x', 'a@b/c', 'a/b\n']) {
    expect(() => remote.readRefs(repository, fullName, quiet), fullName).toThrow()
  }
  expect(await calls()).toEqual([])
})

test('a call that is given up rejects, whatever it was doing', async () => {
  const repository = await makeRepository({ files: one('x') })
  const { remote } = createHost()
  const before = AbortSignal.abort(new Error('given up'))
  await expect(remote.readRefs(repository, repository.fullName, before)).rejects.toThrow('given up')
  await control('PUT', 'hold-pushes', { held: true })
  const stop = new AbortController()
  const { directory, oids } = await makeCommits(one('one'))
  const request = { directory, fullName: repository.fullName, branch: 'new', from: null, to: oids[0] as Oid }
  const pushing = remote.push(repository, request, stop.signal)
  pushing.catch(() => {})
  // The stand-in writes a push down before it holds back its answer.
  await vi.waitFor(
    async () => expect(await control('GET', `repositories/${repository.repositoryId}/pushes`)).toHaveLength(1),
    { timeout: 20_000 },
  )
  stop.abort(new Error('given up'))
  await expect(pushing).rejects.toThrow('given up')
  await control('PUT', 'hold-pushes', { held: false })
})
