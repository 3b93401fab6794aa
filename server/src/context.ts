/**
 * The composition root: the one place that builds objects and hands them to each other. Tests build the same graph and override the
 * parts that they want to watch.
 */

import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { Database } from '@skein/db'
import { createAccounts } from './accounts/better-auth.ts'
import { createPostgresBlobStore } from './adapters/blob/postgres-blob-store.ts'
import { createDial } from './adapters/egress/dial.ts'
import { createRemoteSource } from './adapters/egress/git-remote-source.ts'
import { createUntrustedGit, type UntrustedGit } from './adapters/egress/untrusted-git.ts'
import { PostgresEventHub } from './adapters/events/postgres-event-hub.ts'
import { GitProgram } from './adapters/git/git-program.ts'
import { GitRepacker } from './adapters/git/git-repacker.ts'
import { createNewBlobs } from './adapters/git/new-blobs.ts'
import { createPackIntake } from './adapters/git/pack-intake.ts'
import { PostgresGitStore } from './adapters/git/postgres-git-store.ts'
import { GitTextMerge } from './adapters/git/text-merge.ts'
import { createHunkThreads } from './adapters/hunks/hunk-threads.ts'
import { RedisRelay } from './adapters/relay/redis-relay.ts'
import { createSearchThreads } from './adapters/search/search-threads.ts'
import { createSecretScanner } from './adapters/secret-scan/secret-threads.ts'
import { adminOperationRoutes } from './api/admin-operations.ts'
import { createApi } from './api/app.ts'
import { clientAddress } from './api/client-address.ts'
import { collabTicketRoutes } from './api/collab-tickets.ts'
import { commitRoutes } from './api/commits.ts'
import { conflictRoutes } from './api/conflicts.ts'
import { contentRoutes } from './api/content.ts'
import { eventRoutes } from './api/events.ts'
import { fileRoutes } from './api/files.ts'
import { rawFileRoutes } from './api/files-raw.ts'
import { findRoutes } from './api/find.ts'
import { githubRoutes } from './api/github.ts'
import { githubAppRoutes } from './api/github-app.ts'
import { githubInstallationRoutes } from './api/github-installations.ts'
import { invitationPreviewRoutes, invitationRoutes } from './api/invitations.ts'
import { jobRoutes } from './api/jobs.ts'
import { instanceRoutes, meRoutes } from './api/me.ts'
import { memberRoutes } from './api/members.ts'
import { projectRoutes } from './api/projects.ts'
import { secretFindingRoutes } from './api/secret-findings.ts'
import { snapshotRoutes } from './api/snapshots.ts'
import { syncOperationRoutes } from './api/sync-operations.ts'
import { tokenRoutes } from './api/tokens.ts'
import { workspaceRoutes } from './api/workspaces.ts'
import { MACHINE_CLOCK } from './collab/clock.ts'
import { type Collab, type CollabDeps, createCollab } from './collab/collab.ts'
import { NO_RELAY } from './collab/relay.ts'
import { isSetupTokenRequired, type SetupDeps, setupToken } from './commands/accounts/setup-token.ts'
import { type WelcomeDeps, welcomeAccount } from './commands/accounts/welcome.ts'
import type { BlobStore } from './commands/blob-store.ts'
import type { ProjectKey } from './commands/event-hub.ts'
import { requestSync } from './commands/github/change-link.ts'
import type { LinkDeps } from './commands/github/link-project.ts'
import { readGithubStatus } from './commands/github/read-status.ts'
import { Viewers } from './commands/github/viewers.ts'
import { importPackBytesMax, importTimeMaxMs } from './commands/import/import-limits.ts'
import { createImports } from './commands/import/request-import.ts'
import { type CreateProjectDeps, createProject } from './commands/projects/create-project.ts'
import { type PullDeps, resumePull } from './commands/pull/pull-project.ts'
import { PushTurns } from './commands/receive/turns.ts'
import { FindSecrets } from './commands/secrets/find-secrets.ts'
import { type SnapshotDeps, takeSnapshot } from './commands/snapshot/snapshot.ts'
import type { Config } from './config/config.ts'
import type { Secrets } from './config/secrets.ts'
import { buildDeliveries, buildGithub, buildGithubApp, buildWebhooks, type GithubAppParts } from './context-github.ts'
import { createGitDoor } from './git-http/git-door.ts'
import { CompactionLoop } from './jobs/compact.ts'
import { CompactionThread } from './jobs/compact-thread.ts'
import { createImportJob } from './jobs/import.ts'
import { JobLoop } from './jobs/job-loop.ts'
import { PullLoop } from './jobs/pull-loop.ts'
import { RepackLoop } from './jobs/repack-loop.ts'
import { SnapshotLoop } from './jobs/snapshot.ts'
import { SyncLoop } from './jobs/sync-loop.ts'
import { createDocumentNews, type DocumentNews } from './observability/document-news.ts'
import type { Log } from './observability/log.ts'
import type { Metrics } from './observability/metrics.ts'
import { createSyncNews } from './observability/sync-metrics.ts'
import { ownOrigins } from './policies/origins.ts'
import type { WebApplication } from './services/api.ts'
import type { HttpDoor } from './services/http.ts'
import type { BackgroundWork } from './services/worker.ts'
import { readTemplate } from './templates/templates.ts'

export interface ContextParts {
  readonly config: Config
  readonly version: string
  readonly database: Database
  readonly secrets: Secrets
  /** False while a node that is to be alone does not know that it is: another one may be serving. */
  mayCommit(): boolean
  readonly log: Log
  readonly metrics: Metrics
  readonly overrides?: ContextOverrides
}

/** What a test may break or watch. */
export interface ContextOverrides {
  readonly failpoints?: NonNullable<CollabDeps['failpoints']>
}

export interface Context {
  readonly api: WebApplication
  readonly git: HttpDoor
  readonly collab: Collab
  readonly events: PostgresEventHub
  /** The way to other nodes; null: there are none. */
  readonly relay: { readonly isConnected: boolean } | null
  readonly works: readonly BackgroundWork[]
  /** The token that the next sign-up must bring, or null. */
  findSetupToken(): Promise<string | null>
}

/** Left free on the disk by an import, for the database and everything else. */
const freeDiskBytesMin = 512 * 1024 * 1024

const now = (): Date => new Date()

/** By Skein itself; a snapshot that somebody asked for is not waited for. */
const atQuietMoment = { by: null, message: null, waitMs: 0 }

/** Builds the objects of one process. Nothing runs yet. */
export async function createContext(parts: ContextParts): Promise<Context> {
  const core = await buildCore(parts)
  const { database: db, collab, events, relay, git, gitProgram, untrustedGit, setup, logFault } = core
  const merging = buildMerging(core)
  const receiving = { ...merging, intake: createPackIntake(untrustedGit), turns: new PushTurns() }
  return {
    api: buildApi(core),
    git: createGitDoor({ db, store: git, git: gitProgram, receiving, now, logFault }),
    collab,
    events,
    relay,
    works: buildWorks(core, merging),
    findSetupToken: async () => ((await isSetupTokenRequired(setup)) ? setup.setupToken : null),
  }
}

/** What is built once and asked for by both the API and the work in the background. */
interface Core extends ContextParts {
  readonly logFault: (error: unknown, about?: object) => void
  readonly events: PostgresEventHub
  readonly relay: RedisRelay | null
  readonly news: DocumentNews
  readonly collab: Collab
  readonly blobs: BlobStore
  readonly git: PostgresGitStore
  readonly gitProgram: GitProgram
  readonly untrustedGit: UntrustedGit
  readonly snapshots: SnapshotDeps
  readonly githubApp: GithubAppParts
  readonly github: ReturnType<typeof buildGithub>
  readonly links: LinkDeps
  readonly setup: SetupDeps
  readonly creating: CreateProjectDeps
}

async function buildCore(parts: ContextParts): Promise<Core> {
  const { config, database, secrets, log, metrics, overrides } = parts
  const { publicUrl, searchPath } = config
  const events = new PostgresEventHub(database, (error) => log.warn({ err: error }, 'events could not be read'))
  const blobs = createPostgresBlobStore(database)
  const git = new PostgresGitStore({ database, cacheDir: path.join(config.dataDir, 'cache/repositories'), searchPath })
  const untrustedGit = createUntrustedGit(searchPath)
  const relay = createRelay(parts)
  const news = createDocumentNews(log, metrics)
  const githubApp = buildGithubApp(parts)
  const github = buildGithub(parts, githubApp, untrustedGit)
  const links = {
    ...{ db: database, api: github.api, record: events.record, isLocal: config.isLocal },
    hasApp: githubApp.apps.exists,
  }
  return {
    ...parts,
    logFault: (error, about = {}) => log.error({ err: error, ...about }, 'something failed'),
    events,
    relay,
    news,
    collab: createCollab({
      db: database,
      events,
      relay: relay ?? NO_RELAY,
      onRepaired: news.repaired,
      log,
      metrics,
      ownOrigins: ownOrigins(publicUrl),
      mayCommit: parts.mayCommit,
      hunks: createHunkThreads(),
      addressOf: ({ socket, headers }) =>
        clientAddress(socket.remoteAddress, headers['x-forwarded-for']?.toString(), config.trustProxy),
      now,
      ...(overrides?.failpoints && { failpoints: overrides.failpoints }),
    }),
    blobs,
    git,
    gitProgram: new GitProgram(searchPath),
    untrustedGit,
    snapshots: {
      database,
      objects: git,
      blobs,
      recordEvent: events.record,
      noReplyHost: new URL(publicUrl).hostname,
      onRepaired: news.repaired,
    },
    githubApp,
    github,
    links,
    setup: { sql: database.instance, publicUrl, setupToken: setupToken(secrets.keyFor('setup-token').toString('hex')) },
    creating: {
      db: database,
      templates: { demo: await readTemplate('demo') },
      imports: createImports(config.gitTrustedHosts),
      links,
    },
  }
}

/** Nodes that share a secret key are one Skein; another one on the same Redis has another prefix. */
function createRelay({ config, secrets, log, metrics }: ContextParts): RedisRelay | null {
  if (config.redisUrl === null) return null
  const prefix = `skein:${secrets.keyFor('relay').toString('base64url').slice(0, 16)}`
  return new RedisRelay({ url: config.redisUrl, prefix, log, metrics, clock: MACHINE_CLOCK })
}

function buildApi(core: Core): WebApplication {
  const { config, version, database: db, secrets, log, logFault, events, collab, blobs, git, snapshots } = core
  const { setup, creating, links, githubApp } = core
  const { publicUrl } = config
  const documents = collab.liveDocuments
  const writing = { db, record: events.record, documents, blobs }
  const invitations = { db, now, randomBytes, publicUrl }
  const githubStatus = (project: ProjectKey) =>
    db.inWorkspace(project.workspaceId, (tx) => readGithubStatus(tx, project.projectId), { readOnly: true })
  const welcoming: WelcomeDeps = {
    db,
    createDemoProject: (actor, workspace) =>
      createProject(creating, workspace.id, actor, { name: 'Demo', template: 'demo' }),
    logFault,
  }
  const webhooks = buildWebhooks(core, githubApp, logFault)
  return createApi({
    accounts: createAccounts({
      pool: db.accounts,
      secret: secrets.keyFor('accounts').toString('hex'),
      publicUrl,
      ownOrigins: ownOrigins(publicUrl),
      log: (level, message) => log[level](message),
    }),
    tx: db.instance,
    now,
    version,
    publicUrl,
    setupToken: setup.setupToken,
    trustedProxies: config.trustProxy,
    logFault,
    welcome: (account) => welcomeAccount(welcoming, account),
    modules: {
      root: [webhooks],
      open: [
        webhooks,
        instanceRoutes({ ...setup, version, githubConfigured: githubApp.apps.exists }),
        invitationPreviewRoutes(invitations),
      ],
      signedIn: [
        meRoutes({ db }),
        workspaceRoutes({ db, events }),
        memberRoutes({ db, events }),
        invitationRoutes(invitations),
        tokenRoutes({ db, now, randomBytes }),
        collabTicketRoutes({ db, now, randomBytes }),
        projectRoutes({ ...creating, ...writing, publicUrl, githubStatus }),
        fileRoutes(writing),
        contentRoutes(writing),
        findRoutes({ db, documents, searchers: createSearchThreads() }),
        rawFileRoutes({ ...writing, git }),
        snapshotRoutes({ db, snapshots }),
        commitRoutes({ db, objects: git }),
        eventRoutes({ db, events, logFault, noteViewer: new Viewers(db, events.record, logFault).note }),
        jobRoutes({ db, record: events.record, logFault }),
        secretFindingRoutes({ db, record: events.record }),
        githubRoutes(links),
        conflictRoutes({ ...writing, git }),
        syncOperationRoutes(links),
        githubAppRoutes(githubApp),
        githubInstallationRoutes(githubApp),
        adminOperationRoutes({ db, requestSync: (project) => requestSync(links, project), logFault }),
      ],
    },
  })
}

/** How what was committed elsewhere comes into the live documents. */
function buildMerging({ config, database: db, git, snapshots, collab, logFault }: Core): Omit<PullDeps, 'remote'> {
  const directory = path.join(config.dataDir, 'cache/merges')
  const merge = new GitTextMerge({ searchPath: config.searchPath, directory })
  return { db, git, snapshot: snapshots, documents: collab.liveDocuments, merge, logFault }
}

function buildWorks(core: Core, merging: Omit<PullDeps, 'remote'>): BackgroundWork[] {
  const { config, database: db, logFault, news, events, git, gitProgram, untrustedGit, snapshots } = core
  const { dataDir, gitTrustedHosts: trustedHosts } = config
  const remotes = createRemoteSource({
    scratchDir: path.join(dataDir, 'cache/imports'),
    git: untrustedGit,
    localGit: gitProgram,
    dial: createDial(),
    trustedHosts,
    bytesMax: importPackBytesMax,
    timeMaxMs: importTimeMaxMs,
    freeBytesMin: freeDiskBytesMin,
  })
  const importing = createImportJob({ db, git, remotes, record: events.record, trustedHosts })
  const works: BackgroundWork[] = [
    new JobLoop({ db, record: events.record, handlers: { import: importing }, logFault }),
    new SnapshotLoop({
      database: db,
      snapshot: (project) => takeSnapshot(snapshots, project, atQuietMoment),
      quietMs: config.snapshotQuietMs,
      maxAgeMs: config.snapshotMaxAgeMs,
      logFault,
    }),
    new RepackLoop({
      db,
      repacker: new GitRepacker({
        database: db,
        git: gitProgram,
        scratchDir: path.join(dataDir, 'cache/repack'),
        reflogDays: 30,
      }),
      onReport: ({ projectId }, report) => {
        if (report.outcome === 'packed') core.log.info({ project: projectId, ...report }, 'packs joined')
      },
      logFault,
    }),
    buildDeliveries(core, core.githubApp, logFault),
    buildSync(core, merging),
    new PullLoop({ db, resume: (project, signal) => resumePull(merging, project, signal), logFault }),
    new CompactionLoop({ db, thread: new CompactionThread(db.address), onReport: news.compacted, logFault }),
  ]
  return works
}

/** What keeps linked projects and GitHub together. */
function buildSync(core: Core, merging: Omit<PullDeps, 'remote'>): SyncLoop {
  const { config, database: db, secrets, metrics, logFault, events, git, gitProgram, github } = core
  const { remote, api } = github
  return new SyncLoop({
    db,
    git,
    remote,
    api,
    pull: { ...merging, remote },
    secrets: new FindSecrets({
      db,
      git,
      blobs: createNewBlobs(gitProgram),
      scanner: createSecretScanner(),
      hashKey: secrets.keyFor('secret-findings'),
    }),
    news: createSyncNews(metrics),
    record: events.record,
    now,
    random: Math.random,
    minIntervalMs: config.pushMinIntervalMs,
    publicUrl: config.publicUrl,
    logFault,
  })
}
