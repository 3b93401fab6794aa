/**
 * Finding things before their workspace is known: the only statements that look across workspaces, each through a function of the owner
 * role that answers one question about one person. Nothing is found for somebody who is no member.
 */
import type { DocumentId, FileId, ProjectId, Role, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql } from '../transaction.ts'

/** The NOTIFY channel on which changes of rights announce themselves (migration 0017). */
export const accessChannel = 'skein_access'

export interface ProjectAccess {
  projectId: ProjectId
  workspaceId: WorkspaceId
  role: Role
}

export interface RoleRow extends ProjectAccess {
  userId: UserId
}

export interface DocumentAccess extends ProjectAccess {
  documentId: DocumentId
  fileId: FileId
  epoch: number
}

/** The project with this id, or named `workspace/project` by slugs, if the person is a member of its workspace. */
export async function findProjectAccess(sql: Sql, user: UserId, reference: string): Promise<ProjectAccess | null> {
  const rows = await sql.query<ProjectAccess>(
    'select project_id as "projectId", workspace_id as "workspaceId", role from find_project($1, $2)',
    [reference, user],
  )
  return rows[0] ?? null
}

/** A person and a document that they want to open. */
export interface DocumentWish {
  userId: UserId
  documentId: DocumentId
}

/**
 * For each wish what the person may do with the document; absent when it does not exist, or the person is no member of its workspace. Its file may be
 * in the trash.
 */
export const listDocumentAccess = (
  sql: Sql,
  wishes: readonly DocumentWish[],
): Promise<(DocumentAccess & { userId: UserId })[]> =>
  sql.query(
    `select wish.person as "userId", document_id as "documentId", file_id as "fileId", project_id as "projectId",
            workspace_id as "workspaceId", epoch, role
     from unnest($1::uuid[], $2::text[]) as wish (document, person), find_document(wish.document, wish.person)`,
    [wishes.map(({ documentId }) => documentId), wishes.map(({ userId }) => userId)],
  )

/** Who of these people may do what in which of these projects now; a pair without access is absent. At most some hundreds. */
export const listRoles = (sql: Sql, pairs: readonly { userId: UserId; projectId: ProjectId }[]): Promise<RoleRow[]> =>
  sql.query(
    `select project_id as "projectId", workspace_id as "workspaceId", user_id as "userId", role from roles_in($1::text[], $2::uuid[])`,
    [pairs.map(({ userId }) => userId), pairs.map(({ projectId }) => projectId)],
  )
