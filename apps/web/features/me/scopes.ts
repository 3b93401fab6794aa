// What the scopes of a token let a program do, in words.

import type { Scope } from '@skein/protocol'

/** Scopes in the order in which they are offered, those that most tokens need first. */
export const scopeMeanings: readonly { scope: Scope; meaning: string }[] = [
  { scope: 'docs:read', meaning: 'Read files' },
  { scope: 'docs:write', meaning: 'Edit, create, move and delete files' },
  { scope: 'git:read', meaning: 'Clone and fetch, look at commits' },
  { scope: 'git:commit', meaning: 'Commit' },
  { scope: 'projects:read', meaning: 'See projects' },
  { scope: 'projects:write', meaning: 'Create, change and delete projects' },
  { scope: 'workspaces:read', meaning: 'See workspaces and members' },
  { scope: 'workspaces:write', meaning: 'Change workspaces, members and invitations' },
  { scope: 'tokens:write', meaning: 'Make and revoke tokens' },
]

/** What a new token starts with: reading and editing, nothing that administers. */
export const scopesDefault: readonly Scope[] = [
  'docs:read',
  'docs:write',
  'git:read',
  'projects:read',
  'workspaces:read',
]
