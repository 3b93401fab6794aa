/** The installations of a workspace, and the repositories that they reach. */
import { installationQueries } from '@skein/db'
import { type GithubInstallation, type GithubRepositoryChoice, Refusal, type WorkspaceId } from '@skein/protocol'
import type { GithubAccount, RepositoryFacts } from './github-account.ts'
import type { GithubApp } from './github-apps.ts'
import type { InstallDeps } from './install-app.ts'
import { notConfigured, refuseFailure, valueOrRefuse } from './refuse-failure.ts'

export type InstallationDeps = Pick<InstallDeps, 'db' | 'apps' | 'account' | 'webUrl'>

/** GitHub's pages that are read for one answer; each has 100 repositories and is one call. */
const pagesMax = 10
/** Installations that GitHub is asked about for one list. */
const askedAtOnceMax = 10

/** By account. Of those that came with a link GitHub is asked once whose they are; while it does not answer their number stands for the name. */
export async function listInstallations(
  deps: InstallationDeps,
  workspaceId: WorkspaceId,
  signal: AbortSignal,
): Promise<GithubInstallation[]> {
  const { db, webUrl } = deps
  const rows = await installationQueries.listInstallations(db.instance, workspaceId)
  const unknown = rows.filter(({ account }) => account === null).slice(0, askedAtOnceMax)
  if (unknown.length === 0) return rows.map((row) => toInstallation(row, webUrl))
  await Promise.all(unknown.map(({ installationId }) => learnInstallation(deps, installationId, signal)))
  const known = await installationQueries.listInstallations(db.instance, workspaceId)
  return known.map((row) => toInstallation(row, webUrl))
}

async function learnInstallation(
  { db, apps, account }: InstallationDeps,
  installationId: number,
  signal: AbortSignal,
): Promise<void> {
  const app = await apps.read()
  const answer = app && (await account.readInstallation(app, installationId, signal))
  if (answer?.ok) await installationQueries.updateInstallation(db.instance, installationId, answer.value)
}

/** Takes an installation out of the workspace; on GitHub it stays. */
export async function releaseInstallation(
  { db }: InstallationDeps,
  workspaceId: WorkspaceId,
  installationId: number,
): Promise<void> {
  await requireInstallation({ db }, workspaceId, installationId)
  const isFree = await db.inWorkspace(workspaceId, (tx) =>
    installationQueries.unbindInstallation(tx, installationId, workspaceId),
  )
  if (isFree) return
  throw new Refusal('already-linked', 'A project is linked to a repository of this installation.', {
    hint: 'Unlink it first.',
  })
}

/** Where a search goes on: page of GitHub, and how many of its repositories were looked at. */
export interface RepositoryPlace {
  page: number
  skip: number
}

export interface RepositoryPage {
  items: GithubRepositoryChoice[]
  /** Null: there are no more. */
  next: RepositoryPlace | null
}

/**
 * Repositories whose name contains `query`, in GitHub's order. GitHub has no search for this, so its pages are read, ten at most: a page of ours
 * may be short, or empty, and have another one after it.
 */
export async function listRepositories(
  deps: InstallationDeps,
  workspaceId: WorkspaceId,
  {
    installationId,
    query,
    from,
    limit,
  }: { installationId: number; query: string; from: RepositoryPlace; limit: number },
  signal: AbortSignal,
): Promise<RepositoryPage> {
  await requireInstallation(deps, workspaceId, installationId)
  const app = await readApp(deps)
  const wanted = query.toLowerCase()
  const found: RepositoryFacts[] = []
  const finish = (next: RepositoryPlace | null) => addLinks(deps, workspaceId, found, next)
  let { page, skip } = from
  for (let read = 0; read < pagesMax; read += 1) {
    const answer = await deps.account.listRepositories(app, installationId, page, signal)
    const { repositories, isLast } = valueOrRefuse(answer, 'The installation')
    for (const [at, repository] of repositories.entries()) {
      if (at < skip || !repository.fullName.toLowerCase().includes(wanted)) continue
      if (found.length === limit) return finish({ page, skip: at })
      found.push(repository)
    }
    if (isLast) return finish(null)
    page += 1
    skip = 0
  }
  return finish({ page, skip })
}

/** Makes a repository in the organisation of the installation. */
export async function createRepository(
  deps: InstallationDeps,
  workspaceId: WorkspaceId,
  installationId: number,
  wanted: Parameters<GithubAccount['createRepository']>[2],
  signal: AbortSignal,
): Promise<GithubRepositoryChoice> {
  const row = await requireInstallation(deps, workspaceId, installationId)
  const app = await readApp(deps)
  const { account: organization, accountKind } = await knowAccount(deps, app, row, signal)
  if (accountKind === 'User') {
    throw makeItThere(`GitHub lets no App make a repository for a person.`, `${deps.webUrl}/new`, wanted.name)
  }
  const page = `${deps.webUrl}/organizations/${encodeURIComponent(organization)}/repositories/new`
  const answer = await deps.account.createRepository(app, { installationId, organization }, wanted, signal)
  if (answer.ok) {
    const { items } = await addLinks(deps, workspaceId, [answer.value], null)
    return items[0] as GithubRepositoryChoice
  }
  const { failure } = answer
  if (failure.kind === 'forbidden' || failure.kind === 'not-found') {
    throw makeItThere(`The GitHub App may not make repositories in ${organization}.`, page, wanted.name)
  }
  if (failure.kind === 'declined') {
    throw new Refusal('github-refused', `GitHub did not make the repository (${failure.detail}).`, {
      hint: 'Choose another name.',
      details: { reason: 'github-declined' },
    })
  }
  throw refuseFailure(failure, organization)
}

function makeItThere(why: string, url: string, name: string): Refusal {
  const page = `${url}?name=${encodeURIComponent(name)}`
  return new Refusal('github-refused', `${why} Make it on GitHub, give the App access to it, and choose it here.`, {
    hint: `Open ${page}`,
    details: { reason: 'make-it-there', url: page },
  })
}

async function addLinks(
  { db }: InstallationDeps,
  workspaceId: WorkspaceId,
  repositories: readonly RepositoryFacts[],
  next: RepositoryPlace | null,
): Promise<RepositoryPage> {
  const ids = repositories.map(({ repositoryId }) => repositoryId)
  const links = await db.inWorkspace(workspaceId, (tx) => installationQueries.listProjectsOfRepositories(tx, ids), {
    readOnly: true,
  })
  const items = repositories.map(({ htmlUrl, ...repository }) => ({
    ...repository,
    url: htmlUrl,
    linked: links
      .filter(({ repositoryId }) => repositoryId === repository.repositoryId)
      .map(({ id, name, directory, branch }) => ({ id, name, directory, branch })),
  }))
  return { items, next }
}

/** The account behind the installation; one that came before accounts were noted is asked about. */
async function knowAccount(
  { db, account }: InstallationDeps,
  app: GithubApp,
  row: installationQueries.InstallationRow,
  signal: AbortSignal,
): Promise<Pick<installationQueries.InstallationFacts, 'account' | 'accountKind'>> {
  if (row.account !== null && row.accountKind !== null) return { account: row.account, accountKind: row.accountKind }
  const facts = valueOrRefuse(await account.readInstallation(app, row.installationId, signal), 'The installation')
  await installationQueries.updateInstallation(db.instance, row.installationId, facts)
  return facts
}

/** The installation, when it is this workspace's; else the same refusal as for one that never was. */
async function requireInstallation(
  { db }: Pick<InstallationDeps, 'db'>,
  workspaceId: WorkspaceId,
  installationId: number,
): Promise<installationQueries.InstallationRow> {
  const row = await installationQueries.findInstallation(db.instance, installationId)
  if (row !== null && row.workspaceId === workspaceId && row.removedAt === null) return row
  throw new Refusal('not-found', 'This workspace has no such installation of the GitHub App.', {
    hint: 'Connect GitHub in the settings of the workspace.',
  })
}

async function readApp({ apps }: InstallationDeps): Promise<GithubApp> {
  const app = await apps.read()
  if (app === null) throw notConfigured()
  return app
}

const toInstallation = (row: installationQueries.InstallationRow, webUrl: string): GithubInstallation => ({
  installationId: row.installationId,
  account: row.account ?? `Installation ${row.installationId}`,
  isSuspended: row.suspendedAt !== null,
  permissions: row.permissions ?? {},
  settingsUrl: row.htmlUrl ?? `${webUrl}/settings/installations/${row.installationId}`,
})
