/** Members of a workspace and their roles. */
import type { Role, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface MemberRow {
  userId: UserId
  name: string
  email: string
  role: Role
  joinedAt: Date
}

/** All members, in the order in which they joined. */
export const listMembers = (sql: Sql, workspace: WorkspaceId): Promise<MemberRow[]> =>
  sql.query(
    `select m.user_id as "userId", u.name, u.email, m.role, m.joined_at as "joinedAt"
     from workspace_member m join auth."user" u on u.id = m.user_id
     where m.workspace_id = $1
     order by m.joined_at, m.user_id`,
    [workspace],
  )

/** The role of one member, or null. */
export async function findMemberRole(sql: Sql, workspace: WorkspaceId, user: UserId): Promise<Role | null> {
  const rows = await sql.query<{ role: Role }>(
    'select role from workspace_member where workspace_id = $1 and user_id = $2',
    [workspace, user],
  )
  return rows[0]?.role ?? null
}

export async function countOwners(sql: Sql, workspace: WorkspaceId): Promise<number> {
  const rows = await sql.query<{ owners: number }>(
    `select count(*)::int as owners from workspace_member where workspace_id = $1 and role = 'owner'`,
    [workspace],
  )
  return rows[0]?.owners ?? 0
}

/** False when they are a member already; the role is then left as it is. */
export async function insertMember(tx: Tx, workspace: WorkspaceId, user: UserId, role: Role): Promise<boolean> {
  const rows = await tx.query(
    'insert into workspace_member (workspace_id, user_id, role) values ($1, $2, $3) on conflict do nothing returning user_id',
    [workspace, user, role],
  )
  return rows.length === 1
}

export async function updateMemberRole(tx: Tx, workspace: WorkspaceId, user: UserId, role: Role): Promise<void> {
  await tx.query('update workspace_member set role = $3 where workspace_id = $1 and user_id = $2', [
    workspace,
    user,
    role,
  ])
}

export async function deleteMember(tx: Tx, workspace: WorkspaceId, user: UserId): Promise<void> {
  await tx.query('delete from workspace_member where workspace_id = $1 and user_id = $2', [workspace, user])
}
