/**
 * What tests of sync stand on: PostgreSQL, live documents, real Git, the stand-in for GitHub with the product's own adapters, and projects in which people
 * write as agents do, so that every text is live.
 */
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { type githubLinkQueries, installationQueries, outboxQueries, syncOperationQueries } from '@skein/db'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import { type GithubStatus, type LinkGithub, type Oid, personToActorKey } from '@skein/protocol'
import { afterAll, afterEach, expect } from 'vitest'
import { createUntrustedGit } from '../../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../../adapters/events/postgres-event-hub.ts'
import { GitTextMerge } from '../../adapters/git/text-merge.ts'
import { GithubGitRemote } from '../../adapters/github/git-remote.ts'
import type { Quota } from '../../adapters/github/installation-calls.ts'
import { InstallationTokens } from '../../adapters/github/installation-tokens.ts'
import { GithubRestApi } from '../../adapters/github/rest-api.ts'
import { startCollab } from '../../collab/testing/server.ts'
import { requestSync, updateLink } from '../../commands/github/change-link.ts'
import { type LinkDeps, linkProject, unlinkProject } from '../../commands/github/link-project.ts'
import { readGithubStatus } from '../../commands/github/read-status.ts'
import { buildSnapshotWorld, type ProjectWorld } from '../../commands/snapshot/testing/snapshot-world.ts'
import type { SyncDeps } from '../../commands/sync/round.ts'
import { NO_SYNC_NEWS } from '../../commands/sync/sync-news.ts'
import type { Actor } from '../../policies/actor.ts'
import { startGithub, type TestGithub, testSearchPath } from '../../testing/world.ts'
import { SyncLoop, type SyncLoopOptions } from '../sync-loop.ts'

/** Waits for what comes in its time: other tests may hold the machine. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 40_000, interval: 50 })

export const fullPermissions = { contents: 'write', pull_requests: 'write', workflows: 'write' }

export interface RemoteFile {
  path: string
  content: string
}

type Snapshots = ReturnType<typeof buildSnapshotWorld>

export interface SyncWorld {
  test: Pick<TestDatabase, 'database' | 'ask' | 'address'>
  github: Pick<TestGithub, 'apiUrl' | 'gitUrl' | 'app' | 'control'>
  /** Where people’s pages open documents. */
  collabUrl: string
  snapshots: Snapshots
  deps: SyncDeps
  links: LinkDeps
  ana: Actor
  ben: Actor
  /** What loops complained about. */
  faults: unknown[]
  /** Starts a loop that ends after the test. */
  startLoop(more?: Partial<SyncLoopOptions>): Promise<SyncLoop>
  /** A project and a repository; `settings` are the stand-in's. */
  makePlace(settings?: Record<string, unknown>, permissions?: Record<string, string>): Promise<Place>
}

/** Call it at the top of a test file. Outages and rate limits are lifted after each test. */
export async function createSyncWorld(): Promise<SyncWorld> {
  const github = await startGithub()
  const world = await buildSyncWorld(await createTestDatabase(), github)
  afterAll(() => world.close())
  afterEach(async () => {
    await world.drain()
    await github.control('PUT', 'outage', {})
    await github.control('PUT', 'rate-limit', {})
  })
  return world
}

/** The same over a database and a stand-in that somebody else starts and ends. */
export async function buildSyncWorld(
  test: SyncWorld['test'],
  github: SyncWorld['github'],
): Promise<SyncWorld & { drain(): Promise<void>; close(): Promise<void> }> {
  const { database: db } = test
  const collab = await startCollab(db)
  const snapshots = buildSnapshotWorld(test)
  const { apiUrl, gitUrl, app } = github
  const tokens = new InstallationTokens({ apiUrl, readApp: async () => app })
  const remote = new GithubGitRemote({ gitUrl, git: createUntrustedGit(testSearchPath), tokens })
  const onQuota = (id: number, quota: Quota) =>
    void installationQueries.recordQuota(db.instance, id, quota).catch(() => {})
  const api = new GithubRestApi({ apiUrl, tokens, onQuota })
  const merge = new GitTextMerge({ searchPath: testSearchPath, directory: path.join(snapshots.folder, 'merges') })
  const documents = collab.collab.liveDocuments
  const faults: unknown[] = []
  const logFault = (error: unknown) => void faults.push(error)
  const deps: SyncDeps = {
    ...{ db, git: snapshots.store, remote, api, record: recordEvent, news: NO_SYNC_NEWS },
    pull: { db, git: snapshots.store, remote, snapshot: snapshots.deps, documents, merge, logFault },
    secrets: { check: async () => null },
    now: () => new Date(),
    random: () => 0,
    minIntervalMs: 50,
    publicUrl: 'https://skein.test',
  }
  const loops: SyncLoop[] = []
  const world: SyncWorld = {
    ...{ test, github, snapshots, deps, faults, collabUrl: collab.url },
    links: { db, api, hasApp: async () => true, record: recordEvent, isLocal: true },
    ana: await snapshots.person('Ana'),
    ben: await snapshots.person('Ben'),
    startLoop: async (more = {}) => {
      const loop = new SyncLoop({ ...deps, logFault, pollMs: 200, leaseMs: 2000, ...more })
      loops.push(loop)
      await loop.start()
      return loop
    },
    makePlace: async (settings = {}, permissions = fullPermissions) => {
      const { id } = await github.control<{ id: number }>('POST', 'installations', { permissions })
      const body = { installationId: id, name: `repo-${id}`, ...settings }
      const made = await github.control<{ id: number; owner: string; name: string }>('POST', 'repositories', body)
      const repository = { installationId: id, repositoryId: made.id, fullName: `${made.owner}/${made.name}` }
      return new Place(world, await snapshots.project(), repository)
    },
  }
  const drain = async () => {
    await Promise.all(loops.splice(0).map((loop) => loop.drain()))
  }
  const close = async () => {
    await drain()
    await collab.stop()
    snapshots.close()
  }
  return { ...world, drain, close }
}

/** A project with live texts, and a GitHub repository beside it. */
export class Place {
  readonly project: ProjectWorld
  readonly repository: { installationId: number; repositoryId: number; fullName: string }
  readonly #world: SyncWorld

  constructor(world: SyncWorld, project: ProjectWorld, repository: Place['repository']) {
    this.#world = world
    this.project = project
    this.repository = repository
  }

  get key() {
    return this.project.key
  }

  /** Makes a file of this text, or makes the live text this, as somebody who has read it. */
  async write(file: string, text: string, actor: Actor = this.#world.ana): Promise<void> {
    const known = (await this.project.documents()).get(file)
    if (known === undefined) {
      await this.project.create(actor, file, text)
      return
    }
    const { documents } = this.#world.deps.pull
    const read = (await documents.read([known.documentId])).get(known.documentId)
    await documents.write({
      document: known.documentId,
      writer: { actor: personToActorKey(actor.userId), run: randomUUID() },
      read: read?.revision ?? null,
      wanted: { text },
      waitMs: 0,
      isRetry: false,
      checkRight: async () => {},
    })
  }

  /** The live text. */
  async text(file: string): Promise<string | null> {
    const known = (await this.project.documents()).get(file)
    if (known === undefined) return null
    const read = await this.#world.deps.pull.documents.read([known.documentId], 'look')
    return read.get(known.documentId)?.text ?? null
  }

  /** Writes and commits; gives the commit. */
  async commit(text: string, file = 'a.txt'): Promise<Oid> {
    await this.write(file, text)
    const commit = await this.project.snapshot()
    if (commit === null) throw new Error('nothing was there to commit')
    return commit.oid
  }

  link(more: Partial<LinkGithub> = {}): Promise<GithubStatus> {
    const { installationId, repositoryId } = this.repository
    const input = { installationId, repositoryId, mode: 'direct_commit' as const, ...more }
    return linkProject(this.#world.links, this.key, this.#world.ana, input)
  }

  unlink = () => unlinkProject(this.#world.links, this.key)
  sync = () => requestSync(this.#world.links, this.key)
  update = (change: Parameters<typeof updateLink>[3]) =>
    updateLink(this.#world.links, this.key, this.#world.ana, change)

  status(): Promise<GithubStatus> {
    return this.#world.deps.db.inWorkspace(this.key.workspaceId, (tx) => readGithubStatus(tx, this.key.projectId))
  }

  state = async () => (await this.status()).state
  code = async () => (await this.status()).reason?.code

  /** A call of the stand-in about this repository. */
  control<T>(method: string, target: string, body?: unknown): Promise<T> {
    const base = `repositories/${this.repository.repositoryId}`
    return this.#world.github.control(method, target === '' ? base : `${base}/${target}`, body)
  }

  async remoteHead(branch = 'main'): Promise<Oid | null> {
    return (await this.control<{ oid: Oid | null }>('POST', 'ref', { ref: `refs/heads/${branch}` })).oid
  }

  /** A commit made on GitHub; `more` may name a branch or begin from scratch. */
  async commitThere(files: RemoteFile[], more: object = {}): Promise<Oid> {
    return (await this.control<{ oid: Oid }>('POST', 'commits', { files, ...more })).oid
  }

  pushes = () => this.control<{ ref: string; before: string; after: string; forced: boolean }[]>('GET', 'pushes')
  pulls = () => this.control<RemotePull[]>('GET', 'pulls')

  operations(): Promise<syncOperationQueries.SyncOperationRow[]> {
    return this.#world.deps.db.inWorkspace(this.key.workspaceId, (tx) =>
      syncOperationQueries.listSyncOperations(tx, this.key.projectId, null, 50),
    )
  }

  notes = async (): Promise<string[]> =>
    (await this.operations()).filter(({ direction }) => direction === 'event').map(({ note }) => note ?? '')

  async row(): Promise<githubLinkQueries.GithubLinkRow> {
    const rows = await this.#world.test.ask<githubLinkQueries.GithubLinkRow>(
      'select * from github_link where project_id = $1',
      [this.key.projectId],
    )
    return rows[0] as githubLinkQueries.GithubLinkRow
  }

  /** Somebody tells that the project and GitHub may differ; `isDeep`: in more than a branch. */
  async hint(isDeep = false): Promise<void> {
    const { projectId, workspaceId } = this.key
    await this.#world.deps.db.inWorkspace(workspaceId, (tx) =>
      outboxQueries.askCheck(tx, projectId, { reason: 'webhook', isDeep }),
    )
  }

  /** The clock's turn: the idle row of the outbox is due now. */
  async poll(): Promise<void> {
    await this.#world.test.ask(
      `update outbox set next_at = now() where project_id = $1 and leased_until is null and check_reason = 'poll'`,
      [this.key.projectId],
    )
  }

  /** Our head and theirs are what they are said to be, and everything of both repositories is sound. */
  async expectSound(): Promise<void> {
    expect(await this.project.fsck()).toBe('')
    expect((await this.pushes()).every(({ forced }) => !forced)).toBe(true)
  }
}

export interface RemotePull {
  number: number
  state: string
  title: string
  body: string | null
  merged: boolean
  head: { ref: string; sha: string }
  base: { ref: string; sha: string }
}
