/** Workspaces: the tenants. Rows are visible inside their own workspace only; the list of a person comes from `workspaces_of`. */
import type { ProjectId, Role, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface WorkspaceRow {
  id: WorkspaceId
  slug: string
  name: string
  /** The role of the person who was asked for. */
  role: Role
  personal: boolean
  createdAt: Date
}

const columns = `workspace_id as id, slug, name, role, personal, created_at as "createdAt"`

/** Every workspace a person is a member of, oldest first; needs no workspace in the transaction. */
export const listWorkspacesOf = (sql: Sql, user: UserId): Promise<WorkspaceRow[]> =>
  sql.query(`select ${columns} from workspaces_of($1)`, [user])

/** The workspace with this id or slug, if the person is a member of it; needs no workspace in the transaction. */
export async function findWorkspaceOf(sql: Sql, user: UserId, reference: string): Promise<WorkspaceRow | null> {
  const rows = await sql.query<WorkspaceRow>(
    `select ${columns} from workspaces_of($1) where workspace_id::text = $2 or slug = $2 order by workspace_id::text = $2 desc limit 1`,
    [user, reference],
  )
  return rows[0] ?? null
}

/** Makes the workspace whose id the transaction is set to; false when the slug, or the person's personal workspace, exists already. */
export async function insertWorkspace(
  tx: Tx,
  workspace: { id: WorkspaceId; slug: string; name: string; personalOf: UserId | null },
): Promise<boolean> {
  const rows = await tx.query(
    'insert into workspace (id, slug, name, personal_of) values ($1, $2, $3, $4) on conflict do nothing returning id',
    [workspace.id, workspace.slug, workspace.name, workspace.personalOf],
  )
  return rows.length === 1
}

/** Holds the workspace until the transaction ends, so that changes of its owners happen one after the other. False when it is deleted. */
export async function lockWorkspace(tx: Tx, workspace: WorkspaceId): Promise<boolean> {
  const rows = await tx.query('select id from workspace where id = $1 and deleted_at is null for update', [workspace])
  return rows.length === 1
}

export async function renameWorkspace(tx: Tx, workspace: WorkspaceId, name: string): Promise<void> {
  await tx.query('update workspace set name = $2 where id = $1 and deleted_at is null', [workspace, name])
}

/** Marks the workspace as deleted: nothing finds it any more, and its slug is free. */
export async function deleteWorkspace(tx: Tx, workspace: WorkspaceId): Promise<void> {
  await tx.query('update workspace set deleted_at = now() where id = $1 and deleted_at is null', [workspace])
}

/** The projects of a workspace that are not deleted: what is told to each when something changes for all. */
export const listProjectNames = (sql: Sql, workspace: WorkspaceId): Promise<{ id: ProjectId; name: string }[]> =>
  sql.query('select id, name from project where workspace_id = $1 and deleted_at is null', [workspace])
