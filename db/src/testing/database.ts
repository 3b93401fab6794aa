/**
 * A database of its own for a test file: real PostgreSQL, the real roles, the migrated schema, dropped at the end.
 *
 * ```ts
 * const { database } = await createTestDatabase()   // at the top of an x.pg.test.ts
 * ```
 */

import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { type Database, openDatabase } from '../database.ts'
import { connectionAs } from '../pool.ts'
import type { Role } from '../roles.ts'
import { copyTemplate, type TestServerAddress } from './server.ts'

export { listTables, rowsMentioning } from './picture.ts'
export { ghostTenant, idsOf, seedProject, type Tenant } from './tenant.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestServerAddress
  }
}

export interface TestDatabase {
  readonly database: Database
  /** As the login role; a server under test may take it as its DATABASE_URL. */
  readonly address: string
  /** Runs one statement as a role, or as the superuser, whom row-level security does not touch: to look behind the product. */
  ask<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    role?: Role,
  ): Promise<Row[]>
}

/** Makes the database and closes and drops it after the tests of the file. Needs the `pg` or `fuzz` project of the runner. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgres')
  const { address, superuserAddress, drop } = await copyTemplate(server)
  const database = openDatabase(address)
  const pools = new Map<Role | 'superuser', pg.Pool>()
  const poolOf = (role?: Role): pg.Pool => {
    const key = role ?? 'superuser'
    const open = pools.get(key)
    if (open) return open
    const pool = new pg.Pool({
      ...(role ? connectionAs(address, role) : { connectionString: superuserAddress }),
      max: 2,
    })
    pool.on('error', () => {})
    pools.set(key, pool)
    return pool
  }
  afterAll(async () => {
    await database.close()
    await Promise.all([...pools.values()].map((pool) => pool.end()))
    await drop()
  })
  return {
    database,
    address,
    ask: async <Row extends object>(text: string, values: readonly unknown[] = [], role?: Role) =>
      (await poolOf(role).query<Row>(text, [...values])).rows,
  }
}
