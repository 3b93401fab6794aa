/** Everything that the tables hold of a tenant, as text, to be compared before and after. */
import type { Sql } from '../transaction.ts'
import type { TestDatabase } from './database.ts'

export interface Tables {
  /** Schema-qualified and quoted. */
  names: string[]
  /** Those that row-level security guards. */
  guarded: string[]
}

/** All tables of the product, by the catalogue. */
export async function listTables(ask: TestDatabase['ask']): Promise<Tables> {
  const rows = await ask<{ name: string; guarded: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name, c.relrowsecurity as guarded
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'auth') order by 1`,
  )
  return { names: rows.map(({ name }) => name), guarded: rows.filter(({ guarded }) => guarded).map(({ name }) => name) }
}

/** Every row that mentions one of the ids, as far as whoever runs `sql` can see it: the table's name and the row. */
export async function rowsMentioning(sql: Sql, tables: Tables, ids: readonly string[]): Promise<string[]> {
  const everyRow = tables.names.map((name) => `select '${name}' || t::text as row from ${name} t`).join(' union all ')
  const rows = await sql.query<{ row: string }>(`select row from (${everyRow}) as rows(row) order by row collate "C"`)
  return rows.map(({ row }) => row).filter((row) => ids.some((id) => row.includes(id)))
}
