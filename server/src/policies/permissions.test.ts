import { Role } from '@skein/protocol'
import { expect, test } from 'vitest'
import { can, isAtLeast, leastRole, PERMISSIONS, scopeOf } from './permissions.ts'

/** The whole table: o owner, a admin, e editor, c commenter, v viewer. */
const EXPECTED: Record<string, [roles: string, scope: string]> = {
  'read-workspace': ['oaecv', 'workspaces:read'],
  'update-workspace': ['oa', 'workspaces:write'],
  'delete-workspace': ['o', 'workspaces:write'],
  'manage-members': ['oa', 'workspaces:write'],
  'leave-workspace': ['oaecv', 'workspaces:write'],
  'manage-invitations': ['oa', 'workspaces:write'],
  'read-project': ['oaecv', 'projects:read'],
  'create-project': ['oae', 'projects:write'],
  'update-project': ['oae', 'projects:write'],
  'delete-project': ['oa', 'projects:write'],
  'link-github': ['oa', 'projects:write'],
  'read-documents': ['oaecv', 'docs:read'],
  'write-documents': ['oae', 'docs:write'],
  'read-git': ['oaecv', 'git:read'],
  commit: ['oae', 'git:commit'],
}

test('every role has exactly the permissions of the table, each with its scope', () => {
  const actual = Object.fromEntries(
    PERMISSIONS.map((permission) => {
      const roles = Role.options.filter((role) => can(role, permission)).map((role) => role.charAt(0))
      return [permission, [roles.join(''), scopeOf(permission)]]
    }),
  )
  expect(actual).toEqual(EXPECTED)
})

test('the least role of a permission holds it and the next lesser one does not', () => {
  for (const permission of PERMISSIONS) {
    const least = Role.options.indexOf(leastRole(permission))
    expect(Role.options.map((role) => can(role, permission))).toEqual(Role.options.map((_, rank) => rank <= least))
  }
})

test('roles are ordered', () => {
  for (const [rank, role] of Role.options.entries()) {
    for (const [otherRank, other] of Role.options.entries()) expect(isAtLeast(role, other)).toBe(rank <= otherRank)
  }
})
