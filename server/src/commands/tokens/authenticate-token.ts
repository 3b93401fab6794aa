/** From an API token to who is asking; the doors for programs (API, collaboration, Git) all begin with it. */
import { type Tx, tokenQueries } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { hashSecret, isTokenText } from './token-text.ts'

const TOUCH_EVERY_MS = 60_000

/**
 * The actor behind an API token; its use is noted at most once a minute. `tx` is `db.instance`. Refuses with `unauthenticated`,
 * `token-expired` or `token-revoked`.
 */
export async function authenticateToken(tx: Tx, token: string, now: Date): Promise<Actor> {
  const found = isTokenText(token) ? await tokenQueries.findToken(tx, hashSecret(token)) : null
  if (!found) throw new Refusal('unauthenticated', 'There is no such API token.', { hint: MAKE_ANOTHER })
  if (found.revokedAt) {
    throw new Refusal('token-revoked', `This API token was revoked on ${dayOf(found.revokedAt)}.`, {
      hint: MAKE_ANOTHER,
    })
  }
  if (found.expiresAt && found.expiresAt <= now) {
    throw new Refusal('token-expired', `This API token expired on ${dayOf(found.expiresAt)}.`, { hint: MAKE_ANOTHER })
  }
  if (!found.lastUsedAt || now.getTime() - found.lastUsedAt.getTime() > TOUCH_EVERY_MS)
    await tokenQueries.touchToken(tx, found.id)
  const { userId, userName: name, userEmail: email, id, scopes, workspaceId, expiresAt } = found
  return { userId, name, email, token: { id, scopes, workspaceId, expiresAt } }
}

const MAKE_ANOTHER = 'Make a new token in your settings.'
const dayOf = (at: Date): string => at.toISOString().slice(0, 10)
