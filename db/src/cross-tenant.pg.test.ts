/**
 * Row-level security as the second wall: every query, called with another tenant's ids, finds nothing and changes nothing. Each call is tried
 * at home first, so that a case which would find nothing anywhere does not pass.
 */
import { describe, expect, test } from 'vitest'
import { makeQueryCases, type QueryCase } from './cross-tenant.cases.ts'
import * as db from './index.ts'
import { createTestDatabase } from './testing/database.ts'
import { listTables, rowsMentioning } from './testing/picture.ts'
import { ghostTenant, idsOf, seedTenant } from './testing/tenant.ts'
import type { Sql } from './transaction.ts'

const { database, ask } = await createTestDatabase()
const home = await seedTenant(ask, 'ana')
const away = await seedTenant(ask, 'ben')
const cases = makeQueryCases(db)

const namespaces = Object.entries(db).filter(([name]) => name.endsWith('Queries')) as [
  string,
  Record<string, unknown>,
][]
const flat: [name: string, one: QueryCase][] = Object.entries(cases).flatMap(([namespace, functions]) =>
  Object.entries(functions).map(([name, one]): [string, QueryCase] => [`${namespace}.${name}`, one as QueryCase]),
)
const reads = flat.flatMap(([name, one]) => ('read' in one ? [[name, one.read] as const] : []))
const writes = flat.flatMap(([name, one]) => ('write' in one ? [[name, one.write] as const] : []))

const tables = await listTables(ask)
const pictureOf = (sql: Sql): Promise<string[]> => rowsMentioning(sql, tables, idsOf(home))
const picture = (): Promise<string[]> => pictureOf({ query: (text, values) => ask(text, values) })

/** Nothing, in whatever shape a query says it. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return true
  if (Array.isArray(value)) return value.every(isNothing)
  if (value instanceof Map || value instanceof Set) return value.size === 0
  if (value instanceof Date || ArrayBuffer.isView(value)) return false
  return typeof value === 'object' && Object.values(value).every(isNothing)
}

class Undo extends Error {}

test('every exported query has a case, and every case a query', () => {
  const exported = namespaces.flatMap(([namespace, functions]) =>
    Object.entries(functions)
      .filter(([, value]) => typeof value === 'function')
      .map(([name]) => `${namespace}.${name}`),
  )
  expect(flat.map(([name]) => name).sort()).toEqual(exported.sort())
})

test('the tenant has a row in every table that row-level security guards', async () => {
  const rows = await picture()
  for (const name of tables.guarded) {
    expect(
      rows.some((row) => row.startsWith(`${name}(`)),
      `no row in ${name}`,
    ).toBe(true)
  }
})

describe('a read', () => {
  test.each(reads)(
    '%s finds something at home, and nothing elsewhere, with no workspace, or for ids that never were',
    async (_, read) => {
      expect(isNothing(await database.inWorkspace(home.workspace, (tx) => read(tx, home)))).toBe(false)
      expect(await database.inWorkspace(away.workspace, (tx) => read(tx, home))).toSatisfy(isNothing)
      expect(await database.onInstance((tx) => read(tx, home))).toSatisfy(isNothing)
      expect(await database.inWorkspace(home.workspace, (tx) => read(tx, ghost))).toSatisfy(isNothing)
    },
  )
})

const ghost = { ...ghostTenant(home), path: 'no/such', blob: Buffer.alloc(32, 1), repository: 0, pack: '0' }

describe('a write', () => {
  test.each(writes)('%s changes something at home, and nothing from elsewhere', async (_, write) => {
    const atHome = database.inWorkspace(home.workspace, async (tx) => {
      const before = await pictureOf(tx)
      await write(tx, home)
      expect(await pictureOf(tx)).not.toEqual(before)
      throw new Undo()
    })
    await expect(atHome).rejects.toThrow(Undo)

    const before = await picture()
    await database.inWorkspace(away.workspace, (tx) => write(tx, home)).catch(expectRefusal)
    await database.onInstance((tx) => write(tx, home)).catch(expectRefusal)
    expect(await picture()).toEqual(before)
  })

  test.each(writes)('%s leaves no row of one tenant in a project of another', async (_, write) => {
    const before = await picture()
    const mixed = { ...home, workspace: away.workspace }
    await database.inWorkspace(away.workspace, (tx) => write(tx, mixed)).catch(expectRefusal)
    expect(await picture()).toEqual(before)
  })
})

/** Row-level security, a foreign key, or a query that found nothing where there must be something. */
function expectRefusal(error: Error & { code?: string }): void {
  if (error.code === undefined) expect(error.message).toMatch(/not in this workspace/)
  else expect(['42501', '23503']).toContain(error.code)
}

test('control: without row-level security the same reads would find another tenant’s rows', async () => {
  for (const name of tables.guarded) await ask(`alter table ${name} disable row level security`)
  const leaks: string[] = []
  for (const [name, read] of reads) {
    if (!isNothing(await database.inWorkspace(away.workspace, (tx) => read(tx, home)))) leaks.push(name)
  }
  for (const name of tables.guarded) await ask(`alter table ${name} enable row level security`)
  expect(leaks).toEqual(reads.map(([name]) => name))
})
