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
}

/** A lease of a worker that was killed is over at once: time is what the simulation says. */
const leaseMs = 60_000

export class SimulatedWorker {
  readonly life: Life
  readonly #database: Database
  readonly #store: PostgresGitStore
  readonly #sync: SyncDeps
  readonly #snapshots: SnapshotDeps
  readonly #repacker: GitRepacker

  private constructor(life: Life, parts: WorkerParts, folder: string) {
    this.life = life
    const database = life.lend('db', parts.database)
    this.#database = database
    const git = new GitProgram(testSearchPath)
    this.#store = new PostgresGitStore({ database, cacheDir: path.join(folder, 'cache'), searchPath: testSearchPath })
    const store = life.lend('git', this.#store)
    const blobs = life.lend('blobs', createPostgresBlobStore(database))
    const documents = life.lend('documents', parts.documents)
    this.#snapshots = { database, objects: store, blobs, recordEvent, noReplyHost: 'skein.test' }
    const { apiUrl, gitUrl, app } = parts.github
    const tokens = new InstallationTokens({ apiUrl, readApp: async () => app })
    const remote = life.lend('remote', new GithubGitRemote({ gitUrl, git: createUntrustedGit(testSearchPath), tokens }))
    const merge = new GitTextMerge({ searchPath: testSearchPath, directory: path.join(folder, 'merge') })
    this.#repacker = new GitRepacker({ database, git, scratchDir: path.join(folder, 'repack'), reflogDays: 30 })
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
        logFault: (error) => parts.logFault(error),
      },
      secrets: { check: async () => null },
      news: NO_SYNC_NEWS,
      record: recordEvent,
      now: () => new Date(),
      random: () => 0.5,
      minIntervalMs: 0,
      publicUrl: 'http://skein.test',
    }
  }

  static async start(life: Life, parts: WorkerParts): Promise<SimulatedWorker> {
    return new SimulatedWorker(life, parts, await mkdtemp(path.join(parts.folder, 'worker-')))
  }

  /** One round of the sync job, if one is due; false when none was. */
  async sync(): Promise<boolean> {
    const row = await this.#database.onInstance((tx) => outboxQueries.claimSync(tx, leaseMs))
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
