/**
 * Projects. A project's row is also the lock of its tree: whoever changes its files first takes it with
 * `advanceTree`, so that rules which look at several files (twins, folders) hold under concurrency.
 */
import type { ActorKey, Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export type ProjectState = 'importing' | 'ready' | 'failed'
export type ProjectSource = 'empty' | 'template' | 'git'

export interface ProjectRow {
  id: ProjectId
  slug: string
  name: string
  workspaceId: WorkspaceId
  workspaceSlug: string
  workspaceName: string
  state: ProjectState
  source: ProjectSource
  sourceUrl: string | null
  defaultBranch: string
  createdAt: Date
  changedAt: Date
  fileCount: number
  head: HeadRow | null
}

/** The commit at the tip of the project's branch. */
export interface HeadRow {
  oid: Oid
  message: string
  authorName: string
  committedAt: string
}

const headJson = `(
  select jsonb_build_object('oid', c.oid, 'message', rtrim(c.message, E'\\n'), 'authorName', c.author_name,
    'committedAt', to_char(c.committed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
  from ref r join git_commit c on c.project_id = r.project_id and c.oid = r.oid
  where r.project_id = p.id and r.name = 'refs/heads/' || p.default_branch
)`

// When a project changed last is known from what is not committed yet and from its last own commit: looking at every
// document would make a list of projects as slow as their sum.
const columns = `
  p.id, p.slug, p.name, p.workspace_id as "workspaceId", w.slug as "workspaceSlug", w.name as "workspaceName",
  p.state, p.source, p.source_url as "sourceUrl", p.default_branch as "defaultBranch", p.created_at as "createdAt",
  greatest(
    p.created_at,
    (select max(d.since) from dirty_file d where d.project_id = p.id),
    (select s.at from snapshot s where s.project_id = p.id and s.state = 'done' order by s.cut desc limit 1)
  ) as "changedAt",
  p.file_count as "fileCount",
  ${headJson} as head`

/**
 * Projects of a workspace, newest first; `before` is the id of the last one of the page before (ids grow with time).
 */
export const listProjects = (
  sql: Sql,
  workspace: WorkspaceId,
  page: { before: ProjectId | null; limit: number },
): Promise<ProjectRow[]> =>
  sql.query(
    `select ${columns} from project p join workspace w on w.id = p.workspace_id
     where p.workspace_id = $1 and p.deleted_at is null and ($2::uuid is null or p.id < $2)
     order by p.id desc limit $3`,
    [workspace, page.before, page.limit],
  )

export async function findProject(sql: Sql, project: ProjectId): Promise<ProjectRow | null> {
  const rows = await sql.query<ProjectRow>(
    `select ${columns} from project p join workspace w on w.id = p.workspace_id
     where p.id = $1 and p.deleted_at is null`,
    [project],
  )
  return rows[0] ?? null
}

/** Slugs in use that begin with `stem`, to find one that is free. */
export async function listSlugs(sql: Sql, workspace: WorkspaceId, stem: string): Promise<string[]> {
  const rows = await sql.query<{ slug: string }>(
    'select slug from project where workspace_id = $1 and deleted_at is null and starts_with(slug, $2)',
    [workspace, stem],
  )
  return rows.map(({ slug }) => slug)
}

export interface NewProject {
  workspaceId: WorkspaceId
  slug: string
  name: string
  state: ProjectState
  source: ProjectSource
  sourceUrl: string | null
  createdBy: ActorKey
}

/** Null when the slug was taken in between. */
export async function insertProject(tx: Tx, project: NewProject): Promise<ProjectId | null> {
  const rows = await tx.query<{ id: ProjectId }>(
    `insert into project (workspace_id, slug, name, state, source, source_url, created_by)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (workspace_id, slug) where deleted_at is null do nothing
     returning id`,
    [
      project.workspaceId,
      project.slug,
      project.name,
      project.state,
      project.source,
      project.sourceUrl,
      project.createdBy,
    ],
  )
  return rows[0]?.id ?? null
}

export async function renameProject(tx: Tx, project: ProjectId, name: string): Promise<ProjectState | null> {
  const rows = await tx.query<{ state: ProjectState }>(
    'update project set name = $2 where id = $1 and deleted_at is null returning state',
    [project, name],
  )
  return rows[0]?.state ?? null
}

/**
 * Marks the project as deleted; nothing finds it any more, and its slug is free. Returns its name, or null when it is
 * gone already.
 */
export async function deleteProject(tx: Tx, project: ProjectId, by: ActorKey): Promise<string | null> {
  const rows = await tx.query<{ name: string }>(
    'update project set deleted_at = now(), deleted_by = $2 where id = $1 and deleted_at is null returning name',
    [project, by],
  )
  return rows[0]?.name ?? null
}

/**
 * Takes the lock of the project's tree until the transaction ends, and counts the change. Null when the project is
 * deleted. Every change of file rows by people begins with it.
 */
export async function advanceTree(
  tx: Tx,
  project: ProjectId,
): Promise<{ treeVersion: number; fileCount: number; state: ProjectState } | null> {
  const rows = await tx.query<{ treeVersion: number; fileCount: number; state: ProjectState }>(
    `update project set tree_version = tree_version + 1 where id = $1 and deleted_at is null
     returning tree_version as "treeVersion", file_count as "fileCount", state`,
    [project],
  )
  return rows[0] ?? null
}

/** Holds the project's row until the transaction ends: the first lock of whoever changes what belongs to it. False when it is deleted. */
export async function lockProject(tx: Tx, project: ProjectId): Promise<boolean> {
  const rows = await tx.query('select id from project where id = $1 and deleted_at is null for no key update', [
    project,
  ])
  return rows.length === 1
}

/** Numbers that change with the tree: with its rows, and with what a snapshot notes of them. */
export async function findTreeVersion(
  sql: Sql,
  project: ProjectId,
): Promise<{ treeVersion: number; cut: number } | null> {
  const rows = await sql.query<{ treeVersion: number; cut: number }>(
    'select tree_version as "treeVersion", cut from project where id = $1 and deleted_at is null',
    [project],
  )
  return rows[0] ?? null
}

/** Files that differ from the last commit: how many, and the first `limit` of their paths. */
export async function findChangedFiles(
  sql: Sql,
  project: ProjectId,
  limit: number,
): Promise<{ count: number; paths: string[] }> {
  const rows = await sql.query<{ count: number; paths: string[] }>(
    `select (select count(*)::int from dirty_file d join file f on f.id = d.file_id where d.project_id = $1) as count,
       array(
         select coalesce(f.path, f.committed_path) from dirty_file d join file f on f.id = d.file_id
         where d.project_id = $1 order by f.path collate "C" limit $2
       ) as paths`,
    [project, limit],
  )
  return rows[0] ?? { count: 0, paths: [] }
}

/**
 * How many files of each project differ from its last commit: numbers without names, for projects that the caller knows.
 * Asked for all watched projects at once, whatever their workspaces, so it looks at `dirty_file` alone: a join with a
 * table behind row-level security would count nothing.
 */
export const countChangedFiles = (
  sql: Sql,
  projects: readonly ProjectId[],
): Promise<{ projectId: ProjectId; count: number }[]> =>
  sql.query(
    `select p.id as "projectId", count(d.file_id)::int as count
     from unnest($1::uuid[]) as p(id) left join dirty_file d on d.project_id = p.id
     group by p.id`,
    [projects],
  )

/** The oid at the tip of the project's branch. */
export async function findHeadOid(sql: Sql, project: ProjectId): Promise<Oid | null> {
  const rows = await sql.query<{ oid: Oid }>(
    `select r.oid from project p join ref r on r.project_id = p.id and r.name = 'refs/heads/' || p.default_branch
     where p.id = $1`,
    [project],
  )
  return rows[0]?.oid ?? null
}
