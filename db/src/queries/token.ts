/**
 * API tokens. They are looked up by hash before any workspace is known, so `api_token` has no row-level security: every statement
 * here names the hash or the owner.
 */
import type { Scope, TokenId, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface TokenRow {
  id: TokenId
  name: string
  hint: string
  scopes: Scope[]
  workspaceId: WorkspaceId | null
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
}

/** A token with its owner, as it is found by hash. */
export interface FoundToken {
  id: TokenId
  userId: UserId
  userName: string
  userEmail: string
  scopes: Scope[]
  workspaceId: WorkspaceId | null
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}

const columns = `id, name, hint, scopes, bound_workspace as "workspaceId", created_at as "createdAt", expires_at as "expiresAt",
  last_used_at as "lastUsedAt"`

/** The tokens of a person that are not revoked, newest first; expired ones are among them, so that one sees why something stopped. */
export const listTokens = (sql: Sql, user: UserId): Promise<TokenRow[]> =>
  sql.query(
    `select ${columns} from api_token where user_id = $1 and revoked_at is null order by created_at desc, id desc`,
    [user],
  )

/** How many tokens of a person could be used now. */
export async function countActiveTokens(sql: Sql, user: UserId): Promise<number> {
  const rows = await sql.query<{ tokens: number }>(
    `select count(*)::int as tokens from api_token
     where user_id = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [user],
  )
  return rows[0]?.tokens ?? 0
}

export interface NewToken {
  userId: UserId
  name: string
  tokenHash: Uint8Array
  hint: string
  scopes: readonly Scope[]
  workspaceId: WorkspaceId | null
  expiresAt: Date | null
}

export async function insertToken(tx: Tx, token: NewToken): Promise<TokenRow> {
  const rows = await tx.query<TokenRow>(
    `insert into api_token (user_id, name, token_hash, hint, scopes, bound_workspace, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
    [token.userId, token.name, token.tokenHash, token.hint, [...token.scopes], token.workspaceId, token.expiresAt],
  )
  return rows[0] as TokenRow
}

/** The tokens with these SHA-256 hashes, expired and revoked ones included; absent when there is none, or its owner is gone. */
export const findTokens = (sql: Sql, hashes: readonly Uint8Array[]): Promise<(FoundToken & { hash: Buffer })[]> =>
  sql.query(
    `select t.token_hash as hash, t.id, t.user_id as "userId", u.name as "userName", u.email as "userEmail", t.scopes,
            t.bound_workspace as "workspaceId", t.expires_at as "expiresAt", t.last_used_at as "lastUsedAt", t.revoked_at as "revokedAt"
     from api_token t join auth."user" u on u.id = t.user_id
     where t.token_hash = any($1)`,
    [hashes],
  )

/** Those of these tokens that can be used now, with their rights. */
export const listGoodTokens = (
  sql: Sql,
  tokens: readonly TokenId[],
): Promise<Pick<FoundToken, 'id' | 'userId' | 'scopes' | 'workspaceId' | 'expiresAt'>[]> =>
  sql.query(
    `select t.id, t.user_id as "userId", t.scopes, t.bound_workspace as "workspaceId", t.expires_at as "expiresAt"
     from api_token t join auth."user" u on u.id = t.user_id
     where t.id = any($1) and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`,
    [tokens],
  )

/** Notes a use, at most once a minute for each token. */
export async function touchTokens(tx: Tx, tokens: readonly TokenId[]): Promise<void> {
  await tx.query(
    `update api_token set last_used_at = now()
     where id = any($1::uuid[]) and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [tokens],
  )
}

/** False when the person has no such token; revoking twice is fine. */
export async function revokeToken(tx: Tx, user: UserId, token: TokenId): Promise<boolean> {
  const rows = await tx.query(
    'update api_token set revoked_at = coalesce(revoked_at, now()) where id = $1 and user_id = $2 returning id',
    [token, user],
  )
  return rows.length === 1
}
