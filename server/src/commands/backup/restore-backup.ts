/** Restoring a backup into an empty database: everything or nothing, then what makes it fit to be served again. */
import { instanceQueries, migrate, openDatabase, openLoad, StartRefused } from '@skein/db'
import type { BackupHead } from './backup-shapes.ts'
import { type AnewReport, beginAnew } from './begin-anew.ts'
import { checkBackup, readBackup } from './read-backup.ts'

export interface RestoreReport extends AnewReport {
  takenAt: string
  tables: number
  rows: number
}

export interface RestoreDeps {
  /** Of the secret key under which the instance will serve. */
  keyFingerprint: string
  /** Makes this process the only one on the database; called when the file is known to be whole. */
  openServer: () => Promise<{ readonly address: string; stop(): Promise<void> }>
  tell: (line: string) => void
}

/**
 * Restores the backup (BK3 to BK9).
 * @throws StartRefused when the file is not whole, the key is another one, or the database is in use
 */
export async function restoreBackup(
  { keyFingerprint, openServer, tell }: RestoreDeps,
  file: string,
): Promise<RestoreReport> {
  const { head, manifest } = await checkBackup(file)
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  tell(
    `The file is whole: ${manifest.tables.length} tables, ${rows} rows, as of ${head.takenAt} (Skein ${head.skein}).`,
  )
  if (head.keyFingerprint !== null && head.keyFingerprint !== keyFingerprint) {
    throw new StartRefused(
      'The backup was made under another secret key: sealed secrets in it would stay shut, and sessions would not hold. Nothing was changed. ' +
        'Set SECRET_KEY to the first one (with the embedded database it stood in the file secret.key of the data directory).',
    )
  }
  const server = await openServer()
  try {
    await load(server.address, file, head, tell)
    await migrate(server.address)
    const db = openDatabase(server.address)
    try {
      const anew = await beginAnew(db, tell)
      await instanceQueries.finishRestore(db.instance)
      return { takenAt: head.takenAt, tables: manifest.tables.length, rows, ...anew }
    } finally {
      await db.close()
    }
  } finally {
    await server.stop()
  }
}

async function load(address: string, file: string, head: BackupHead, tell: RestoreDeps['tell']): Promise<void> {
  const target = await openLoad(address, head.schema)
  try {
    await readBackup(file, {
      onTable: async (table, chunks) => {
        const count = await target.load(table, chunks)
        if (count > 0) tell(`  ${table.name}: ${count} rows`)
        return count
      },
    })
    await target.finish()
  } finally {
    await target.close()
  }
}
