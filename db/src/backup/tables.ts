/** The tables that a backup holds, from the catalogue: a table that a migration adds is in the next backup by itself. */
import pg from 'pg'

/** A table by its full name, with the columns that are copied, in their order. */
export interface BackupTable {
  name: string
  columns: string[]
}

/** What is of use only to the node that wrote it: who is signed in, and counts of the last minutes. After a restore everybody signs in anew. */
const notKept = ['auth.session', 'auth.verification', 'public.collab_ticket', 'public.request_limit']

/** All tables in the order of their names, or those that are kept. */
export async function listTables(client: pg.ClientBase, which: 'all' | 'kept'): Promise<BackupTable[]> {
  const { rows } = await client.query<BackupTable>(
    `select n.nspname || '.' || c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relkind = 'r' and n.nspname in ('public', 'auth') group by 1 order by 1`,
  )
  return which === 'all' ? rows : rows.filter(({ name }) => !notKept.includes(name))
}

/** The full name, quoted for a statement. */
export const quoteTable = (name: string): string => name.split('.').map(pg.escapeIdentifier).join('.')

/** Table and columns, as COPY names them. */
export const copyTarget = ({ name, columns }: BackupTable): string =>
  `${quoteTable(name)} (${columns.map(pg.escapeIdentifier).join(', ')})`
