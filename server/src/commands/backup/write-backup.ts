/** Making a backup: the picture of the database, table by table, into a file that stands under its name only when it is whole. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { type DatabasePicture, StartRefused } from '@skein/db'
import { RecordWriter } from './backup-records.ts'
import type { BackupHead, BackupManifest, BackupTableEnd } from './backup-shapes.ts'

export interface BackupReport {
  tables: number
  rows: number
  /** Of the file. */
  bytes: number
}

export interface BackupDeps {
  picture: DatabasePicture
  /** Of the product. */
  version: string
  /** Ends the backup and takes the unfinished file away. */
  signal: AbortSignal
  onTable: (name: string, end: BackupTableEnd) => void
}

/**
 * Writes the backup (BK1, BK2).
 * @throws StartRefused when there is something under that name, or the instance has not been set up
 */
export async function writeBackup(deps: BackupDeps, file: string): Promise<BackupReport> {
  const target = path.resolve(file)
  // Before an hour of reading; whoever takes the name meanwhile is found at the end.
  if (existsSync(target)) throw nameTaken(target)
  const unfinished = `${target}.unfinished-${randomBytes(4).toString('hex')}`
  const handle = await open(unfinished, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new StartRefused(`${unfinished} cannot be written: ${error.message}`)
  })
  try {
    let report: BackupReport
    try {
      report = await writeRecords(
        deps,
        new RecordWriter(async (bytes) => {
          deps.signal.throwIfAborted()
          await handle.write(bytes)
        }),
      )
      await handle.sync()
    } finally {
      await handle.close()
    }
    await giveName(unfinished, target)
    return report
  } finally {
    await rm(unfinished, { force: true })
  }
}

async function writeRecords({ picture, version, onTable }: BackupDeps, writer: RecordWriter): Promise<BackupReport> {
  const { takenAt, postgres, schema, keyFingerprint } = picture
  const head: BackupHead = {
    format: 1,
    skein: version,
    takenAt: takenAt.toISOString(),
    postgres,
    schema: [...schema],
    keyFingerprint,
  }
  await writer.begin()
  await writer.json('H', head)
  const manifest: BackupManifest = { tables: [] }
  for (const table of picture.tables) {
    await writer.json('T', table)
    const end = await writeTable(picture.read(table), writer)
    await writer.json('E', end)
    manifest.tables.push({ name: table.name, ...end })
    onTable(table.name, end)
  }
  await writer.json('M', manifest)
  await writer.end()
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  return { tables: manifest.tables.length, rows, bytes: writer.bytes }
}

async function writeTable(chunks: AsyncGenerator<Buffer, number>, writer: RecordWriter): Promise<BackupTableEnd> {
  const hash = createHash('sha256')
  let bytes = 0
  for (;;) {
    const { value, done } = await chunks.next()
    if (done) return { rows: value, bytes, sha256: hash.digest('hex') }
    hash.update(value)
    bytes += value.length
    await writer.data(value)
  }
}

/** Gives a whole file its name, which fails when the name is taken, and waits until that is on the disk. */
async function giveName(unfinished: string, target: string): Promise<void> {
  await link(unfinished, target).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST'
      ? nameTaken(target)
      : new StartRefused(`The backup cannot be put under ${target}: ${error.message}`)
  })
  const folder = await open(path.dirname(target), 'r')
  await folder.sync().finally(() => folder.close())
}

const nameTaken = (target: string): StartRefused =>
  new StartRefused(
    `There is a file ${target} already. It was left as it is, and no backup was made. Choose another name.`,
  )
