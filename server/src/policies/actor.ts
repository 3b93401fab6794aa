/**
 * Who is asking: a signed-in person, by a browser session or by an API token. Every door makes one of these before it does anything
 * else, and hands it to commands.
 */
import type { Scope, TokenId, UserId, WorkspaceId } from '@skein/protocol'

/** The narrower rights of an API token; it never can do more than its owner. */
export interface TokenGrant {
  id: TokenId
  scopes: readonly Scope[]
  /** Null: every workspace of the owner. */
  workspaceId: WorkspaceId | null
  expiresAt: Date | null
}

export interface Actor {
  userId: UserId
  name: string
  email: string
  /** Null for a browser session, which carries all rights of the person. */
  token: TokenGrant | null
}
