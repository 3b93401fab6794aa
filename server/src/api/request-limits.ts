/**
 * How often one person or program may ask: a bucket of tokens in this process's memory, refilled steadily. It guards the server against a
 * script that runs wild, so it is wide, and it never counts typing. What must hold across nodes (sign-in, sign-up) is counted in the
 * database by `commands/accounts/attempts.ts`.
 */
import type { MiddlewareHandler } from 'hono'
import { LRUCache } from 'lru-cache'
import { tooMany } from '../policies/too-many.ts'
import type { ApiContext, ApiEnv } from './env.ts'

interface Bucket {
  tokens: number
  filledAt: number
}

export interface RequestLimit {
  /** Requests at once. */
  burst: number
  perSecond: number
}

/** A person with ten open windows, or an agent that reads a project file by file, stays far below. */
export const ACTOR_LIMIT: RequestLimit = { burst: 5000, perSecond: 200 }
/** Whatever comes from one address, signed in or not; an office of hundreds behind it stays far below. */
export const ADDRESS_LIMIT: RequestLimit = { burst: 20_000, perSecond: 2000 }
const BUCKETS_MAX = 10_000

/** Middleware that counts each request against its key and refuses with 429. */
export function limitRequests(
  { burst, perSecond }: RequestLimit,
  keyOf: (c: ApiContext) => string,
  now: () => Date,
): MiddlewareHandler<ApiEnv> {
  const buckets = new LRUCache<string, Bucket>({ max: BUCKETS_MAX })
  return async (c, next) => {
    const key = keyOf(c)
    const at = now().getTime()
    const bucket = buckets.get(key) ?? { tokens: burst, filledAt: at }
    // A clock that is set back takes nothing away.
    const waitedSeconds = Math.max(0, at - bucket.filledAt) / 1000
    bucket.tokens = Math.min(burst, bucket.tokens + waitedSeconds * perSecond)
    bucket.filledAt = at
    buckets.set(key, bucket)
    if (bucket.tokens < 1) throw tooMany('requests', Math.ceil((1 - bucket.tokens) / perSecond))
    bucket.tokens -= 1
    await next()
  }
}

/** One bucket for each API token, one for a person's browsers. */
export const byActor = (c: ApiContext): string => `${c.get('actor').userId} ${c.get('actor').token?.id ?? 'browser'}`

/** One bucket for each client address, where nobody is known yet. */
export const byAddress = (c: ApiContext): string => c.get('address')
