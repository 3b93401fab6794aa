import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Oid } from '@skein/protocol'
import { afterEach, expect, test, vi } from 'vitest'
import type { GithubPlace, PushAnswer } from '../../commands/github/github-host.ts'
import { createTestFolder, git, startGithub, testSearchPath } from '../../testing/world.ts'
import { createUntrustedGit, type UntrustedGit, type UntrustedGitRun } from '../egress/untrusted-git.ts'
import { OctokitGithubHost } from './octokit-github-host.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const folder = await createTestFolder()
const github = await startGithub()
const quiet = new AbortController().signal

const createHost = (
  more: { apiUrl?: string; gitUrl?: string; app?: { id: string; privateKey: string }; git?: UntrustedGit } = {},
) =>
  new OctokitGithubHost({
    apiUrl: github.apiUrl,
    gitUrl: github.gitUrl,
    app: github.app,
    git: createUntrustedGit(testSearchPath),
    ...more,
  })

interface Repository extends GithubPlace {
  fullName: string
}

async function makeRepository(
  settings: Record<string, unknown> = {},
  permissions: Record<string, string> = { contents: 'write' },
): Promise<Repository> {
  const { id: installationId } = await github.control<{ id: number }>('POST', 'installations', { permissions })
  const body = { installationId, name: `repo-${installationId}`, ...settings }
  const { id, owner, name } = await github.control<{ id: number; owner: string; name: string }>(
    'POST',
    'repositories',
    body,
  )
  return { installationId, repositoryId: id, fullName: `${owner}/${name}` }
}

/** A bare repository with one commit for each text. */
async function makeCommits(...texts: string[]): Promise<{ directory: string; oids: Oid[] }> {
  const work = path.join(folder, `work-${Math.random().toString(36).slice(2)}`)
  await git(folder, 'init', '-q', '-b', 'main', work)
  const oids: Oid[] = []
  for (const text of texts) {
    await writeFile(path.join(work, 'a.txt'), text)
    await git(work, 'add', '-A')
    await git(work, 'commit', '-qm', text.slice(0, 20))
    oids.push((await git(work, 'rev-parse', 'HEAD')) as Oid)
  }
  return { directory: path.join(work, '.git'), oids }
}

async function pushOne(repository: Repository, text = 'one', host = createHost()): Promise<PushAnswer> {
  const { directory, oids } = await makeCommits(text)
  const request = { directory, fullName: repository.fullName, branch: 'main', from: null, to: oids[0] as Oid }
  return host.push(repository, request, quiet)
}

afterEach(async () => {
  await github.control('PUT', 'outage', {})
  await github.control('PUT', 'rate-limit', {})
  await github.control('PUT', 'clock', { offsetMs: 0 })
})

test('a repository is read by its number, and a rename is seen', async () => {
  const repository = await makeRepository({ defaultBranch: 'trunk' })
  const host = createHost()
  await github.control('PATCH', `repositories/${repository.repositoryId}`, { name: 'new-name' })
  const answer = await host.readRepository(repository, quiet)
  expect(answer).toMatchObject({
    ok: true,
    value: { fullName: 'acme/new-name', defaultBranch: 'trunk', archived: false },
  })
})

test('GS3: a push makes the branch, then moves it with a lease, and the oids are ours', async () => {
  const repository = await makeRepository()
  const host = createHost()
  const { directory, oids } = await makeCommits('one', 'two', 'three')
  const [one, two, three] = oids as [Oid, Oid, Oid]
  const request = { directory, fullName: repository.fullName, branch: 'main' }
  expect(await host.readBranch(repository, repository.fullName, 'main', quiet)).toEqual({ ok: true, value: null })
  expect(await host.push(repository, { ...request, from: null, to: one }, quiet)).toEqual({ outcome: 'pushed' })
  expect(await host.readBranch(repository, repository.fullName, 'main', quiet)).toEqual({ ok: true, value: one })
  expect(await host.push(repository, { ...request, from: one, to: three }, quiet)).toEqual({ outcome: 'pushed' })
  expect(await host.push(repository, { ...request, from: two, to: three }, quiet)).toEqual({ outcome: 'pushed' })
  const pushes = await github.control<{ after: string; forced: boolean }[]>(
    'GET',
    `repositories/${repository.repositoryId}/pushes`,
  )
  expect(pushes.map(({ after, forced }) => [after, forced])).toEqual([
    [one, false],
    [three, false],
  ])
})

test('GS3: a lease that does not hold changes nothing', async () => {
  const repository = await makeRepository({ files: [{ path: 'theirs.md', content: 'x' }] })
  expect(await pushOne(repository)).toEqual({ outcome: 'moved' })
})

test('GS3: the token reaches one repository, and travels in the environment, bound to GitHub', async () => {
  const repository = await makeRepository()
  const { installationId } = repository
  const other = await github.control<{ id: number }>('POST', 'repositories', { installationId, name: 'other' })
  const runs: UntrustedGitRun[] = []
  const git = createUntrustedGit(testSearchPath)
  const host = createHost({ git: (run) => git(runs[runs.push(run) - 1] ?? run) })
  expect(await pushOne(repository, 'one', host)).toEqual({ outcome: 'pushed' })
  const header = Object.fromEntries(runs[0]?.config ?? [])[`http.${github.gitUrl}/.extraHeader`] ?? ''
  const token =
    Buffer.from(header.split('Basic ')[1] ?? '', 'base64')
      .toString()
      .split(':')[1] ?? ''
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
  await github.control('PUT', 'limits', { fileBytesMax: 1000 })
  expect(await pushOne(await makeRepository(), 'x'.repeat(2000))).toMatchObject({
    outcome: 'refused',
    rule: 'file-too-large',
    reason: expect.stringContaining('File a.txt is'),
  })
  await github.control('PUT', 'limits', { fileBytesMax: 100 * 1_048_576 })
})

test('GS10: suspended, removed, hidden, archived and without permission are told apart', async () => {
  const failureOf = async (repository: Repository) => {
    const read = await createHost().readRepository(repository, quiet)
    if (!read.ok) return read.failure.kind
    const branch = await createHost().readBranch(repository, repository.fullName, 'main', quiet)
    return branch.ok ? null : branch.failure.kind
  }
  const suspended = await makeRepository()
  await github.control('PATCH', `installations/${suspended.installationId}`, { suspended: true })
  expect(await failureOf(suspended)).toBe('suspended')
  const removed = await makeRepository()
  await github.control('DELETE', `installations/${removed.installationId}`)
  expect(await failureOf(removed)).toBe('installation-gone')
  const deleted = await makeRepository()
  await github.control('DELETE', `repositories/${deleted.repositoryId}`)
  expect(await failureOf(deleted)).toBe('not-found')
  expect(await failureOf(await makeRepository({ archived: true }))).toBe('archived')
  expect(await failureOf(await makeRepository({}, { contents: 'read' }))).toBe('forbidden')
  expect(await failureOf(await makeRepository())).toBeNull()
})

test('GS11: a token that GitHub does not believe any more is replaced once', async () => {
  const repository = await makeRepository()
  const host = createHost()
  expect((await host.readRepository(repository, quiet)).ok).toBe(true)
  await github.control('POST', 'tokens/expire')
  expect((await host.readRepository(repository, quiet)).ok).toBe(true)
  await github.control('POST', 'tokens/expire')
  expect((await host.readBranch(repository, repository.fullName, 'main', quiet)).ok).toBe(true)
  await github.control('POST', 'tokens/expire')
  expect(await pushOne(repository, 'one', host)).toEqual({ outcome: 'pushed' })
})

test('GS11: rate limits say until when, outages that they are outages', async () => {
  const repository = await makeRepository()
  const host = createHost()
  const untilOf = async () => {
    const answer = await host.readRepository(repository, quiet)
    if (answer.ok || answer.failure.kind !== 'rate-limited') throw new Error('not rate limited')
    return (answer.failure.until.getTime() - Date.now()) / 1000
  }
  await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 30 } })
  expect(await untilOf()).toBeCloseTo(30, -1)
  expect(await host.readBranch(repository, repository.fullName, 'main', quiet)).toMatchObject({
    failure: { kind: 'rate-limited' },
  })
  await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 403, retryAfterSeconds: null } })
  expect(await untilOf()).toBeCloseTo(60, -1)
  await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'primary', resetSeconds: 500 } })
  expect(await untilOf()).toBeCloseTo(500, -1)
  await github.control('PUT', 'rate-limit', {})
  for (const status of [502, null]) {
    await github.control('PUT', 'outage', { outage: { status } })
    expect(await host.readRepository(repository, quiet)).toMatchObject({ ok: false, failure: { kind: 'unreachable' } })
    expect(await pushOne(repository, 'one', host)).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'unreachable' },
    })
  }
})

test('a wrong key is told as such, and what is not GitHub as unreachable', async () => {
  const repository = await makeRepository()
  const wrong = createHost({ app: { ...github.app, id: '1' } })
  expect(await wrong.readRepository(repository, quiet)).toMatchObject({ failure: { kind: 'unauthorized' } })
  const page = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>'),
  )
  await once(page.listen(0, '127.0.0.1'), 'listening')
  const other = createHost({ apiUrl: `http://127.0.0.1:${(page.address() as AddressInfo).port}` })
  expect(await other.readRepository(repository, quiet)).toMatchObject({ failure: { kind: 'unreachable' } })
  page.close()
})
