/**
 * Filling an empty database from a backup, in one transaction: either all of it is there, or nothing. Foreign keys, triggers and row-level
 * security stand aside while rows come in any order, and are put back as they were: a key that would not hold fails the whole.
 */
import pg from 'pg'
import { migrate, readMigrations } from '../migrate.ts'
import { connectionAs } from '../pool.ts'
import { unfinishedRestoreKey } from '../queries/instance.ts'
import { StartRefused } from '../refusal.ts'
import { copyIn } from './copy.ts'
import type { AppliedMigration } from './read-picture.ts'
import { resetLoaded } from './reset-loaded.ts'
import { type BackupTable, copyTarget, listTables, quoteTable } from './tables.ts'

/** Written by every start, and so no sign that a database is in use. */
const unused = ['public.instance_setting', 'public.request_limit']

export interface TableLoad {
  /** Copies rows in; resolves to their number. */
  load(table: BackupTable, chunks: AsyncIterable<Uint8Array>): Promise<number>
  /** Puts everything back in its place and commits. */
  finish(): Promise<void>
  /** Takes everything back, unless it was finished, and closes. */
  close(): Promise<void>
}

/**
 * Brings the schema to that of the backup and opens the transaction.
 * @throws StartRefused when the database is in use, or its schema cannot be that of the backup
 */
export async function openLoad(address: string, schema: readonly AppliedMigration[]): Promise<TableLoad> {
  await migrateTo(address, schema)
  const client = new pg.Client(connectionAs(address, 'skein_owner'))
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('begin')
    const tables = await listTables(client, 'all')
    await client.query(`lock table ${tables.map(({ name }) => quoteTable(name)).join(', ')} in access exclusive mode`)
    await requireEmpty(client, tables)
    const putBack = await standAside(client)
    await client.query(`truncate ${tables.map(({ name }) => quoteTable(name)).join(', ')}`)
    return {
      load: async (table, chunks) => {
        const known = tables.find(({ name }) => name === table.name)
        if (known?.columns.join() !== table.columns.join()) {
          throw new StartRefused(
            `The backup holds the table ${table.name} in a form that this version of Skein does not have.`,
          )
        }
        return copyIn(client, `copy ${copyTarget(known)} from stdin (format binary)`, chunks)
      },
      finish: async () => {
        await client.query(
          `insert into instance_setting (key, value) values ($1, 'true') on conflict (key) do nothing`,
          [unfinishedRestoreKey],
        )
        await resetLoaded(client)
        await continueSequences(client)
        for (const statement of putBack) await client.query(statement)
        await client.query('commit')
      },
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

async function migrateTo(address: string, schema: readonly AppliedMigration[]): Promise<void> {
  const own = readMigrations()
  const wanted = schema.map(({ name, checksum }) =>
    own.find((each) => each.name === name && each.checksum === checksum),
  )
  const missing = schema[wanted.indexOf(undefined)]
  if (missing) {
    throw new StartRefused(
      `The backup was made with a Skein whose schema this version does not know (${missing.name}). Nothing was changed. ` +
        'Restore it with the version that made it, or a later one.',
    )
  }
  const known = wanted.filter((migration) => migration !== undefined)
  const newest = known.at(-1)?.version ?? 0
  if (own.some((each) => each.version <= newest && !known.includes(each))) {
    throw new StartRefused(
      'The backup lacks a step of its schema that this version has. Restore it with the version that made it.',
    )
  }
  try {
    await migrate(address, known)
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    throw new StartRefused(
      'The database has a newer schema than the backup. Nothing was changed. Restore into a new, empty database: ' +
        'Skein brings it to the newest schema at its next start.',
    )
  }
}

async function requireEmpty(client: pg.Client, tables: readonly BackupTable[]): Promise<void> {
  const { rows } = await client.query('select from instance_setting where key = $1', [unfinishedRestoreKey])
  // What stands there came from a backup and was never served.
  if (rows.length > 0) return
  for (const { name } of tables) {
    if (unused.includes(name)) continue
    const { rows: found } = await client.query(`select from ${quoteTable(name)} limit 1`)
    if (found.length === 0) continue
    throw new StartRefused(
      `The database is in use: there are rows in ${name}. Nothing was changed. Restore into an empty one: another DATA_DIR, or another ` +
        'database in DATABASE_URL.',
    )
  }
}

/** Takes away what stands against loading in any order; gives the statements that put it back. */
async function standAside(client: pg.Client): Promise<string[]> {
  const { rows: away } = await client.query<{ off: string; on: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as off,
            format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as "on"
     from pg_constraint where contype = 'f' and connamespace::regnamespace::text in ('public', 'auth')
     union all
     select format('alter table %s disable trigger %I', tgrelid::regclass, tgname),
            format('alter table %s enable trigger %I', tgrelid::regclass, tgname)
     from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where not tgisinternal and tgenabled = 'O' and c.relnamespace::regnamespace::text in ('public', 'auth')
     union all
     select format('alter table %s no force row level security', oid::regclass),
            format('alter table %s force row level security', oid::regclass)
     from pg_class where relforcerowsecurity and relnamespace::regnamespace::text in ('public', 'auth')`,
  )
  for (const { off } of away) await client.query(off)
  return away.map(({ on }) => on)
}

/** Numbers that the database gives out go on after those that were loaded. */
async function continueSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `select format('select setval(%L, coalesce((select max(%I) from %s), 0) + 1, false)',
       pg_get_serial_sequence(a.attrelid::regclass::text, a.attname), a.attname, a.attrelid::regclass) as statement
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('public', 'auth') and a.attidentity <> ''`,
  )
  for (const { statement } of rows) await client.query(statement)
}
