/**
 * Pools of connections that are one role each. The role is a startup option of the connection, not a `SET` that a
 * transaction could forget.
 */

import pg from 'pg'
import type { Role } from './roles.ts'

export interface PoolOptions {
  readonly connectionsMax: number
  /** Default `public`; the account tables live in `auth`. */
  readonly searchPath?: string
  /** Told about idle connections that broke; the pool replaces them by itself. */
  readonly onError?: (error: Error) => void
  /** A statement that has no answer after that time fails, and its connection is given up; default: it waits for ever. */
  readonly answerWithinMs?: number
}

const int8Oid = 20

/** Opens a pool whose every connection acts as the role. Nothing is connected until the first query. */
export function openPool(address: string, role: Role, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...connectionAs(address, role, options.searchPath),
    max: options.connectionsMax,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(options.answerWithinMs === undefined ? {} : { query_timeout: options.answerWithinMs }),
  })
  pool.on('error', options.onError ?? (() => {}))
  return pool
}

/** What a single client needs to connect as the role. */
export function connectionAs(address: string, role: Role, searchPath = 'public'): pg.ClientConfig {
  // What stands in the address wins in this driver, and the role must not be for the address to choose.
  const url = new URL(address)
  for (const name of ['options', 'application_name']) url.searchParams.delete(name)
  return {
    connectionString: url.href,
    options: `-c role=${role} -c search_path=${searchPath}`,
    application_name: role,
    types: { getTypeParser },
  }
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string | Buffer) => unknown {
  if (oid === int8Oid && format !== 'binary') return (value) => parseInt8(String(value))
  return pg.types.getTypeParser(oid, format as 'text') as (value: string | Buffer) => unknown
}

/** Counters and byte counts fit a number; one that does not is a broken invariant, not something to round. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`An int8 value is too large for a number: ${text}`)
  return value
}
