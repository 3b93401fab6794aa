/** The API over a real database, with recorders in place of sockets, for tests of accounts and tenancy. */
import { randomBytes } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import type { ProjectId, WorkspaceId } from '@skein/protocol'
import { createAccounts, type Passwords } from '../../accounts/better-auth.ts'
import { setupToken } from '../../commands/accounts/setup-token.ts'
import { welcomeAccount } from '../../commands/accounts/welcome.ts'
import type { EventHub } from '../../commands/event-hub.ts'
import { hashSecret } from '../../commands/tokens/token-text.ts'
import { ownOrigins } from '../../policies/origins.ts'
import { type ApiDeps, createApi } from '../app.ts'
import { collabTicketRoutes } from '../collab-tickets.ts'
import type { ApiRoutes } from '../env.ts'
import { invitationPreviewRoutes, invitationRoutes } from '../invitations.ts'
import { instanceRoutes, meRoutes } from '../me.ts'
import { memberRoutes } from '../members.ts'
import { tokenRoutes } from '../tokens.ts'
import { workspaceRoutes } from '../workspaces.ts'
import { Browser, withToken } from './browser.ts'

export const PASSWORD = 'correct horse battery'

/** Passwords that cost nothing, so that tests may sign up as many people as they like. */
const CHEAP: Passwords = {
  hash: async (password) => `cheap:${hashSecret(password).toString('hex')}`,
  verify: async ({ hash, password }) => hash === `cheap:${hashSecret(password).toString('hex')}`,
}

export interface WorldOptions extends Partial<Pick<ApiDeps, 'actorLimit' | 'trustedProxies'>> {
  publicUrl?: string
  /** Moves the clock of the API; the database keeps its own. */
  now?: () => Date
  more?: readonly ApiRoutes[]
  /** Reached without signing in, with addresses of their own. */
  root?: readonly ApiRoutes[]
  /** Absent: cheap ones. */
  passwords?: Passwords
  /** Absent: what would be told is forgotten. */
  events?: Pick<EventHub, 'record'>
}

/** Builds the API on a database of its own. */
export async function createWorld(options: WorldOptions = {}) {
  const test = await createTestDatabase()
  return buildWorld(test, options)
}

/** Builds the API on a database that is there. */
export function buildWorld(
  test: TestDatabase,
  {
    publicUrl = 'http://localhost:3000',
    now = () => new Date(),
    more = [],
    root = [],
    events = { record: async () => {} },
    passwords = CHEAP,
    ...rest
  }: WorldOptions = {},
) {
  const { database: db } = test
  const secret = 'a secret key of a test, thirty-two long'
  const faults: unknown[] = []
  const own = ownOrigins(publicUrl)
  const accounts = createAccounts({
    pool: db.accounts,
    secret,
    publicUrl,
    ownOrigins: own,
    log: (_, message) => faults.push(message),
    passwords,
  })
  const setup = { sql: db.instance, publicUrl, setupToken: setupToken(secret) }
  const createDemoProject = async (_: unknown, { id }: { id: WorkspaceId }): Promise<{ id: ProjectId }> => {
    const rows = await test.ask<{ id: ProjectId }>(
      `insert into project (workspace_id, slug, name, source, created_by) values ($1, 'demo', 'Demo', 'template', 'skein') returning id`,
      [id],
    )
    return rows[0] as { id: ProjectId }
  }
  const shared = { db, now, randomBytes, publicUrl }
  const app = createApi({
    ...rest,
    accounts,
    tx: db.instance,
    now,
    version: '0.0.0-test',
    publicUrl,
    trustedProxies: rest.trustedProxies ?? [],
    setupToken: setup.setupToken,
    welcome: (account) => welcomeAccount({ db, createDemoProject, logFault: (error) => faults.push(error) }, account),
    logFault: (error) => faults.push(error),
    modules: {
      root,
      open: [
        ...root,
        instanceRoutes({ ...setup, version: '0.0.0-test', githubConfigured: async () => false }),
        invitationPreviewRoutes(shared),
      ],
      signedIn: [
        meRoutes({ db }),
        workspaceRoutes({ db, events }),
        memberRoutes({ db, events }),
        invitationRoutes(shared),
        tokenRoutes(shared),
        collabTicketRoutes(shared),
        ...more,
      ],
    },
  })

  /** Signs up a person in a new browser. */
  const person = async (name: string) => {
    const browser = new Browser(app, publicUrl)
    const email = `${name.toLowerCase()}@example.org`
    const answer = await browser.post('/api/auth/sign-up/email', {
      name,
      email,
      password: PASSWORD,
      setupToken: setup.setupToken,
    })
    if (answer.status !== 200) throw new Error(`Sign-up of ${name} failed: ${JSON.stringify(answer.body)}`)
    return {
      browser,
      email,
      userId: answer.body.user.id as string,
      workspace: answer.body.workspace,
      projectId: answer.body.projectId as string,
    }
  }
  const program = async (browser: Browser, terms: Record<string, unknown> = {}) => {
    const { body } = await browser.post('/api/v1/tokens', { name: 'a program', ...terms })
    return { id: body.id as string, token: body.token as string, send: withToken(app, body.token, publicUrl) }
  }
  return {
    ...test,
    app,
    accounts,
    faults,
    setupToken: setup.setupToken,
    person,
    program,
    browser: () => new Browser(app, publicUrl),
  }
}
