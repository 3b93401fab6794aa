/**
 * The composition root: the one place that builds objects and hands them to each other. Tests build the same graph and override the
 * parts that they want to watch.
 */

import { randomBytes } from 'node:crypto'
import type { Database } from '@skein/db'
import { createAccounts } from './accounts/better-auth.ts'
import { createPostgresBlobStore } from './adapters/blob/postgres-blob-store.ts'
import { PostgresEventHub } from './adapters/events/postgres-event-hub.ts'
import { createApi } from './api/app.ts'
import { collabTicketRoutes } from './api/collab-tickets.ts'
import { invitationPreviewRoutes, invitationRoutes } from './api/invitations.ts'
import { instanceRoutes, meRoutes } from './api/me.ts'
import { memberRoutes } from './api/members.ts'
import { tokenRoutes } from './api/tokens.ts'
import { workspaceRoutes } from './api/workspaces.ts'
import { isSetupTokenRequired, setupToken } from './commands/accounts/setup-token.ts'
import { welcomeAccount } from './commands/accounts/welcome.ts'
import type { LiveDocuments } from './commands/live-documents.ts'
import { createProject } from './commands/projects/create-project.ts'
import type { Config } from './config/config.ts'
import type { Secrets } from './config/secrets.ts'
import type { Log } from './observability/log.ts'
import type { Metrics } from './observability/metrics.ts'
import { ownOrigins } from './policies/origins.ts'
import type { WebApplication } from './services/api.ts'
import { readTemplate } from './templates/templates.ts'

export interface ContextParts {
  readonly config: Config
  readonly version: string
  readonly database: Database
  readonly secrets: Secrets
  readonly log: Log
  readonly metrics: Metrics
}

export interface Context {
  readonly api: WebApplication
  readonly events: PostgresEventHub
  /** The token that the next sign-up must bring, or null. */
  findSetupToken(): Promise<string | null>
}

/** Builds the objects of one process. Nothing runs yet. */
export async function createContext({
  config,
  version,
  database,
  secrets,
  log,
  metrics,
}: ContextParts): Promise<Context> {
  const now = (): Date => new Date()
  const { publicUrl } = config
  const logFault = (error: unknown, about: object = {}): void => log.error({ err: error, ...about }, 'a request failed')

  const events = new PostgresEventHub(database, (error) =>
    log.warn({ err: error }, 'events of projects could not be read'),
  )
  const blobs = createPostgresBlobStore(database)
  void blobs
  void metrics
  const documents: Pick<LiveDocuments, 'disconnect'> = { disconnect: () => {} }
  const templates = { demo: await readTemplate('demo') }
  const setup = {
    sql: database.instance,
    publicUrl,
    setupToken: setupToken(secrets.keyFor('setup-token').toString('hex')),
  }

  const creating = {
    db: database,
    templates,
    imports: {
      checkUrl: (url: string) => url,
      enqueue: async () => {
        throw new Error('imports are not wired yet')
      },
    },
  }
  const accounts = createAccounts({
    pool: database.accounts,
    secret: secrets.keyFor('accounts').toString('hex'),
    publicUrl,
    ownOrigins: ownOrigins(publicUrl),
    log: (level, message) => log[level](message),
  })
  const api = createApi({
    accounts,
    tx: database.instance,
    now,
    version,
    publicUrl,
    setupToken: setup.setupToken,
    trustedProxies: config.trustProxy,
    logFault,
    welcome: (account) =>
      welcomeAccount(
        {
          db: database,
          createDemoProject: (actor, workspace) =>
            createProject(creating, workspace.id, actor, { name: 'Demo', template: 'demo' }),
          logFault,
        },
        account,
      ),
    modules: {
      open: [
        instanceRoutes({ ...setup, version, githubConfigured: config.github.app !== null }),
        invitationPreviewRoutes({ db: database, now, randomBytes }),
      ],
      signedIn: [
        meRoutes({ db: database }),
        workspaceRoutes({ db: database, events, documents }),
        memberRoutes({ db: database, events, documents }),
        invitationRoutes({ db: database, now, randomBytes, publicUrl }),
        tokenRoutes({ db: database, now, randomBytes }),
        collabTicketRoutes({ db: database, now, randomBytes }),
      ],
    },
  })
  return {
    api,
    events,
    findSetupToken: async () => ((await isSetupTokenRequired(setup)) ? setup.setupToken : null),
  }
}
