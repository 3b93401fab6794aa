/** A worker of the simulation: the product's own objects, reached through a life that can end at any call. */
import { mkdtemp } from 'node:fs/promises'
import path from 'node:path'
import { type Database, outboxQueries } from '@skein/db'
import { createPostgresBlobStore } from '../../adapters/blob/postgres-blob-store.ts'
import { createUntrustedGit } from '../../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../../adapters/events/postgres-event-hub.ts'
import { GitProgram } from '../../adapters/git/git-program.ts'
import { GitRepacker } from '../../adapters/git/git-repacker.ts'
import { PostgresGitStore } from '../../adapters/git/postgres-git-store.ts'
import { GitTextMerge } from '../../adapters/git/text-merge.ts'
import { GithubGitRemote } from '../../adapters/github/git-remote.ts'
import { InstallationTokens } from '../../adapters/github/installation-tokens.ts'
import { GithubRestApi } from '../../adapters/github/rest-api.ts'
import type { ProjectKey } from '../../commands/event-hub.ts'
import type { GithubRemote } from '../../commands/github/github-remote.ts'
import type { LiveDocuments } from '../../commands/live-documents.ts'
import { type SnapshotDeps, takeSnapshot } from '../../commands/snapshot/snapshot.ts'
import type { SyncDeps } from '../../commands/sync/round.ts'
import { NO_SYNC_NEWS } from '../../commands/sync/sync-news.ts'
import { syncProject } from '../../commands/sync/sync-project.ts'
import type { TestGithub } from '../world.ts'
import { testSearchPath } from '../world.ts'
import type { Life } from './mortal.ts'

export interface WorkerParts {
  database: Database
  github: TestGithub
  documents: LiveDocuments
  folder: string
  logFault: (error: unknown) => void
  /** Told at each named step of snapshots, pulls, pushes and repacking, such as `pull stored`; what it throws or never answers ends the work there. */
  onStep?: (step: string) => Promise<void> | void
  minIntervalMs?: number
  /** Default: a minute; a lease of a worker that was killed is over when the simulation says so. */
  leaseMs?: number
}

/** Tells before a push goes out and after it was answered. */
const watchPushes = (remote: GithubRemote, onStep: (step: string) => Promise<void> | void): GithubRemote => ({
  readRefs: (...args) => remote.readRefs(...args),
  fetch: (...args) => remote.fetch(...args),
  push: async (...args) => {
    await onStep('begun')
    const answer = await remote.push(...args)
    await onStep(answer.outcome)
    return answer
  },
})

export class SimulatedWorker {
  readonly life: Life
  readonly #database: Database
  readonly #store: PostgresGitStore
  readonly #sync: SyncDeps
  readonly #snapshots: SnapshotDeps
  readonly #repacker: GitRepacker
  readonly #leaseMs: number

  private constructor(life: Life, parts: WorkerParts, folder: string) {
    this.life = life
    this.#leaseMs = parts.leaseMs ?? 60_000
    const database = life.lend('db', parts.database)
    const { onStep = () => {}, minIntervalMs = 0 } = parts
    const stepsOf = (work: string) => (step: string) => onStep(`${work} ${step}`)
    this.#database = database
    const git = new GitProgram(testSearchPath)
    this.#store = new PostgresGitStore({ database, cacheDir: path.join(folder, 'cache'), searchPath: testSearchPath })
    const store = life.lend('git', this.#store)
    const blobs = life.lend('blobs', createPostgresBlobStore(database))
    const documents = life.lend('documents', parts.documents)
    this.#snapshots = {
      database,
      objects: store,
      blobs,
      recordEvent,
      noReplyHost: 'skein.test',
      onStep: stepsOf('snapshot'),
    }
    const { apiUrl, gitUrl, app } = parts.github
    const tokens = new InstallationTokens({ apiUrl, readApp: async () => app })
    const remote = life.lend(
      'remote',
      watchPushes(new GithubGitRemote({ gitUrl, git: createUntrustedGit(testSearchPath), tokens }), stepsOf('push')),
    )
    const merge = new GitTextMerge({ searchPath: testSearchPath, directory: path.join(folder, 'merge') })
    this.#repacker = new GitRepacker({
      database,
      git,
      scratchDir: path.join(folder, 'repack'),
      reflogDays: 30,
      onStep: stepsOf('pack'),
    })
    this.#sync = {
      db: database,
      git: store,
      remote,
      api: life.lend('api', new GithubRestApi({ apiUrl, tokens, onQuota: () => {} })),
      pull: {
        db: database,
        git: store,
        remote,
        snapshot: this.#snapshots,
        documents,
        merge,
        onStep: stepsOf('pull'),
        logFault: (error) => parts.logFault(error),
      },
      secrets: { check: async () => null },
      news: NO_SYNC_NEWS,
      record: recordEvent,
      now: () => new Date(),
      random: () => 0.5,
      minIntervalMs,
      publicUrl: 'http://skein.test',
    }
  }

  static async start(life: Life, parts: WorkerParts): Promise<SimulatedWorker> {
    return new SimulatedWorker(life, parts, await mkdtemp(path.join(parts.folder, 'worker-')))
  }

  /** One round of the sync job, if one is due; false when none was. */
  async sync(): Promise<boolean> {
    const row = await this.#database.onInstance((tx) => outboxQueries.claimSync(tx, this.#leaseMs))
    if (row === null) return false
    await syncProject(this.#sync, row, new AbortController().signal)
    return true
  }

  /** The oid of the commit; null when nothing was to commit. */
  async snapshot(project: ProjectKey): Promise<string | null> {
    const commit = await takeSnapshot(this.#snapshots, project, { by: null, message: null, waitMs: 0 })
    return commit?.oid ?? null
  }

  async repack(project: ProjectKey, how: 'join' | 'collect'): Promise<void> {
    await this.#repacker[how](project)
  }

  /** Ends the processes that it started; what it was at is left as it is. */
  close(): void {
    this.#store.close()
  }
}
