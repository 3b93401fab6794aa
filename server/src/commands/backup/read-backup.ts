/** Reading a backup from its beginning to its end, and refusing it where it is not what was written (BK3). */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { StartRefused } from '@skein/db'
import type { z } from 'zod'
import { type RecordKind, RecordReader } from './backup-records.ts'
import { BackupHead, BackupManifest, BackupTableEnd, BackupTableStart } from './backup-shapes.ts'

export interface BackupReading {
  onHead?(head: BackupHead): void
  /** Takes the rows of a table and says how many there were; they have to be read to their end. Null: nobody counted. */
  onTable(table: { name: string; columns: string[] }, chunks: AsyncIterable<Buffer>): Promise<number | null>
}

/**
 * Reads the whole file. What is given to `onTable` is checked only when the table has ended: nothing of it may last before this resolves.
 * @throws StartRefused with what is wrong and where
 */
export async function readBackup(file: string, { onHead, onTable }: BackupReading): Promise<BackupManifest> {
  const reader = new RecordReader(createReadStream(file, { highWaterMark: 1024 * 1024 }))
  try {
    await reader.begin()
    const head = expect(reader, BackupHead, 'H', await reader.next())
    onHead?.(head)
    const tables: BackupManifest['tables'] = []
    for (;;) {
      const record = await reader.next()
      if (record.kind !== 'T') return await readEnd(reader, tables, record)
      const table = expect(reader, BackupTableStart, 'T', record)
      reader.place = table.name
      tables.push({ name: table.name, ...(await readTable(reader, table, onTable)) })
      reader.place = `what follows ${table.name}`
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new StartRefused(`The backup cannot be read: there is no file ${file}.`)
    if (code === 'EACCES' || code === 'EISDIR') throw new StartRefused(`The backup cannot be read: ${message}`)
    throw error
  } finally {
    await reader.close()
  }
}

/** Reads the whole file for nothing but to know that it is whole. */
export async function checkBackup(file: string): Promise<{ head: BackupHead; manifest: BackupManifest }> {
  let head: BackupHead | undefined
  const manifest = await readBackup(file, {
    onHead: (found) => {
      head = found
    },
    onTable: async (_, chunks) => {
      for await (const _chunk of chunks);
      return null
    },
  })
  return { head: head as BackupHead, manifest }
}

async function readTable(
  reader: RecordReader,
  table: { name: string; columns: string[] },
  onTable: BackupReading['onTable'],
): Promise<BackupTableEnd> {
  const hash = createHash('sha256')
  let bytes = 0
  let end: BackupTableEnd | undefined
  async function* chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const record = await reader.next()
      if (record.kind !== 'D') {
        end = expect(reader, BackupTableEnd, 'E', record)
        // Before the last rows are taken for good.
        if (end.bytes !== bytes || end.sha256 !== hash.digest('hex'))
          throw reader.refuse('was changed: a checksum is another one')
        return
      }
      hash.update(record.bytes)
      bytes += record.bytes.length
      yield record.bytes
    }
  }
  const rows = await onTable(table, chunks())
  if (!end) throw new Error(`${table.name} was not read to its end`)
  if (rows !== null && rows !== end.rows) {
    throw new StartRefused(`Of ${end.rows} rows of ${table.name} the database took ${rows}. Nothing was changed.`)
  }
  return end
}

async function readEnd(
  reader: RecordReader,
  tables: BackupManifest['tables'],
  record: { kind: RecordKind; bytes: Buffer },
): Promise<BackupManifest> {
  reader.place = 'its manifest'
  const manifest = expect(reader, BackupManifest, 'M', record)
  if (linesOf(manifest.tables) !== linesOf(tables)) throw reader.refuse('does not hold what it says that it holds')
  const last = await reader.next()
  if (last.kind !== 'Z') throw reader.refuse('is damaged')
  await reader.end()
  return manifest
}

const linesOf = (tables: BackupManifest['tables']): string =>
  tables.map(({ name, rows, bytes, sha256 }) => `${name} ${rows} ${bytes} ${sha256}`).join('\n')

function expect<Value>(
  reader: RecordReader,
  schema: z.ZodType<Value>,
  kind: RecordKind,
  record: { kind: RecordKind; bytes: Buffer },
): Value {
  if (record.kind !== kind) throw reader.refuse('is damaged')
  try {
    return schema.parse(JSON.parse(record.bytes.toString()))
  } catch {
    throw reader.refuse('is damaged')
  }
}
