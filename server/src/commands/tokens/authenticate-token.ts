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
  const [answer = noSuchToken()] = await authenticateTokens(tx, [token], now)
  if (answer instanceof Refusal) throw answer
  return answer
}

/** As `authenticateToken`, for many at once: for each token its actor, or the refusal. */
export async function authenticateTokens(tx: Tx, tokens: readonly string[], now: Date): Promise<(Actor | Refusal)[]> {
  const hashes = tokens.map((token) => (isTokenText(token) ? hashSecret(token) : null))
  const found = await tokenQueries.findTokens(
    tx,
    hashes.filter((hash) => hash !== null),
  )
  const byHash = new Map(found.map((token) => [token.hash.toString('hex'), token]))
  const answers = hashes.map((hash) => judgeToken(hash && byHash.get(Buffer.from(hash).toString('hex')), now))
  const good = new Set(answers.map((answer) => (answer instanceof Refusal ? null : answer.token?.id)))
  const touched = found.filter(({ id, lastUsedAt }) => good.has(id) && isLongAgo(lastUsedAt, now))
  if (touched.length > 0) {
    const ids = touched.map(({ id }) => id)
    await tokenQueries.touchTokens(tx, ids)
  }
  return answers
}

const judgeToken = (found: tokenQueries.FoundToken | null | undefined, now: Date): Actor | Refusal => {
  if (!found) return noSuchToken()
  if (found.revokedAt) {
    return new Refusal('token-revoked', `This API token was revoked on ${dayOf(found.revokedAt)}.`, {
      hint: MAKE_ANOTHER,
    })
  }
  if (found.expiresAt && found.expiresAt <= now) {
    return new Refusal('token-expired', `This API token expired on ${dayOf(found.expiresAt)}.`, { hint: MAKE_ANOTHER })
  }
  const { userId, userName: name, userEmail: email, id, scopes, workspaceId, expiresAt } = found
  return { userId, name, email, token: { id, scopes, workspaceId, expiresAt } }
}

const isLongAgo = (at: Date | null, now: Date): boolean => !at || now.getTime() - at.getTime() > TOUCH_EVERY_MS
const noSuchToken = () => new Refusal('unauthenticated', 'There is no such API token.', { hint: MAKE_ANOTHER })
const MAKE_ANOTHER = 'Make a new token in your settings.'
const dayOf = (at: Date): string => at.toISOString().slice(0, 10)
