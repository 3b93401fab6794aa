/**
 * Installations of the GitHub App and the workspaces they belong to. Without row-level security, because the question is about all workspaces:
 * what a workspace sees names it.
 */
import type { ProjectId, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface InstallationRow {
  installationId: number
  workspaceId: WorkspaceId
  /** The account on GitHub; null until GitHub was asked. */
  account: string | null
  accountKind: 'Organization' | 'User' | null
  htmlUrl: string | null
  permissions: Record<string, string> | null
  suspendedAt: Date | null
  removedAt: Date | null
}

/** What GitHub says about an installation. */
export interface InstallationFacts {
  account: string
  accountKind: 'Organization' | 'User'
  htmlUrl: string
  permissions: Record<string, string>
  suspendedAt: Date | null
}

const columns = `installation_id as "installationId", owner_workspace as "workspaceId", account, account_kind as "accountKind",
  html_url as "htmlUrl", permissions, suspended_at as "suspendedAt", removed_at as "removedAt"`

/** Those of a workspace that are still there, by account; at most 200. */
export const listInstallations = (sql: Sql, workspace: WorkspaceId): Promise<InstallationRow[]> =>
  sql.query(
    `select ${columns} from github_installation where owner_workspace = $1 and removed_at is null
     order by lower(account), installation_id limit 200`,
    [workspace],
  )

/** An installation, whichever workspace has it; null when none has. */
export async function findInstallation(sql: Sql, installationId: number): Promise<InstallationRow | null> {
  const rows = await sql.query<InstallationRow>(
    `select ${columns} from github_installation where installation_id = $1`,
    [installationId],
  )
  return rows[0] ?? null
}

/** Binds an installation to the workspace, for somebody who has shown that it is theirs. False when another workspace has it. */
export async function bindInstallation(
  tx: Tx,
  installationId: number,
  workspace: WorkspaceId,
  provenBy: UserId,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into github_installation (installation_id, owner_workspace, proven_by) values ($1, $2, $3)
     on conflict (installation_id) do update set owner_workspace = $2, proven_by = $3, removed_at = null
       where github_installation.owner_workspace = $2
     returning installation_id`,
    [installationId, workspace, provenBy],
  )
  return rows.length === 1
}

/** Gives an installation back; false when it is not the workspace's, or a project is linked to it. */
export async function unbindInstallation(tx: Tx, installationId: number, workspace: WorkspaceId): Promise<boolean> {
  const rows = await tx.query(
    `delete from github_installation i where installation_id = $1 and owner_workspace = $2
       and not exists (select from github_link l where l.installation_id = i.installation_id)
     returning installation_id`,
    [installationId, workspace],
  )
  return rows.length === 1
}

/** Writes down what GitHub says now. Nothing happens when no workspace has the installation. */
export async function updateInstallation(tx: Tx, installationId: number, facts: InstallationFacts): Promise<void> {
  await tx.query(
    `update github_installation set account = $2, account_kind = $3, html_url = $4, permissions = $5, suspended_at = $6,
       removed_at = null, updated_at = now()
     where installation_id = $1`,
    [
      installationId,
      facts.account,
      facts.accountKind,
      facts.htmlUrl,
      JSON.stringify(facts.permissions),
      facts.suspendedAt,
    ],
  )
}

/**
 * The App was installed anew on an account, which GitHub allows once at a time: links of the workspace through other installations of that account
 * go on through this one, and those are forgotten. Returns the projects.
 */
export async function succeedInstallations(
  tx: Tx,
  installationId: number,
  workspace: WorkspaceId,
  account: string,
): Promise<ProjectId[]> {
  const rows = await tx.query<{ id: ProjectId }>(
    `with gone as (
       delete from github_installation
       where owner_workspace = $2 and installation_id <> $1 and lower(account) = lower($3) returning installation_id)
     update github_link l set installation_id = $1 from gone where l.installation_id = gone.installation_id
     returning l.project_id as id`,
    [installationId, workspace, account],
  )
  return rows.map(({ id }) => id)
}

/** GitHub does not know it any more. */
export async function markInstallationRemoved(tx: Tx, installationId: number): Promise<void> {
  await tx.query(
    'update github_installation set removed_at = coalesce(removed_at, now()), updated_at = now() where installation_id = $1',
    [installationId],
  )
}

export interface LinkedProject {
  id: ProjectId
  name: string
  repositoryId: number
  directory: string
  branch: string
}

/** Projects of the workspace that are linked to one of these repositories. */
export const listProjectsOfRepositories = (sql: Sql, repositoryIds: readonly number[]): Promise<LinkedProject[]> =>
  sql.query(
    `select p.id, p.name, l.repository_id as "repositoryId", l.directory, l.branch
     from github_link l join project p on p.id = l.project_id and p.deleted_at is null
     where l.repository_id = any($1::bigint[]) order by p.name, p.id limit 500`,
    [repositoryIds],
  )

/** Writes down what GitHub said is left of this hour's calls of its API. Nothing happens when no workspace has the installation. */
export async function recordQuota(
  tx: Tx,
  installationId: number,
  { left, limit, resetsAt }: { left: number; limit: number; resetsAt: Date | null },
): Promise<void> {
  await tx.query(
    `update github_installation set quota_left = $2, quota_limit = $3, quota_resets_at = $4, updated_at = now()
     where installation_id = $1`,
    [installationId, left, limit, resetsAt],
  )
}
