// What a role means in words, and what this app offers to it. The server decides; this only keeps the pages from
// offering what would be refused.

import type { Role } from '@skein/protocol'

const ranks: Record<Role, number> = { owner: 0, admin: 1, editor: 2, commenter: 3, viewer: 4 }

/** What a role may do, as the end of "As an editor you can …". */
export const roleMeanings: Record<Role, string> = {
  owner: 'do everything, and delete the workspace',
  admin: 'edit everything, invite people and change roles',
  editor: 'read and edit every project',
  commenter: 'read every project and comment',
  viewer: 'read every project',
}

/** A role with its article: "an editor". */
export function roleWithArticle(role: Role): string {
  return `${/^[aeo]/.test(role) ? 'an' : 'a'} ${role}`
}

/** Whether `role` may do everything that `least` may. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ranks[role] <= ranks[least]
}
