/**
 * Finding what a request names and deciding whether its actor may: every door (API, collaboration, Git) begins here. What the actor may not
 * see is `not-found`, in the same words as what never existed.
 */
import { accessQueries, type Sql, workspaceQueries } from '@skein/db'
import { type DocumentId, Refusal } from '@skein/protocol'
import type { Actor } from '../policies/actor.ts'
import { authorise, notFound, reaches, requireScope } from '../policies/authorise.ts'
import type { Permission } from '../policies/permissions.ts'

export type ProjectAccess = accessQueries.ProjectAccess
export type DocumentAccess = accessQueries.DocumentAccess
export type WorkspaceAccess = Awaited<ReturnType<typeof requireWorkspace>>

/** The workspace with this id or slug, when the actor may do that in it. `sql` is a connection without a workspace: `db.instance`. */
export async function requireWorkspace(sql: Sql, actor: Actor, reference: string, permission: Permission) {
  const found = await workspaceQueries.findWorkspaceOf(sql, actor.userId, reference)
  return authorise(actor, permission, found && { ...found, workspaceId: found.id }, 'workspace')
}

/** The project with this id, or named `workspace/project`, when the actor may do that in it. `sql` is `db.instance`. */
export async function requireProject(
  sql: Sql,
  actor: Actor,
  reference: string,
  permission: Permission,
): Promise<ProjectAccess> {
  const found = await accessQueries.findProjectAccess(sql, actor.userId, reference)
  return authorise(actor, permission, found, 'project')
}

/** The document with this id, when the actor may do that in its project. `sql` is `db.instance`. */
export async function requireDocument(
  sql: Sql,
  actor: Actor,
  documentId: DocumentId,
  permission: Permission,
): Promise<DocumentAccess> {
  const [access = notFound('document')] = await requireDocuments(sql, [{ actor, documentId }], permission)
  if (access instanceof Refusal) throw access
  return access
}

/**
 * Whether each actor may do that with the document that it wants: its access, or the refusal. Many are asked for at once, because after a
 * restart everybody comes at once.
 */
export async function requireDocuments(
  sql: Sql,
  wishes: readonly { actor: Actor; documentId: DocumentId }[],
  permission: Permission,
): Promise<(DocumentAccess | Refusal)[]> {
  const asked = wishes.map(({ actor: { userId }, documentId }) => ({ userId, documentId }))
  const found = await accessQueries.listDocumentAccess(sql, asked)
  const nameOf = (wish: accessQueries.DocumentWish) => `${wish.documentId} ${wish.userId}`
  const byName = new Map(found.map((access) => [nameOf(access), access]))
  return wishes.map(({ actor, documentId }) => {
    const access = byName.get(nameOf({ userId: actor.userId, documentId })) ?? null
    try {
      return authorise(actor, permission, access, 'document')
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  })
}

/** The workspaces that the actor sees, oldest first: those of the person, or the one its API token is made for. */
export async function listWorkspaces(sql: Sql, actor: Actor) {
  requireScope(actor, 'workspaces:read')
  const workspaces = await workspaceQueries.listWorkspacesOf(sql, actor.userId)
  return workspaces.filter((workspace) => reaches(actor, workspace.id))
}
