import { type ErrorCode, Refusal, Role, SCOPES, type Scope, type UserId, type WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Actor, TokenGrant } from './actor.ts'
import { authorise, notFound } from './authorise.ts'
import { can, PERMISSIONS, scopeOf } from './permissions.ts'

const here = 'here' as WorkspaceId
const person: Actor = { userId: 'u' as UserId, name: 'Ana', email: 'ana@example.org', token: null }
const program = (grant: Partial<TokenGrant>): Actor => ({
  ...person,
  token: { id: 't' as TokenGrant['id'], scopes: SCOPES, workspaceId: null, expiresAt: null, ...grant },
})

const decide = (actor: Actor, permission: (typeof PERMISSIONS)[number], role: Role | null): 'yes' | ErrorCode => {
  try {
    authorise(actor, permission, role && { workspaceId: here, role }, 'project')
    return 'yes'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

test('a session decides by role alone, for every role and permission', () => {
  for (const permission of PERMISSIONS) {
    for (const role of Role.options)
      expect(decide(person, permission, role)).toBe(can(role, permission) ? 'yes' : 'forbidden')
    expect(decide(person, permission, null)).toBe('not-found')
  }
})

test('a token needs the scope, and never can do more than its owner', () => {
  for (const permission of PERMISSIONS) {
    for (const scope of SCOPES) {
      for (const role of Role.options) {
        const expected = scope !== scopeOf(permission) ? 'missing-scope' : can(role, permission) ? 'yes' : 'forbidden'
        expect(decide(program({ scopes: [scope as Scope] }), permission, role)).toBe(expected)
      }
    }
  }
})

test('a token made for another workspace finds nothing here', () => {
  expect(decide(program({ workspaceId: 'there' as WorkspaceId }), 'read-project', 'owner')).toBe('not-found')
  expect(decide(program({ workspaceId: here }), 'read-project', 'owner')).toBe('yes')
})

test('a refusal names the role or the scope that is missing', () => {
  expect(() => authorise(person, 'commit', { workspaceId: here, role: 'viewer' }, 'project')).toThrow(
    expect.objectContaining({
      message: 'You are a viewer here; this needs the role editor or above.',
      details: { role: 'viewer', needs: 'editor', permission: 'commit' },
    }),
  )
  expect(() =>
    authorise(program({ scopes: ['docs:read'] }), 'commit', { workspaceId: here, role: 'owner' }, 'project'),
  ).toThrow(
    expect.objectContaining({
      message: 'This API token does not have the scope git:commit.',
      details: { scope: 'git:commit' },
    }),
  )
  expect(notFound('project').message).toBe('There is no such project, or you are not a member of its workspace.')
})
