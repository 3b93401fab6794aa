/**
 * Migrations: numbered SQL files, applied in order by `skein_owner`, each in a transaction of its own, never changed once
 * they are released (their checksum stands in the database). An advisory lock lets one process work while others wait.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { connectionAs } from './pool.ts'
import { StartRefused } from './refusal.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

const migrationsFolder = path.resolve(import.meta.dirname, '../migrations')
const migrationLock = 7_053_401

/** The migrations of this version, in order. */
export function readMigrations(folder = migrationsFolder): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((name) => {
    const sql = readFileSync(path.join(folder, name), 'utf8')
    return { version: Number(name.slice(0, 4)), name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })
}

/**
 * Brings the database to the newest schema; returns how many migrations were applied.
 * @throws StartRefused when the database is newer than this version, or an applied migration differs from its file
 */
export async function migrate(address: string, migrations: readonly Migration[] = readMigrations()): Promise<number> {
  const client = new pg.Client(connectionAs(address, 'skein_owner'))
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query(`create schema if not exists migration;
      create table if not exists migration.applied (
        version integer primary key, name text not null, checksum text not null, at timestamptz not null default now()
      )`)
    const { rows } = await client.query<Migration>(
      'select version, name, checksum from migration.applied order by version',
    )
    checkApplied(rows, migrations)
    const applied = new Set(rows.map((row) => row.version))
    const pending = migrations.filter((migration) => !applied.has(migration.version))
    for (const migration of pending) await apply(client, migration)
    return pending.length
  } finally {
    await client.end() // ends the session, and with it the lock
  }
}

function checkApplied(applied: readonly Migration[], known: readonly Migration[]): void {
  const [last, newest] = [applied.at(-1), known.at(-1)]
  if (last && newest && last.version > newest.version) {
    throw new StartRefused(
      `The database was last used by a newer Skein (its schema is ${last.name}, this version knows up to ${newest.name}). ` +
        'Nothing was changed. Start the newer version again, or restore a backup that was made with this one.',
    )
  }
  for (const { version, name, checksum } of applied) {
    if (known.find((migration) => migration.version === version)?.checksum === checksum) continue
    throw new StartRefused(
      `The database was made with another text of the migration ${name} than this version has. Nothing was changed. ` +
        'Use the version of Skein that made this database.',
    )
  }
}

async function apply(client: pg.Client, { version, name, sql, checksum }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(sql)
    await client.query('insert into migration.applied (version, name, checksum) values ($1, $2, $3)', [
      version,
      name,
      checksum,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw new Error(`Migration ${name} failed and was undone: ${(error as Error).message}`, { cause: error })
  }
}
