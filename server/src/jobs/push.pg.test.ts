import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { commitQueries, outboxQueries, syncOperationQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import type { GithubStatus, Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import { afterEach, expect, test } from 'vitest'
import { createUntrustedGit } from '../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../adapters/events/postgres-event-hub.ts'
import { PostgresGitStore } from '../adapters/git/postgres-git-store.ts'
import { OctokitGithubHost } from '../adapters/github/octokit-github-host.ts'
import type { GithubHost } from '../commands/github/github-host.ts'
import { linkProject, requestSync, unlinkProject } from '../commands/github/link-project.ts'
import { readGithubStatus } from '../commands/github/read-status.ts'
import { createTestFolder, git, startGithub, testSearchPath } from '../testing/world.ts'
import { PushLoop } from './push-loop.ts'

const { database, ask } = await createTestDatabase()
const folder = await createTestFolder()
const github = await startGithub()
const store = new PostgresGitStore({ database, cacheDir: path.join(folder, 'cache'), searchPath: testSearchPath })
const host: GithubHost = new OctokitGithubHost({
  apiUrl: github.apiUrl,
  gitUrl: github.gitUrl,
  app: github.app,
  git: createUntrustedGit(testSearchPath),
})
const links = { db: database, host, record: recordEvent }
const actor = { userId: 'ana' as never, name: 'Ana', email: 'ana@example.org', token: null }
// Other tests may hold the machine; what is waited for comes in its time.
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 25_000 })
const loops: PushLoop[] = []
const faults: unknown[] = []

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.drain()))
  await github.control('PUT', 'outage', {})
  await github.control('PUT', 'rate-limit', {})
})

async function startLoop(more: Partial<ConstructorParameters<typeof PushLoop>[0]> = {}): Promise<PushLoop> {
  const loop = new PushLoop({
    db: database,
    git: store,
    host,
    record: recordEvent,
    now: () => new Date(),
    random: () => 0,
    minIntervalMs: 100,
    logFault: (error) => faults.push(error),
    pollMs: 200,
    leaseMs: 2000,
    ...more,
  })
  loops.push(loop)
  await loop.start()
  return loop
}

/** A project whose commits are made with Git, and a GitHub repository beside it. */
class Place {
  readonly projectId = randomUUID() as ProjectId
  readonly workspaceId = randomUUID() as WorkspaceId
  readonly work: string
  repository = { installationId: 0, repositoryId: 0, fullName: '' }

  constructor() {
    this.work = path.join(folder, this.projectId)
  }

  async commit(text: string): Promise<Oid> {
    await writeFile(path.join(this.work, 'a.txt'), text)
    await git(this.work, 'add', '-A')
    await git(this.work, 'commit', '-qm', text)
    const tip = (await git(this.work, 'rev-parse', 'HEAD')) as Oid
    const bare = path.join(folder, `${this.projectId}-${tip}.git`)
    await git(folder, 'clone', '-q', '--bare', this.work, bare)
    const parents = (await git(this.work, 'log', '-1', '--format=%P')).split(' ').filter((oid) => oid !== '') as Oid[]
    await store.storeFetched(
      this,
      { bareDirectory: bare, branch: 'main', tip, actor: 'skein', reason: 'test' },
      async (tx) => {
        const author = { authorName: 'Ana', authorEmail: 'ana@example.org', authorActor: 'person:ana' }
        const at = new Date()
        await commitQueries.insertCommits(tx, this, [
          {
            oid: tip,
            parents,
            ...author,
            authoredAt: at,
            committedAt: at,
            message: text,
            kind: 'snapshot',
            filesChanged: 1,
          },
        ])
        await outboxQueries.enqueuePush(tx, { projectId: this.projectId, ref: 'refs/heads/main', target: tip })
      },
    )
    return tip
  }

  link(branch?: string): Promise<GithubStatus> {
    const { installationId, repositoryId } = this.repository
    return linkProject(links, this, actor, {
      installationId,
      repositoryId,
      ...(branch === undefined ? {} : { branch }),
    })
  }

  status(): Promise<GithubStatus> {
    return database.inWorkspace(this.workspaceId, (tx) => readGithubStatus(tx, this.projectId))
  }

  state = async () => (await this.status()).state

  async remoteHead(branch = 'main'): Promise<string | null> {
    const answer = await github.control<{ oid: string | null }>(
      'POST',
      `repositories/${this.repository.repositoryId}/ref`,
      { ref: `refs/heads/${branch}` },
    )
    return answer.oid
  }

  async pushes(): Promise<{ before: string; after: string; forced: boolean }[]> {
    return github.control('GET', `repositories/${this.repository.repositoryId}/pushes`)
  }

  operations(): Promise<syncOperationQueries.SyncOperationRow[]> {
    return database.inWorkspace(this.workspaceId, (tx) =>
      syncOperationQueries.listSyncOperations(tx, this.projectId, null, 20),
    )
  }

  async syncStates(): Promise<string[]> {
    const rows = await ask<{ state: string }>(
      `select data->'github'->>'state' as state from event where project_id = $1 and type = 'sync' order by seq`,
      [this.projectId],
    )
    return rows.map(({ state }) => state)
  }
}

async function makePlace(
  settings: Record<string, unknown> = {},
  permissions: Record<string, string> = { contents: 'write' },
): Promise<Place> {
  const place = new Place()
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [place.workspaceId, `w-${place.workspaceId}`])
  await ask(`insert into project (id, workspace_id, slug, name, created_by) values ($1, $2, 'p', 'P', 'person:ana')`, [
    place.projectId,
    place.workspaceId,
  ])
  await mkdir(place.work)
  await git(place.work, 'init', '-q', '-b', 'main')
  const { id: installationId } = await github.control<{ id: number }>('POST', 'installations', { permissions })
  const body = { installationId, name: `repo-${installationId}`, ...settings }
  const { id, owner, name } = await github.control<{ id: number; owner: string; name: string }>(
    'POST',
    'repositories',
    body,
  )
  place.repository = { installationId, repositoryId: id, fullName: `${owner}/${name}` }
  return place
}

test('GS3: commits of a linked project arrive with their oids, and the page is told with a link', async () => {
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

test('a remote that holds something else is left alone, the link is held, and another try goes on when it is mended', async () => {
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

test('somebody pushes to GitHub after us: their work stays, and the link is held', async () => {
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
    linkProject({ ...links, host: null }, unknown, actor, { installationId: 1, repositoryId: 1 }),
  ).rejects.toMatchObject({ code: 'github-not-configured' })
  await github.control('PUT', 'outage', { outage: { status: 502 } })
  await expect(unknown.link()).rejects.toMatchObject({ code: 'github-unreachable' })
  await github.control('PUT', 'outage', {})
  // Unlinked, the installation is free again.
  expect((await unlinkProject(links, place)).state).toBe('not-linked')
  expect((await stranger.link()).state).toBe('pushed')
  await expect(requestSync(links, place)).rejects.toMatchObject({ code: 'not-linked' })
})

test('a project without a commit is linked and has nothing to push', async () => {
  const place = await makePlace()
  expect(await place.link()).toMatchObject({ state: 'pushed', pushedOid: null, waitingCommits: 0 })
  const oid = await place.commit('one')
  await startLoop()
  await eventually(() => place.remoteHead()).toBe(oid)
})
