/** Making the GitHub App from the admin page, and removing it. */
import { githubAppQueries } from '@skein/db'
import { type GithubManifest, Refusal } from '@skein/protocol'
import type { Secrets } from '../../config/secrets.ts'
import type { Actor } from '../../policies/actor.ts'
import type { GithubAccount, MadeApp } from './github-account.ts'
import { type GithubApps, sealedFor } from './github-apps.ts'
import { beginWay, endWay, type WayDeps } from './github-way.ts'
import { requireInstanceAdmin } from './instance-admin.ts'
import { makeManifest } from './manifest.ts'
import { valueOrRefuse } from './refuse-failure.ts'

export interface MakeAppDeps extends WayDeps {
  apps: GithubApps
  account: GithubAccount
  secrets: Pick<Secrets, 'seal'>
  publicUrl: string
  apiUrl: string
  /** GITHUB_GIT_URL: GitHub's pages have the same address. */
  webUrl: string
}

/** What the admin's browser posts to GitHub. */
export async function beginApp(
  deps: MakeAppDeps,
  actor: Actor,
  { organization }: { organization?: string | undefined },
): Promise<GithubManifest> {
  await requireInstanceAdmin(deps.db.instance, actor)
  await refuseSecond(deps)
  const state = await beginWay(deps, {
    kind: 'manifest',
    userId: actor.userId,
    workspaceId: null,
    installationId: null,
  })
  const owner = organization === undefined ? '' : `organizations/${encodeURIComponent(organization)}/`
  return {
    action: `${deps.webUrl}/${owner}settings/apps/new?state=${encodeURIComponent(state)}`,
    manifest: makeManifest(deps),
  }
}

/** The browser has come back with GitHub's code: the App is fetched and kept. */
export async function finishApp(
  deps: MakeAppDeps,
  actor: Actor,
  { code, state }: { code: string; state: string },
  signal: AbortSignal,
): Promise<void> {
  await endWay(deps, 'manifest', state, actor)
  await requireInstanceAdmin(deps.db.instance, actor)
  await refuseSecond(deps)
  const made = valueOrRefuse(await deps.account.makeApp(code, signal), 'The new GitHub App')
  const row = sealApp(deps.secrets, made)
  if (!(await githubAppQueries.insertGithubApp(deps.db.instance, row, actor.userId))) throw hasApp()
  deps.apps.forget()
}

/** Forgets the App, whose name was typed. On GitHub it stays until somebody deletes it there. */
export async function removeApp(deps: MakeAppDeps, actor: Actor, name: string): Promise<void> {
  await requireInstanceAdmin(deps.db.instance, actor)
  // One whose secrets do not open any more is removed too.
  if (deps.apps.isBySettings) throw bySettings()
  if (!(await githubAppQueries.deleteGithubApp(deps.db.instance, name))) {
    throw new Refusal('not-found', `There is no GitHub App with the name “${name}” here.`, {
      hint: 'Type the name as it is shown.',
    })
  }
  deps.apps.forget()
}

/** The App as it is kept: its secrets sealed, each for its column of this App. */
export function sealApp(secrets: Pick<Secrets, 'seal'>, made: MadeApp): githubAppQueries.GithubAppRow {
  const { id, slug, name, htmlUrl, privateKey, webhookSecret, client } = made
  return {
    appId: id,
    slug,
    name,
    htmlUrl,
    privateKey: secrets.seal(privateKey, sealedFor(id, 'private_key')),
    webhookSecret: webhookSecret === null ? null : secrets.seal(webhookSecret, sealedFor(id, 'webhook_secret')),
    clientId: client.id,
    clientSecret: secrets.seal(client.secret, sealedFor(id, 'client_secret')),
  }
}

async function refuseSecond({ apps, db }: MakeAppDeps): Promise<void> {
  const app = await apps.read()
  if (app?.source === 'settings') throw bySettings()
  if ((await githubAppQueries.findGithubApp(db.instance)) !== null) throw hasApp()
}

const hasApp = (): Refusal =>
  new Refusal('already-linked', 'This Skein has a GitHub App already.', { hint: 'Remove it first.' })

const bySettings = (): Refusal =>
  new Refusal('already-linked', 'The GitHub App of this Skein is named by its settings, and those win.', {
    hint: 'The operator takes GITHUB_APP_ID and what belongs to it out of the settings and starts Skein again.',
  })
