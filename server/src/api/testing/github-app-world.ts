/** The API of the GitHub App, its installations, deliveries and the admin, over a real database and the stand-in for GitHub. */
import { randomBytes } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import { OctokitGithubAccount } from '../../adapters/github-app/octokit-github-account.ts'
import { Rejections } from '../../commands/deliveries/rejections.ts'
import type { ProjectKey } from '../../commands/event-hub.ts'
import { createShownApp } from '../../commands/github-app/app-status.ts'
import { createGithubApps } from '../../commands/github-app/github-apps.ts'
import type { GithubAppConfig } from '../../config/config.ts'
import { createSecrets } from '../../config/secrets.ts'
import { startGithub, type TestGithub } from '../../testing/world.ts'
import { adminOperationRoutes } from '../admin-operations.ts'
import { githubAppRoutes } from '../github-app.ts'
import { githubInstallationRoutes } from '../github-installations.ts'
import { webhookRoutes } from '../webhooks.ts'
import type { Answer, Browser } from './browser.ts'
import { buildWorld } from './world.ts'

export const SECRET_KEY = 'a secret key of a test, thirty-two long'
const publicUrl = 'https://skein.example.org'

export interface GithubAppWorldOptions {
  /** Takes the App of the stand-in as one of the settings. */
  isBySettings?: boolean
  /** How long a payload of the webhook may be on its way. */
  bodyMsMax?: number
  /** Another part of the same instance: its database and GitHub. */
  beside?: { test: TestDatabase; github: TestGithub }
}

/** Builds it; `now` may be moved, which the database's own clock does not follow. */
export async function createGithubAppWorld({ isBySettings = false, bodyMsMax, beside }: GithubAppWorldOptions = {}) {
  const test = beside?.test ?? (await createTestDatabase())
  const github = beside?.github ?? (await startGithub())
  const clock = { offsetMs: 0 }
  const now = () => new Date(Date.now() + clock.offsetMs)
  const db = test.database
  const settings: GithubAppConfig | null = isBySettings
    ? {
        ...github.app,
        webhookSecret: github.webhookSecret,
        client: { id: github.clientId, secret: github.clientSecret },
      }
    : null
  const { apiUrl, gitUrl: webUrl } = github
  const secrets = createSecrets(SECRET_KEY)
  const apps = createGithubApps({ sql: db.instance, secrets, settings, now })
  const account = new OctokitGithubAccount({ apiUrl, webUrl })
  const readShown = createShownApp({ account })
  const parts = { db, apps, account, readShown, secrets, publicUrl, apiUrl, webUrl, isLocal: false, now, randomBytes }
  const faults: unknown[] = []
  const logFault = (error: unknown) => void faults.push(error)
  const rejections = new Rejections({ tx: db.instance, logFault, everyMs: 10 })
  const synced: ProjectKey[] = []
  const webhooks = webhookRoutes({
    ...{ tx: db.instance, apps, rejections, onReceived: () => {} },
    ...(bodyMsMax !== undefined && { bodyMsMax }),
  })
  const world = buildWorld(test, {
    publicUrl,
    root: [webhooks],
    more: [
      githubAppRoutes(parts),
      githubInstallationRoutes(parts),
      adminOperationRoutes({ db, requestSync: async (project) => synced.push(project), logFault }),
    ],
  })
  return { ...world, db, test, github, apps, account, clock, parts, rejections, synced, publicUrl, appFaults: faults }
}

export type GithubAppWorld = Awaited<ReturnType<typeof createGithubAppWorld>>

/** A page of GitHub, as the person's browser has it: where it sends the browser on, or its text. */
export async function visitGithub(
  method: 'GET' | 'POST',
  url: string,
  form?: Record<string, string>,
): Promise<{ status: number; location: string; text: string }> {
  const answer = await fetch(url, { method, redirect: 'manual', ...(form && { body: new URLSearchParams(form) }) })
  return { status: answer.status, location: answer.headers.get('location') ?? '', text: await answer.text() }
}

/** Fills in GitHub's form for a new App; gives the address that GitHub sends the browser to. */
export async function makeAppOnGithub(
  world: GithubAppWorld,
  { action, manifest }: { action: string; manifest: string },
  name = 'Skein of the test',
): Promise<string> {
  const page = await visitGithub('POST', action, { manifest })
  const state = /name="state" value="([^"]*)"/.exec(page.text)?.[1] ?? ''
  const owner = /name="owner" value="([^"]*)"/.exec(page.text)?.[1] ?? ''
  const made = await visitGithub('POST', `${world.github.url}/settings/apps`, { manifest, state, owner, name })
  return made.location
}

/** The whole manifest flow. */
export async function makeApp(world: GithubAppWorld, admin: Browser): Promise<Answer> {
  const { body } = await admin.post('/api/v1/admin/github/app/manifest', {})
  return admin.get(await makeAppOnGithub(world, body))
}

/** Installs the App on GitHub's page, for all repositories of the account or those named; gives the address of the way back. */
export async function installOnGithub(
  world: GithubAppWorld,
  installPage: string,
  account: string,
  repositories: readonly number[] | 'all',
): Promise<string> {
  const url = new URL(installPage)
  const form = new URLSearchParams({
    account,
    state: url.searchParams.get('state') ?? '',
    selection: repositories === 'all' ? 'all' : 'selected',
  })
  for (const id of repositories === 'all' ? [] : repositories) form.append('repository', String(id))
  const answer = await fetch(`${world.github.url}${url.pathname.replace(/\/new$/, '')}`, {
    method: 'POST',
    redirect: 'manual',
    body: form,
  })
  return answer.headers.get('location') ?? ''
}
