/** Links between projects and GitHub repositories, and which workspace an installation of the App belongs to. */
import type { Oid, OverlapPolicy, ProjectId, SyncMode, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface RefusedPush {
  branch: 'tracked' | 'rolling'
  rule: 'protected-branch' | 'repository-rules' | 'workflows-permission' | 'file-too-large' | 'other'
  head: Oid
  /** What GitHub said. */
  reason: string
}

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
  /** The name of whoever did, while they have an account. */
  pausedBy: string | null
  /** When the remote was last seen. */
  checkedAt: Date | null
  viewedAt: Date | null
  /** GitHub's, as it was seen last; the link follows its new name while `branch` is the same. */
  defaultBranch: string | null
  /** When GitHub's API was asked last. */
  apiCheckedAt: Date | null
  /** GitHub's API is not asked before, unless a person wants it. */
  apiNotBefore: Date | null
  /** Whose doing ends a hold: `itself` is looked at again from time to time. */
  heldLifts: 'itself' | 'person'
  /** What was looked at when the link was held. */
  heldOid: Oid | null
  /** The push that GitHub refused, until one to the same branch passes or somebody tries again. */
  refusal: RefusedPush | null
  /** Our head when a look found nothing left to do. */
  settledOid: Oid | null
  isArchived: boolean
  /** What GitHub says about its branch, as it was read. */
  rules: unknown
  prBranch: string | null
  prNumber: number | null
  prUrl: string | null
  prTitle: string | null
  prState: 'open' | 'merged' | 'closed' | null
  prBaseOid: Oid | null
  prHeadOid: Oid | null
  /** The branch that it asks for; ours may be another by now. */
  prHeadBranch: string | null
  prBaseBranch: string | null
  /** What GitHub made of it on the linked branch. */
  prMergeOid: Oid | null
  /** The head of the pull request, as GitHub's API said. */
  prLastOid: Oid | null
  /** Where the linked branch stood when GitHub's API was asked about it. */
  prSeenWith: Oid | null
  /** Our head that its title and body were written for. */
  prDescribedOid: Oid | null
  /** Of the title and body that GitHub has, and since when. */
  prTextHash: string | null
  prTextAt: Date | null
}

const columns = `project_id as "projectId", workspace_id as "workspaceId", installation_id as "installationId",
  repository_id as "repositoryId", full_name as "fullName", html_url as "htmlUrl", branch, state, held_code as "heldCode",
  held_message as "heldMessage", remote_oid as "remoteOid", pushed_oid as "pushedOid", pushed_at as "pushedAt",
  directory, mode, mode_reason as "modeReason", overlap_policy as overlaps, merged_oid as "mergedOid", paused_at as "pausedAt",
  (select u.name from auth."user" u where u.id = paused_by) as "pausedBy",
  checked_at as "checkedAt", viewed_at as "viewedAt", default_branch as "defaultBranch", api_checked_at as "apiCheckedAt",
  api_not_before as "apiNotBefore",
  held_lifts as "heldLifts", held_oid as "heldOid", refusal, settled_oid as "settledOid", is_archived as "isArchived",
  pr_head_branch as "prHeadBranch", pr_base_branch as "prBaseBranch", pr_merge_oid as "prMergeOid", pr_last_oid as "prLastOid", pr_seen_with as "prSeenWith",
  pr_described_oid as "prDescribedOid", pr_text_hash as "prTextHash", pr_text_at as "prTextAt", rules, pr_branch as "prBranch", pr_number as "prNumber", pr_url as "prUrl",
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
  defaultBranch: string
  directory: string
  mode: SyncMode
  createdBy: UserId
}

/** A link that was taken away to the same repository, branch and folder gives what it knew: the new one takes up where it was. */
export async function insertGithubLink(tx: Tx, link: NewGithubLink): Promise<void> {
  await tx.query(
    `with former as (
       delete from former_github_link where project_id = $1
       returning case when (link->>'repository_id')::bigint = $4 and link->>'branch' = $7 and link->>'directory' = $9 then link else '{}' end as link)
     insert into github_link (project_id, workspace_id, installation_id, repository_id, full_name, html_url, branch, default_branch, directory, mode,
       created_by, overlap_policy, remote_oid, merged_oid, pushed_oid, pushed_at, pr_branch, pr_number, pr_url, pr_title, pr_state, pr_base_oid,
       pr_head_oid, pr_head_branch, pr_base_branch, pr_merge_oid, pr_last_oid)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce(f->>'overlap_policy', 'ask'), f->>'remote_oid', f->>'merged_oid', f->>'pushed_oid',
       (f->>'pushed_at')::timestamptz, f->>'pr_branch', (f->>'pr_number')::integer, f->>'pr_url', f->>'pr_title', f->>'pr_state',
       f->>'pr_base_oid', f->>'pr_head_oid', coalesce(f->>'pr_head_branch', f->>'pr_branch'), f->>'pr_base_branch', f->>'pr_merge_oid', f->>'pr_last_oid'
     from coalesce((select link from former), '{}') as f`,
    [
      link.projectId,
      link.workspaceId,
      link.installationId,
      link.repositoryId,
      link.fullName,
      link.htmlUrl,
      link.branch,
      link.defaultBranch,
      link.directory,
      link.mode,
      link.createdBy,
    ],
  )
}

export interface FormerGithubLink {
  installationId: number
  repositoryId: number
  fullName: string
  htmlUrl: string
  branch: string
  directory: string
}

/** The repository that the project was linked to last; null when it never was, or is. */
export async function findFormerLink(sql: Sql, project: ProjectId): Promise<FormerGithubLink | null> {
  const rows = await sql.query<FormerGithubLink>(
    `select (link->>'installation_id')::bigint as "installationId", (link->>'repository_id')::bigint as "repositoryId",
       link->>'full_name' as "fullName", link->>'html_url' as "htmlUrl", link->>'branch' as branch, link->>'directory' as directory
     from former_github_link where project_id = $1`,
    [project],
  )
  return rows[0] ?? null
}

/** Another project of the workspace that is linked to the same folder of the same branch of the same repository; its id, or null. */
export async function findProjectOfBranch(
  sql: Sql,
  repositoryId: number,
  branch: string,
  directory: string,
): Promise<ProjectId | null> {
  const rows = await sql.query<{ id: ProjectId }>(
    `select p.id from github_link l join project p on p.id = l.project_id and p.deleted_at is null
     where l.repository_id = $1 and l.branch = $2 and l.directory = $3 limit 1`,
    [repositoryId, branch, directory],
  )
  return rows[0]?.id ?? null
}

/** Takes the link away, and keeps what it knew. */
export async function deleteGithubLink(tx: Tx, project: ProjectId): Promise<boolean> {
  const rows = await tx.query(
    `with gone as (delete from github_link where project_id = $1 returning *)
     insert into former_github_link (project_id, workspace_id, link)
     select project_id, workspace_id, to_jsonb(gone) from gone
     on conflict (project_id) do update set link = excluded.link, unlinked_at = now() returning project_id`,
    [project],
  )
  return rows.length === 1
}

/** The repository was renamed, moved or read again: what is shown follows. Counts as a look by GitHub's API. */
export async function recordRepository(
  tx: Tx,
  project: ProjectId,
  repository: { fullName: string; htmlUrl: string; archived: boolean },
): Promise<void> {
  await tx.query(
    'update github_link set full_name = $2, html_url = $3, is_archived = $4, api_checked_at = now(), api_not_before = null where project_id = $1',
    [project, repository.fullName, repository.htmlUrl, repository.archived],
  )
}

/** GitHub's API did not answer; it is not asked before that moment. */
export async function putOffApi(tx: Tx, project: ProjectId, notBefore: Date): Promise<void> {
  await tx.query('update github_link set api_not_before = $2 where project_id = $1', [project, notBefore])
}

/** What GitHub says about the branch; advice only. */
export async function recordRules(tx: Tx, project: ProjectId, rules: object): Promise<void> {
  await tx.query('update github_link set rules = $2 where project_id = $1', [project, JSON.stringify(rules)])
}

/** GitHub's default branch, as Git names it. */
export async function recordDefaultBranch(tx: Tx, project: ProjectId, defaultBranch: string): Promise<void> {
  await tx.query('update github_link set default_branch = $2 where project_id = $1', [project, defaultBranch])
}

/** Where the linked branch stands; null: it is not there. */
export async function recordLook(tx: Tx, project: ProjectId, remoteOid: Oid | null): Promise<void> {
  await tx.query('update github_link set remote_oid = $2, checked_at = now() where project_id = $1', [
    project,
    remoteOid,
  ])
}

/** Sync stops until a look finds the cause gone (`itself`), or a person asks for another try. `oid`: what was looked at. */
export async function holdGithubLink(
  tx: Tx,
  project: ProjectId,
  held: { code: string; message: string; lifts: 'itself' | 'person'; oid: Oid | null },
): Promise<void> {
  await tx.query(
    `update github_link set state = 'held', held_code = $2, held_message = $3, held_lifts = $4, held_oid = $5 where project_id = $1`,
    [project, held.code, held.message, held.lifts, held.oid],
  )
}

export async function releaseGithubLink(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query(
    `update github_link set state = 'active', held_code = null, held_message = null, held_lifts = 'itself', held_oid = null
     where project_id = $1`,
    [project],
  )
}

/** GitHub refused a push; null: one has passed, or somebody wants another try. */
export async function recordRefusal(tx: Tx, project: ProjectId, refusal: RefusedPush | null): Promise<void> {
  await tx.query('update github_link set refusal = $2 where project_id = $1', [
    project,
    refusal && JSON.stringify(refusal),
  ])
}

/** A look found nothing left to do for this head. */
export async function recordSettled(tx: Tx, project: ProjectId, head: Oid | null): Promise<void> {
  await tx.query('update github_link set settled_oid = $2 where project_id = $1', [project, head])
}

/** What was merged from the linked branch is nobody's concern any more: somebody deleted it and wants it made anew. */
export async function forgetMerged(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query('update github_link set merged_oid = null, remote_oid = null where project_id = $1', [project])
}

/** GitHub confirmed that the linked branch stands at `oid`, which is ours. */
export async function recordGithubPush(tx: Tx, project: ProjectId, oid: Oid): Promise<void> {
  await tx.query(
    'update github_link set remote_oid = $2, merged_oid = $2, pushed_oid = $2, pushed_at = now() where project_id = $1',
    [project, oid],
  )
}

/** GitHub confirmed that our rolling branch stands at `oid`; `base` is the head of the linked branch that it stands on. */
export async function recordBranchPush(
  tx: Tx,
  project: ProjectId,
  pushed: { branch: string; oid: Oid; base: Oid | null },
): Promise<void> {
  await tx.query(
    `update github_link set pr_branch = $2, pr_head_oid = $3, pr_base_oid = $4, pushed_oid = $3, pushed_at = now() where project_id = $1`,
    [project, pushed.branch, pushed.oid, pushed.base],
  )
}

/** A remote head was merged; where nothing of ours was left to say, it is our head too, and so GitHub has it. */
export async function recordMerged(
  tx: Tx,
  project: ProjectId,
  merged: { theirs: Oid; isHead: boolean },
): Promise<void> {
  await tx.query(
    `update github_link set merged_oid = $2, remote_oid = $2, pushed_oid = case when $3 then $2 else pushed_oid end
     where project_id = $1`,
    [project, merged.theirs, merged.isHead],
  )
}

export interface PullRequestState {
  number: number
  url: string
  title: string
  state: 'open' | 'merged' | 'closed'
  headBranch: string
  baseBranch: string
  headOid: Oid
  mergeOid: Oid | null
  /** Where the linked branch stood when this was asked. */
  seenWith: Oid | null
}

/** The pull request as GitHub answered; null: the next one begins anew. */
export async function recordPullRequest(tx: Tx, project: ProjectId, request: PullRequestState | null): Promise<void> {
  await tx.query(
    `update github_link set pr_number = $2, pr_url = $3, pr_title = $4, pr_state = $5, pr_base_branch = $6, pr_last_oid = $7,
       pr_merge_oid = $8, pr_seen_with = $9, pr_head_branch = $10,
       pr_text_hash = case when pr_number = $2 then pr_text_hash end, pr_text_at = case when pr_number = $2 then pr_text_at end,
       pr_described_oid = case when pr_number = $2 then pr_described_oid end
     where project_id = $1`,
    [
      project,
      request?.number ?? null,
      request?.url ?? null,
      request?.title ?? null,
      request?.state ?? null,
      request?.baseBranch ?? null,
      request?.headOid ?? null,
      request?.mergeOid ?? null,
      request?.seenWith ?? null,
      request?.headBranch ?? null,
    ],
  )
}

/** The title and body that GitHub has (by their hash) are right for this head of ours; `isSent`: they were written there just now. */
export async function recordPullRequestText(
  tx: Tx,
  project: ProjectId,
  text: { hash: string; head: Oid; isSent: boolean },
): Promise<void> {
  await tx.query(
    `update github_link set pr_text_hash = $2, pr_described_oid = $3, pr_text_at = case when $4 then now() else pr_text_at end
     where project_id = $1`,
    [project, text.hash, text.head, text.isSent],
  )
}

/** The rolling branch begins anew: what GitHub confirmed on it has gone with the pull request. */
export async function restartBranch(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query('update github_link set pr_head_oid = null, pr_base_oid = null where project_id = $1', [project])
}

/** How work leaves; `reason` says why Skein itself changed it, null: a person did. */
export async function setSyncMode(tx: Tx, project: ProjectId, mode: SyncMode, reason: string | null): Promise<void> {
  await tx.query('update github_link set mode = $2, mode_reason = $3 where project_id = $1', [project, mode, reason])
}

export async function setOverlapPolicy(tx: Tx, project: ProjectId, overlaps: OverlapPolicy): Promise<void> {
  await tx.query('update github_link set overlap_policy = $2 where project_id = $1', [project, overlaps])
}

/** `by` null: it goes on. */
export async function setPaused(tx: Tx, project: ProjectId, by: UserId | null): Promise<void> {
  await tx.query(
    `update github_link set paused_by = $2, paused_at = case when $2::text is null then null else now() end where project_id = $1`,
    [project, by],
  )
}

/** Another branch of the repository, about which nothing is known yet; the rolling branch and its pull request are left where they are. */
export async function setLinkedBranch(tx: Tx, project: ProjectId, branch: string): Promise<void> {
  await tx.query(
    `update github_link set branch = $2, remote_oid = null, merged_oid = null, checked_at = null, rules = null, api_checked_at = null,
       pr_number = null, pr_url = null, pr_title = null, pr_state = null, pr_base_oid = null, pr_head_oid = null,
       pr_text_hash = null, pr_text_at = null, pr_base_branch = null, pr_merge_oid = null, pr_last_oid = null, pr_seen_with = null,
       pr_described_oid = null, refusal = null, settled_oid = null
     where project_id = $1`,
    [project, branch],
  )
}

/** GitHub renamed the linked branch: everything known about it stays true. */
export async function renameLinkedBranch(tx: Tx, project: ProjectId, branch: string): Promise<void> {
  await tx.query('update github_link set branch = $2, default_branch = $2 where project_id = $1', [project, branch])
}

/** Somebody has the project open; noted at most every 20 seconds. True when it was noted. */
export async function noteViewer(tx: Tx, project: ProjectId): Promise<boolean> {
  const rows = await tx.query(
    `update github_link set viewed_at = now() where project_id = $1 and (viewed_at is null or viewed_at < now() - interval '20 seconds')
     returning project_id`,
    [project],
  )
  return rows.length === 1
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

/** Frees an installation for other workspaces when no link of this one uses it any more, unless somebody has shown that it is theirs. */
export async function releaseInstallation(tx: Tx, installationId: number, workspace: WorkspaceId): Promise<void> {
  await tx.query(
    `delete from github_installation i where installation_id = $1 and owner_workspace = $2 and proven_by is null
       and not exists (select from github_link l where l.installation_id = i.installation_id)`,
    [installationId, workspace],
  )
}

/**
 * Our own commits after `confirmed` (null: all that were made here; with nothing of GitHub's known either, simply all, for an imported history has
 * to go there too). History is kept in the order of arrival, parents first.
 */
export async function countOwnCommitsAfter(
  sql: Sql,
  project: ProjectId,
  confirmed: Oid | null,
  isRemoteKnown: boolean,
): Promise<number> {
  const rows = await sql.query<{ commits: number }>(
    `select count(*)::int as commits from git_commit
     where project_id = $1 and (kind <> 'remote' or not $3)
       and n > coalesce((select n from git_commit where project_id = $1 and oid = $2), 0)`,
    [project, confirmed, isRemoteKnown],
  )
  return rows[0]?.commits ?? 0
}

/** Calls of GitHub's API that are left to an installation, as GitHub said last. */
export interface QuotaRow {
  quotaLeft: number | null
  quotaLimit: number | null
  quotaResetsAt: Date | null
}

/** No workspace guards it, so it is asked for with the installation that a link of the caller's names. */
export async function findQuota(sql: Sql, installationId: number): Promise<QuotaRow | null> {
  const rows = await sql.query<QuotaRow>(
    `select quota_left as "quotaLeft", quota_limit as "quotaLimit", quota_resets_at as "quotaResetsAt"
     from github_installation where installation_id = $1`,
    [installationId],
  )
  return rows[0] ?? null
}

/** The fewest calls that any installation has left, as far as its answer still counts; null when none has told. */
export async function findLeastQuota(sql: Sql): Promise<number | null> {
  const rows = await sql.query<{ left: number | null }>(
    'select min(quota_left) as left from github_installation where quota_resets_at > now() and removed_at is null',
  )
  return rows[0]?.left ?? null
}
