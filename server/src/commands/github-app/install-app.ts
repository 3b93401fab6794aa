/**
 * How an installation of the App comes to a workspace. What GitHub puts into an address proves nothing: anybody can write a number. So the person
 * who comes back is asked about as themself, and must be allowed to write to everything that the installation reaches, because from then on the
 * workspace can. The admin of the instance, and whoever runs Skein on their own machine, may name an installation without that.
 */
import { installationQueries, outboxQueries } from '@skein/db'
import { Refusal, type WorkspaceId } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { requireWorkspace } from '../access.ts'
import { type createShownApp, installPage } from './app-status.ts'
import type { GithubAccount, Proof } from './github-account.ts'
import type { GithubApp, GithubApps } from './github-apps.ts'
import { beginWay, endWay, type WayDeps } from './github-way.ts'
import { isInstanceAdmin } from './instance-admin.ts'
import { installedUrl } from './manifest.ts'
import { notConfigured, valueOrRefuse } from './refuse-failure.ts'

export interface InstallDeps extends WayDeps {
  apps: GithubApps
  account: GithubAccount
  readShown: ReturnType<typeof createShownApp>
  publicUrl: string
  webUrl: string
  /** Whoever reaches this instance is trusted with its installations: it answers on localhost only. */
  isLocal: boolean
}

/** Where the browser goes: GitHub's page of the App; with a number, straight to the proof. */
export async function beginInstall(
  deps: InstallDeps,
  workspaceId: WorkspaceId,
  actor: Actor,
  installationId: number | null,
  signal: AbortSignal,
): Promise<string> {
  const app = await readApp(deps)
  if (installationId !== null) {
    await refuseForeign(deps, installationId, workspaceId)
    return proofPage(deps, app, { workspaceId, actor, installationId })
  }
  const shown = valueOrRefuse(await deps.readShown(app, signal), 'The GitHub App')
  const state = await beginWay(deps, { kind: 'install', userId: actor.userId, workspaceId, installationId: null })
  return `${installPage(deps.webUrl, shown)}?state=${encodeURIComponent(state)}`
}

export interface InstallReturn {
  state: string
  code?: string | undefined
  installationId?: number | undefined
  /** `request`: an owner of the organisation has to allow it first. */
  setupAction?: string | undefined
}

/** Where the browser goes next: to our page of the workspace, or to GitHub once more for the proof. */
export type InstallStep =
  | { next: 'bound'; workspaceId: WorkspaceId }
  | { next: 'requested'; workspaceId: WorkspaceId }
  | { next: 'prove'; url: string }

/** The browser has come back from GitHub. */
export async function continueInstall(
  deps: InstallDeps,
  actor: Actor,
  given: InstallReturn,
  signal: AbortSignal,
): Promise<InstallStep> {
  const way = await endWay(deps, 'install', given.state, actor)
  const workspaceId = way.workspaceId as WorkspaceId
  // Rights may have gone while the person was away.
  await requireWorkspace(deps.db.instance, actor, workspaceId, 'link-github')
  const installationId = way.installationId ?? given.installationId ?? null
  if (installationId === null) {
    if (given.setupAction === 'request') return { next: 'requested', workspaceId }
    throw new Refusal('invalid-request', 'GitHub did not say which installation this is about.', {
      hint: 'Begin again from the settings of the workspace.',
    })
  }
  const app = await readApp(deps)
  await refuseForeign(deps, installationId, workspaceId)
  if (given.code === undefined) {
    if (!(await mayClaim(deps, actor))) {
      return { next: 'prove', url: await proofPage(deps, app, { workspaceId, actor, installationId }) }
    }
    await bind(deps, app, { workspaceId, installationId, actor }, signal)
    return { next: 'bound', workspaceId }
  }
  const redirectUrl = installedUrl(deps.publicUrl)
  const proof = await deps.account.prove(app, { code: given.code, redirectUrl }, installationId, signal)
  refuseUnproven(valueOrRefuse(proof, 'The GitHub App'))
  await bind(deps, app, { workspaceId, installationId, actor }, signal)
  return { next: 'bound', workspaceId }
}

/** Binds an installation without GitHub's word on the person, for those who are trusted with all of them. */
export async function claimInstallation(
  deps: InstallDeps,
  workspaceId: WorkspaceId,
  actor: Actor,
  installationId: number,
  signal: AbortSignal,
): Promise<void> {
  if (!(await mayClaim(deps, actor))) {
    throw new Refusal(
      'forbidden',
      'Only the admin of this Skein can name an installation; others show that it is theirs.',
      {
        hint: 'Use “Connect GitHub” in the settings of the workspace.',
      },
    )
  }
  await bind(deps, await readApp(deps), { workspaceId, installationId, actor }, signal)
}

/** Whether the person is trusted with all installations of the App. */
const mayClaim = async ({ isLocal, db }: InstallDeps, actor: Actor): Promise<boolean> =>
  isLocal || isInstanceAdmin(db.instance, actor)

interface Binding {
  workspaceId: WorkspaceId
  installationId: number
  actor: Actor
}

async function bind(
  { db, account }: InstallDeps,
  app: GithubApp,
  { workspaceId, installationId, actor }: Binding,
  signal: AbortSignal,
): Promise<void> {
  const facts = valueOrRefuse(await account.readInstallation(app, installationId, signal), 'The installation')
  await db.inWorkspace(workspaceId, async (tx) => {
    if (!(await installationQueries.bindInstallation(tx, installationId, workspaceId, actor.userId))) throw taken()
    await installationQueries.updateInstallation(tx, installationId, facts)
    const { account: name } = facts
    const projects = await installationQueries.succeedInstallations(tx, installationId, workspaceId, name)
    for (const project of projects) await outboxQueries.askCheck(tx, project, { reason: 'installation', isDeep: true })
  })
}

/** GitHub's page that sends the person back with a code of theirs; who has agreed before only sees it flash by. */
async function proofPage(deps: InstallDeps, app: GithubApp, { workspaceId, actor, installationId }: Binding) {
  if (app.client === null) {
    throw new Refusal('github-not-configured', 'Nobody can show here that an installation on GitHub is theirs.', {
      hint: 'The operator sets GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, or the admin of this Skein names the installation.',
    })
  }
  const state = await beginWay(deps, { kind: 'install', userId: actor.userId, workspaceId, installationId })
  const query = new URLSearchParams({
    client_id: app.client.id,
    redirect_uri: installedUrl(deps.publicUrl),
    state,
    allow_signup: 'false',
  })
  return `${deps.webUrl}/login/oauth/authorize?${query}`
}

async function refuseForeign({ db }: InstallDeps, installationId: number, workspaceId: WorkspaceId): Promise<void> {
  const known = await installationQueries.findInstallation(db.instance, installationId)
  if (known !== null && known.workspaceId !== workspaceId) throw taken()
}

async function readApp({ apps }: InstallDeps): Promise<GithubApp> {
  const app = await apps.read()
  if (app === null) throw notConfigured()
  return app
}

function refuseUnproven(proof: Proof): void {
  switch (proof) {
    case 'proven':
      return
    case 'partly':
      throw new Refusal('forbidden', 'You may not write to everything on GitHub that this installation reaches.', {
        hint: 'Let an owner of the organisation connect it, or have them choose fewer repositories for the App.',
      })
    case 'not-theirs':
      throw new Refusal('forbidden', 'GitHub does not show this installation to you, so it cannot be connected.', {
        hint: 'Sign in on GitHub as somebody who may, and connect it again.',
      })
    case 'wrong-code':
      throw new Refusal('forbidden', 'GitHub does not accept the code of this sign-in any more.', {
        hint: 'Begin again from the settings of the workspace.',
      })
  }
}

const taken = (): Refusal =>
  new Refusal('forbidden', 'This installation of the GitHub App is used by another workspace.', {
    hint: 'Link the project from that workspace, or install the App for another account.',
  })
