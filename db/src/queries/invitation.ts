/** Invitations by link: only the hash of a link's token is kept. */
import type { InvitationId, ProjectId, Role, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface InvitationRow {
  id: InvitationId
  role: Exclude<Role, 'owner'>
  projectId: ProjectId | null
  createdBy: UserId
  createdAt: Date
  expiresAt: Date
  uses: number
  usesMax: number
  revokedAt: Date | null
}

/** What is known of an invitation to whoever holds its link. */
export interface FoundInvitation {
  id: InvitationId
  workspaceId: WorkspaceId
  workspaceName: string
  role: Exclude<Role, 'owner'>
  projectId: ProjectId | null
  projectName: string | null
  createdBy: UserId
  expiresAt: Date
  uses: number
  usesMax: number
  revokedAt: Date | null
}

const columns = `id, role, project_id as "projectId", created_by as "createdBy", created_at as "createdAt",
  expires_at as "expiresAt", uses, uses_max as "usesMax", revoked_at as "revokedAt"`

/** The newest 200 invitations of a workspace, those that are over included. */
export const listInvitations = (sql: Sql, workspace: WorkspaceId): Promise<InvitationRow[]> =>
  sql.query(`select ${columns} from invitation where workspace_id = $1 order by created_at desc, id desc limit 200`, [
    workspace,
  ])

export interface NewInvitation {
  workspaceId: WorkspaceId
  tokenHash: Uint8Array
  role: Exclude<Role, 'owner'>
  projectId: ProjectId | null
  createdBy: UserId
  expiresAt: Date
  usesMax: number
}

export async function insertInvitation(tx: Tx, invitation: NewInvitation): Promise<InvitationRow> {
  const { workspaceId, tokenHash, role, projectId, createdBy, expiresAt, usesMax } = invitation
  const rows = await tx.query<InvitationRow>(
    `insert into invitation (workspace_id, token_hash, role, project_id, created_by, expires_at, uses_max)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
    [workspaceId, tokenHash, role, projectId, createdBy, expiresAt, usesMax],
  )
  return rows[0] as InvitationRow
}

/** Whether the workspace holds a project with this id; an invitation may land in no other. */
export async function isProjectOf(sql: Sql, workspace: WorkspaceId, project: ProjectId): Promise<boolean> {
  const rows = await sql.query('select id from project where workspace_id = $1 and id = $2 and deleted_at is null', [
    workspace,
    project,
  ])
  return rows.length === 1
}

/** False when there is no such invitation; revoking twice is fine. */
export async function revokeInvitation(tx: Tx, workspace: WorkspaceId, invitation: InvitationId): Promise<boolean> {
  const rows = await tx.query(
    'update invitation set revoked_at = coalesce(revoked_at, now()) where workspace_id = $1 and id = $2 returning id',
    [workspace, invitation],
  )
  return rows.length === 1
}

/** The invitation behind a link; needs no workspace in the transaction. */
export async function findInvitation(sql: Sql, tokenHash: Uint8Array): Promise<FoundInvitation | null> {
  const rows = await sql.query<FoundInvitation>(
    `select invitation_id as id, workspace_id as "workspaceId", workspace_name as "workspaceName", role, project_id as "projectId",
            project_name as "projectName", created_by as "createdBy", expires_at as "expiresAt", uses, uses_max as "usesMax",
            revoked_at as "revokedAt"
     from find_invitation($1)`,
    [tokenHash],
  )
  return rows[0] ?? null
}

/** Counts one use, unless the invitation is used up, expired or revoked by now: then false. */
export async function takeInvitation(tx: Tx, workspace: WorkspaceId, invitation: InvitationId): Promise<boolean> {
  const rows = await tx.query(
    `update invitation set uses = uses + 1
     where workspace_id = $1 and id = $2 and uses < uses_max and revoked_at is null and expires_at > now() returning id`,
    [workspace, invitation],
  )
  return rows.length === 1
}
