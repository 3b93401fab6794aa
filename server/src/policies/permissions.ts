/**
 * What a role may do in a workspace: a closed table, each permission with the least role that holds it and the scope that an API
 * token needs for it. Roles are ordered, so a role holds whatever a lesser one holds. (A commenter differs from a viewer by comments
 * alone.)
 */
import type { Role, Scope } from '@skein/protocol'

/** Roles by rank; a smaller number may do more. */
const RANK: Record<Role, number> = { owner: 0, admin: 1, editor: 2, commenter: 3, viewer: 4 }

const TABLE = {
  'read-workspace': { least: 'viewer', scope: 'workspaces:read' },
  'update-workspace': { least: 'admin', scope: 'workspaces:write' },
  'delete-workspace': { least: 'owner', scope: 'workspaces:write' },
  'manage-members': { least: 'admin', scope: 'workspaces:write' },
  'leave-workspace': { least: 'viewer', scope: 'workspaces:write' },
  'manage-invitations': { least: 'admin', scope: 'workspaces:write' },
  'read-project': { least: 'viewer', scope: 'projects:read' },
  'create-project': { least: 'editor', scope: 'projects:write' },
  'update-project': { least: 'editor', scope: 'projects:write' },
  'delete-project': { least: 'admin', scope: 'projects:write' },
  'link-github': { least: 'admin', scope: 'projects:write' },
  'read-documents': { least: 'viewer', scope: 'docs:read' },
  'write-documents': { least: 'editor', scope: 'docs:write' },
  'read-git': { least: 'viewer', scope: 'git:read' },
  commit: { least: 'editor', scope: 'git:commit' },
} as const satisfies Record<string, { least: Role; scope: Scope }>

export type Permission = keyof typeof TABLE
export const PERMISSIONS = Object.keys(TABLE) as readonly Permission[]

/** Whether a member with this role holds the permission. */
export const can = (role: Role, permission: Permission): boolean => RANK[role] <= RANK[TABLE[permission].least]

/** The least role that holds the permission. */
export const leastRole = (permission: Permission): Role => TABLE[permission].least

/** The scope without which an API token does not carry the permission, whatever its owner may do. */
export const scopeOf = (permission: Permission): Scope => TABLE[permission].scope

/** Whether `role` may do everything that `other` may. */
export const isAtLeast = (role: Role, other: Role): boolean => RANK[role] <= RANK[other]
