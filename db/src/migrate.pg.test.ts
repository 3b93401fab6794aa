import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Migration, migrate, readMigrations } from './migrate.ts'
import { createTestDatabase } from './testing/database.ts'

const { ask, address } = await createTestDatabase()
const known = readMigrations()

function nextMigration(sql: string): Migration {
  const version = (known.at(-1)?.version ?? 0) + 1
  return {
    version,
    name: `${String(version).padStart(4, '0')}_next.sql`,
    sql,
    checksum: randomBytes(8).toString('hex'),
  }
}

test('migrations are numbered without gaps', () => {
  expect(known.map(({ version }) => version)).toEqual(known.map((_, index) => index + 1))
})

test('a migrated database needs nothing more', async () => {
  expect(await migrate(address)).toBe(0)
})

test('two processes that migrate at once apply each migration once', async () => {
  const next = nextMigration('create table made_once (id integer primary key)')
  const counts = await Promise.all([1, 2, 3].map(() => migrate(address, [...known, next])))
  expect(counts.toSorted()).toEqual([0, 0, 1])
  expect(await ask(`select tableowner from pg_tables where tablename = 'made_once'`)).toEqual([
    { tableowner: 'skein_owner' },
  ])
  await ask('drop table made_once')
  await ask('delete from migration.applied where version = $1', [next.version])
})

test('a migration that fails is undone as a whole and named', async () => {
  const broken = nextMigration('create table half_made (); select no_such_function()')
  await expect(migrate(address, [...known, broken])).rejects.toThrow(`${broken.name} failed and was undone`)
  expect(await ask(`select from pg_tables where tablename = 'half_made'`)).toEqual([])
})

test('a newer schema is refused in words', async () => {
  await expect(migrate(address, known.slice(0, -1))).rejects.toThrow('last used by a newer Skein')
})

test('a changed migration is refused in words', async () => {
  const changed = known.map((migration) => ({ ...migration, checksum: 'other' }))
  await expect(migrate(address, changed)).rejects.toThrow('another text of the migration 0001_base.sql')
})

test('the product cannot touch the record of migrations', async () => {
  await expect(ask('select from migration.applied', [], 'skein_app')).rejects.toThrow('permission denied')
})
