/**
 * What tests of pushing stand on: PostgreSQL, the stand-in for GitHub, and projects whose commits are made with Git itself.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { commitQueries, type Database, outboxQueries, syncOperationQueries } from '@skein/db'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import type { GithubStatus, Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import { afterEach, expect } from 'vitest'
import { createUntrustedGit } from '../../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../../adapters/events/postgres-event-hub.ts'
import { PostgresGitStore } from '../../adapters/git/postgres-git-store.ts'
import { OctokitGithubHost } from '../../adapters/github/octokit-github-host.ts'
import type { GithubHost } from '../../commands/github/github-host.ts'
import { type LinkDeps, linkProject } from '../../commands/github/link-project.ts'
import { readGithubStatus } from '../../commands/github/read-status.ts'
import { createTestFolder, git, startGithub, type TestGithub, testSearchPath } from '../../testing/world.ts'
import { PushLoop, type PushLoopOptions } from '../push-loop.ts'

export const someone = { userId: 'ana' as never, name: 'Ana', email: 'ana@example.org', token: null }

/** Waits for what comes in its time: other tests may hold the machine. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 25_000 })

export interface PushWorld {
  database: Database
  ask: TestDatabase['ask']
  /** Of the database, for another process. */
  address: string
  folder: string
  github: TestGithub
  host: GithubHost
  store: PostgresGitStore
  links: LinkDeps
  /** What loops complained about. */
  faults: unknown[]
  /** Starts a loop that ends after the test. */
  startLoop(more?: Partial<PushLoopOptions>): Promise<PushLoop>
  /** A project and a repository; `settings` are the stand-in's. */
  makePlace(settings?: Record<string, unknown>): Promise<Place>
}

/** Call it at the top of a test file. Outages and rate limits are lifted after each test. */
export async function createPushWorld(): Promise<PushWorld> {
  const { database, ask, address } = await createTestDatabase()
  const folder = await createTestFolder()
  const github = await startGithub()
  const store = new PostgresGitStore({ database, cacheDir: path.join(folder, 'cache'), searchPath: testSearchPath })
  const { apiUrl, gitUrl, app } = github
  const host = new OctokitGithubHost({ apiUrl, gitUrl, app, git: createUntrustedGit(testSearchPath) })
  const loops: PushLoop[] = []
  afterEach(async () => {
    await Promise.all(loops.splice(0).map((loop) => loop.drain()))
    await github.control('PUT', 'outage', {})
    await github.control('PUT', 'rate-limit', {})
  })
  const faults: unknown[] = []
  const world: PushWorld = {
    database,
    ask,
    address,
    folder,
    github,
    host,
    store,
    links: { db: database, host, record: recordEvent, isLocal: true },
    faults,
    startLoop: async (more = {}) => {
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
    },
    makePlace: (settings = {}) => makePlace(world, settings),
  }
  return world
}

/** A project whose commits are made with Git, and a GitHub repository beside it. */
export class Place {
  readonly projectId = randomUUID() as ProjectId
  readonly workspaceId = randomUUID() as WorkspaceId
  readonly work: string
  readonly #world: PushWorld
  repository = { installationId: 0, repositoryId: 0, fullName: '' }

  constructor(world: PushWorld) {
    this.#world = world
    this.work = path.join(world.folder, this.projectId)
  }

  async commit(text: string): Promise<Oid> {
    await writeFile(path.join(this.work, 'a.txt'), text)
    await git(this.work, 'add', '-A')
    await git(this.work, 'commit', '-qm', text)
    const tip = (await git(this.work, 'rev-parse', 'HEAD')) as Oid
    const bare = path.join(this.#world.folder, `${this.projectId}-${tip}.git`)
    await git(this.#world.folder, 'clone', '-q', '--bare', this.work, bare)
    const parents = (await git(this.work, 'log', '-1', '--format=%P')).split(' ').filter((oid) => oid !== '') as Oid[]
    await this.#world.store.storeFetched(
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
    return linkProject(this.#world.links, this, someone, {
      installationId,
      repositoryId,
      ...(branch === undefined ? {} : { branch }),
    })
  }

  status(): Promise<GithubStatus> {
    return this.#world.database.inWorkspace(this.workspaceId, (tx) => readGithubStatus(tx, this.projectId))
  }

  state = async () => (await this.status()).state

  async remoteHead(branch = 'main'): Promise<string | null> {
    const answer = await this.#world.github.control<{ oid: string | null }>(
      'POST',
      `repositories/${this.repository.repositoryId}/ref`,
      { ref: `refs/heads/${branch}` },
    )
    return answer.oid
  }

  async pushes(): Promise<{ before: string; after: string; forced: boolean }[]> {
    return this.#world.github.control('GET', `repositories/${this.repository.repositoryId}/pushes`)
  }

  operations(): Promise<syncOperationQueries.SyncOperationRow[]> {
    return this.#world.database.inWorkspace(this.workspaceId, (tx) =>
      syncOperationQueries.listSyncOperations(tx, this.projectId, null, 20),
    )
  }

  async syncStates(): Promise<string[]> {
    const rows = await this.#world.ask<{ state: string }>(
      `select data->'github'->>'state' as state from event where project_id = $1 and type = 'sync' order by seq`,
      [this.projectId],
    )
    return rows.map(({ state }) => state)
  }
}

async function makePlace(world: PushWorld, settings: Record<string, unknown>): Promise<Place> {
  const place = new Place(world)
  await world.ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [
    place.workspaceId,
    `w-${place.workspaceId}`,
  ])
  await world.ask(
    `insert into project (id, workspace_id, slug, name, created_by) values ($1, $2, 'p', 'P', 'person:ana')`,
    [place.projectId, place.workspaceId],
  )
  await mkdir(place.work)
  await git(place.work, 'init', '-q', '-b', 'main')
  const { id: installationId } = await world.github.control<{ id: number }>('POST', 'installations', {})
  const body = { installationId, name: `repo-${installationId}`, ...settings }
  const { id, owner, name } = await world.github.control<{ id: number; owner: string; name: string }>(
    'POST',
    'repositories',
    body,
  )
  place.repository = { installationId, repositoryId: id, fullName: `${owner}/${name}` }
  return place
}
