/** Checks the JSON web token with which a GitHub App proves itself: RS256, its own issuer, at most ten minutes long. */
import { verify } from 'node:crypto'
import type { RefusalName } from './refusals.ts'
import { now, type World } from './state.ts'

/** GitHub allows clocks to differ a little; a token "from the future" is refused beyond this. */
const clockSkewSeconds = 60
const lifetimeSecondsMax = 600

/** Null when the token is good, otherwise the row of the table of refusals. */
export function checkAppJwt(world: World, jwt: string): RefusalName | null {
  const [head, body, signature, ...rest] = jwt.split('.')
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0) return 'jwt-undecodable'
  const header = decode(head)
  const claims = decode(body)
  if (header?.alg !== 'RS256' || claims === null) return 'jwt-undecodable'
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    world.app.publicKey,
    Buffer.from(signature, 'base64url'),
  )
  if (!signed) return 'jwt-undecodable'
  if (claims.iss !== world.app.clientId && String(claims.iss) !== String(world.app.id)) return 'jwt-issuer'
  const seconds = Math.floor(now(world) / 1000)
  if (typeof claims.iat !== 'number' || claims.iat > seconds + clockSkewSeconds) return 'jwt-issued-later'
  if (typeof claims.exp !== 'number' || claims.exp <= seconds) return 'jwt-expired'
  if (claims.exp > seconds + lifetimeSecondsMax) return 'jwt-too-long'
  return null
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}
