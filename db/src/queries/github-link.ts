/** Links between projects and GitHub repositories, and which workspace an installation of the App belongs to. */
import type { Oid, OverlapPolicy, ProjectId, SyncMode, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface GithubLinkRow {
  projectId: ProjectId
  workspaceId: WorkspaceId
  installationId: number
  repositoryId: number
  /** For display: the numeric ids are the key, names change. */
  fullName: string
  htmlUrl: string
  branch: string
  /** Folder of the repository that the project is; empty: the whole of it. */
  directory: string
  mode: SyncMode
  /** Why Skein itself changed the mode. */
  modeReason: string | null
  overlaps: OverlapPolicy
  state: 'active' | 'held'
  heldCode: string | null
  heldMessage: string | null
  remoteOid: Oid | null
  pushedOid: Oid | null
  pushedAt: Date | null
  /** The remote head that was merged last. */
  mergedOid: Oid | null
  pausedAt: Date | null
  pausedBy: string | null
  checkedAt: Date | null
  pollAt: Date
  viewedAt: Date | null
  /** What GitHub says about its branch, as it was read. */
  rules: unknown
  prBranch: string | null
  prNumber: number | null
  prUrl: string | null
  prTitle: string | null
  prState: 'open' | 'merged' | 'closed' | null
  prBaseOid: Oid | null
  prHeadOid: Oid | null
}

const columns = `project_id as "projectId", workspace_id as "workspaceId", installation_id as "installationId",
  repository_id as "repositoryId", full_name as "fullName", html_url as "htmlUrl", branch, state, held_code as "heldCode",
  held_message as "heldMessage", remote_oid as "remoteOid", pushed_oid as "pushedOid", pushed_at as "pushedAt",
  directory, mode, mode_reason as "modeReason", overlap_policy as overlaps, merged_oid as "mergedOid", paused_at as "pausedAt", paused_by as "pausedBy",
  checked_at as "checkedAt", poll_at as "pollAt", viewed_at as "viewedAt", rules, pr_branch as "prBranch", pr_number as "prNumber", pr_url as "prUrl",
  pr_title as "prTitle", pr_state as "prState", pr_base_oid as "prBaseOid", pr_head_oid as "prHeadOid"`

export async function findGithubLink(sql: Sql, project: ProjectId): Promise<GithubLinkRow | null> {
  const rows = await sql.query<GithubLinkRow>(`select ${columns} from github_link where project_id = $1`, [project])
  return rows[0] ?? null
}

/** The link with its row locked, so that a push's outcome and a person's change come one after the other. */
export async function lockGithubLink(tx: Tx, project: ProjectId): Promise<GithubLinkRow | null> {
  const rows = await tx.query<GithubLinkRow>(`select ${columns} from github_link where project_id = $1 for update`, [
    project,
  ])
  return rows[0] ?? null
}

export interface NewGithubLink {
  projectId: ProjectId
  workspaceId: WorkspaceId
  installationId: number
  repositoryId: number
  fullName: string
  htmlUrl: string
  branch: string
  createdBy: UserId
}

export async function insertGithubLink(tx: Tx, link: NewGithubLink): Promise<void> {
  await tx.query(
    `insert into github_link (project_id, workspace_id, installation_id, repository_id, full_name, html_url, branch, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      link.projectId,
      link.workspaceId,
      link.installationId,
      link.repositoryId,
      link.fullName,
      link.htmlUrl,
      link.branch,
      link.createdBy,
    ],
  )
}

/** Another project of the workspace that pushes to the same branch of the same repository; its id, or null. */
export async function findProjectOfBranch(sql: Sql, repositoryId: number, branch: string): Promise<ProjectId | null> {
  const rows = await sql.query<{ id: ProjectId }>(
    `select p.id from github_link l join project p on p.id = l.project_id and p.deleted_at is null
     where l.repository_id = $1 and l.branch = $2 limit 1`,
    [repositoryId, branch],
  )
  return rows[0]?.id ?? null
}

export async function deleteGithubLink(tx: Tx, project: ProjectId): Promise<boolean> {
  const rows = await tx.query('delete from github_link where project_id = $1 returning project_id', [project])
  return rows.length === 1
}

/** The repository was renamed, moved or read again: what is shown follows. */
export async function updateGithubNames(
  tx: Tx,
  project: ProjectId,
  names: { fullName: string; htmlUrl: string },
): Promise<void> {
  await tx.query('update github_link set full_name = $2, html_url = $3 where project_id = $1', [
    project,
    names.fullName,
    names.htmlUrl,
  ])
}

/** Pushing stops until a person asks for another try. `remoteOid` is what GitHub holds, null when the branch is not there. */
export async function holdGithubLink(
  tx: Tx,
  project: ProjectId,
  held: { code: string; message: string; remoteOid: Oid | null },
): Promise<void> {
  await tx.query(
    `update github_link set state = 'held', held_code = $2, held_message = $3, remote_oid = $4 where project_id = $1`,
    [project, held.code, held.message, held.remoteOid],
  )
}

export async function releaseGithubLink(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query(
    `update github_link set state = 'active', held_code = null, held_message = null where project_id = $1`,
    [project],
  )
}

/** GitHub confirmed that its branch stands at `oid`. */
export async function recordGithubPush(tx: Tx, project: ProjectId, oid: Oid): Promise<void> {
  await tx.query('update github_link set remote_oid = $2, pushed_oid = $2, pushed_at = now() where project_id = $1', [
    project,
    oid,
  ])
}

/** When anything of this workspace was last pushed to the repository. */
export async function lastPushTo(sql: Sql, repositoryId: number): Promise<Date | null> {
  const rows = await sql.query<{ at: Date | null }>(
    'select max(pushed_at) as at from github_link where repository_id = $1',
    [repositoryId],
  )
  return rows[0]?.at ?? null
}

/** The workspace that an installation of the App belongs to; null while nobody has linked anything of it. */
export async function findInstallationOwner(sql: Sql, installationId: number): Promise<WorkspaceId | null> {
  const rows = await sql.query<{ owner: WorkspaceId }>(
    'select owner_workspace as owner from github_installation where installation_id = $1',
    [installationId],
  )
  return rows[0]?.owner ?? null
}

/**
 * Binds an installation of the App to the workspace that links it first; true when it is (or becomes) this workspace's. The table has no
 * row-level security, because the question is about all workspaces.
 */
export async function claimInstallation(tx: Tx, installationId: number, workspace: WorkspaceId): Promise<boolean> {
  await tx.query(
    'insert into github_installation (installation_id, owner_workspace) values ($1, $2) on conflict (installation_id) do nothing',
    [installationId, workspace],
  )
  const rows = await tx.query<{ owner: WorkspaceId }>(
    'select owner_workspace as owner from github_installation where installation_id = $1 for share',
    [installationId],
  )
  return rows[0]?.owner === workspace
}

/** Frees an installation for other workspaces when no link of this one uses it any more. */
export async function releaseInstallation(tx: Tx, installationId: number, workspace: WorkspaceId): Promise<void> {
  await tx.query(
    `delete from github_installation i where installation_id = $1 and owner_workspace = $2
       and not exists (select from github_link l where l.installation_id = i.installation_id)`,
    [installationId, workspace],
  )
}

/** Commits of the project that came after `pushed` (null: all of them); its history is kept in the order of arrival, parents first. */
export async function countCommitsAfter(sql: Sql, project: ProjectId, pushed: Oid | null): Promise<number> {
  const rows = await sql.query<{ commits: number }>(
    `select count(*)::int as commits from git_commit
     where project_id = $1 and n > coalesce((select n from git_commit where project_id = $1 and oid = $2), 0)`,
    [project, pushed],
  )
  return rows[0]?.commits ?? 0
}
