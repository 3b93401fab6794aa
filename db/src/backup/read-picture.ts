/**
 * One picture of the whole database for a backup: a single transaction that sees one moment, while everybody goes on writing. It reads as
 * `skein_owner`, by the policy that lets it look into every workspace.
 */
import pg from 'pg'
import { connectionAs } from '../pool.ts'
import { copyOut } from './copy.ts'
import { type BackupTable, listTables, quoteTable } from './tables.ts'

/** A migration that has been applied. */
export interface AppliedMigration {
  version: number
  name: string
  checksum: string
}

export interface DatabasePicture {
  readonly takenAt: Date
  readonly postgres: string
  readonly schema: readonly AppliedMigration[]
  /** The fingerprint of the secret key under which the instance serves. */
  readonly keyFingerprint: string | null
  readonly tables: readonly BackupTable[]
  /** The rows of a table in the binary format of COPY; the result is their number. One table at a time, each to its end. */
  read(table: BackupTable): AsyncGenerator<Buffer, number>
  close(): Promise<void>
}

/** Opens the picture; the caller closes it. */
export async function openPicture(address: string): Promise<DatabasePicture> {
  const client = new pg.Client(connectionAs(address, 'skein_owner'))
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const tables = await listTables(client, 'kept')
    const { rows: schema } = await client.query<AppliedMigration>(
      'select version, name, checksum from migration.applied order by version',
    )
    const { rows: facts } = await client.query<{ at: Date; version: string; fingerprint: string | null }>(
      `select now() as at, current_setting('server_version') as version,
         (select value #>> '{}' from instance_setting where key = 'secret_fingerprint') as fingerprint`,
    )
    const [{ at, version, fingerprint }] = facts as [(typeof facts)[number]]
    return {
      takenAt: at,
      postgres: version,
      schema,
      keyFingerprint: fingerprint,
      tables,
      // As a query, because COPY of a table itself would go past its policies or refuse.
      read: (table) =>
        copyOut(client, `copy (select ${columnsOf(table)} from ${tableOf(table)}) to stdout (format binary)`),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

const columnsOf = ({ columns }: BackupTable): string => columns.map(pg.escapeIdentifier).join(', ')
const tableOf = ({ name }: BackupTable): string => quoteTable(name)
