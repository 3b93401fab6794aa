/**
 * The one decision at every door: may this actor, with this role in this workspace, do that? What an actor is not a member of (or what
 * its token is not made for) does not exist for it: the answer is the same as for an id that never was.
 */
import { Refusal, type Role, type Scope, type WorkspaceId } from '@skein/protocol'
import type { Actor } from './actor.ts'
import { can, leastRole, type Permission, scopeOf } from './permissions.ts'

/** Refuses an actor whose API token was made without the scope. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (!actor.token || actor.token.scopes.includes(scope)) return
  throw new Refusal('missing-scope', `This API token does not have the scope ${scope}.`, {
    hint: `Make a token with the scope ${scope} in your settings and use that one.`,
    details: { scope },
  })
}

/** Whether the actor's token, if it came with one, reaches into the workspace. */
export const reaches = (actor: Actor, workspaceId: WorkspaceId): boolean =>
  actor.token?.workspaceId == null || actor.token.workspaceId === workspaceId

/**
 * Returns the member's access when it holds the permission. `member` is null when the thing does not exist or the actor is no member
 * of its workspace; both are the same `not-found`. `thing` is the word for it in messages, such as "project".
 */
export function authorise<Access extends { workspaceId: WorkspaceId; role: Role }>(
  actor: Actor,
  permission: Permission,
  member: Access | null,
  thing: 'workspace' | 'project' | 'document' | 'job',
): Access {
  requireScope(actor, scopeOf(permission))
  if (!member || !reaches(actor, member.workspaceId)) throw notFound(thing)
  if (can(member.role, permission)) return member
  const needs = leastRole(permission)
  throw new Refusal('forbidden', `You are ${withArticle(member.role)} here; this needs the role ${needs} or above.`, {
    hint: 'Ask an admin or an owner of the workspace to do it, or to change your role.',
    details: { role: member.role, needs, permission },
  })
}

/** The refusal for whatever is not there, or not there for this actor. */
export const notFound = (thing: string): Refusal =>
  new Refusal('not-found', `There is no such ${thing}, or you are not a member of its workspace.`, {
    hint: 'Check the address, or ask for an invitation to the workspace.',
  })

const withArticle = (role: Role): string => (/^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`)
