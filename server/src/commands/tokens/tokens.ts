/** Making, listing and revoking API tokens. A token made with a token is never wider or longer-lived than that one. */
import { type Database, tokenQueries } from '@skein/db'
import { Refusal, SCOPES, type Scope, type TokenId, type WorkspaceId } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound, requireScope } from '../../policies/authorise.ts'
import { requireWorkspace } from '../access.ts'
import { hashSecret, hintOf, makeTokenText, type RandomBytes } from './token-text.ts'

/** More tokens than anybody keeps track of; a script that makes one a minute is stopped here. */
const TOKENS_MAX = 200

export interface TokensDeps {
  db: Database
  now: () => Date
  randomBytes: RandomBytes
}

export interface TokenTerms {
  name: string
  /** Absent: everything but making further tokens. */
  scopes?: readonly Scope[] | undefined
  workspaceId?: WorkspaceId | undefined
  expiresAt?: Date | undefined
}

/** Makes a token for the actor; the text is returned once and kept only as a hash. */
export async function createToken(
  deps: TokensDeps,
  actor: Actor,
  terms: TokenTerms,
): Promise<{ row: tokenQueries.TokenRow; token: string }> {
  const { scopes, workspaceId, expiresAt } = narrow(actor, terms)
  if (expiresAt && expiresAt <= deps.now()) {
    throw new Refusal('invalid-request', 'expiresAt: lies in the past.', {
      hint: 'Give a time to come, or leave it out.',
    })
  }
  if (workspaceId) await requireWorkspace(deps.db.instance, { ...actor, token: null }, workspaceId, 'read-workspace')
  if ((await tokenQueries.countActiveTokens(deps.db.instance, actor.userId)) >= TOKENS_MAX) {
    throw new Refusal('quota-exceeded', `You have ${TOKENS_MAX} API tokens, which is as many as one person may have.`, {
      hint: 'Revoke those that are not used any more.',
    })
  }
  const token = makeTokenText(deps.randomBytes)
  const row = await tokenQueries.insertToken(deps.db.instance, {
    userId: actor.userId,
    name: terms.name,
    tokenHash: hashSecret(token),
    hint: hintOf(token),
    scopes,
    workspaceId,
    expiresAt,
  })
  return { row, token }
}

/** The actor's tokens that are not revoked, newest first. */
export async function listTokens(db: Database, actor: Actor): Promise<tokenQueries.TokenRow[]> {
  requireScope(actor, 'tokens:write')
  return tokenQueries.listTokens(db.instance, actor.userId)
}

/** Ends a token of the actor at once, with the sockets that it opened; a program may always end its own. */
export async function revokeToken(db: Database, actor: Actor, token: TokenId): Promise<void> {
  if (actor.token?.id !== token) requireScope(actor, 'tokens:write')
  if (!(await tokenQueries.revokeToken(db.instance, actor.userId, token))) throw notFound('token')
}

function narrow(
  actor: Actor,
  terms: TokenTerms,
): { scopes: readonly Scope[]; workspaceId: WorkspaceId | null; expiresAt: Date | null } {
  requireScope(actor, 'tokens:write')
  const own = actor.token
  const scopes = terms.scopes ?? (own?.scopes ?? SCOPES).filter((scope) => scope !== 'tokens:write')
  for (const scope of scopes) requireScope(actor, scope)
  if (own?.workspaceId && (terms.workspaceId ?? own.workspaceId) !== own.workspaceId) throw notFound('workspace')
  const workspaceId = terms.workspaceId ?? own?.workspaceId ?? null
  const expiresAt = terms.expiresAt ?? own?.expiresAt ?? null
  if (own?.expiresAt && (!expiresAt || expiresAt > own.expiresAt)) {
    throw new Refusal('forbidden', 'A token made with a token cannot outlive it.', {
      hint: 'Give an earlier expiresAt.',
    })
  }
  return { scopes, workspaceId, expiresAt }
}
