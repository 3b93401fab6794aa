/** What an operator does from the command line, beside a running node or without one. */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { migrate, openDatabase, openPicture, packQueries, StartRefused } from '@skein/db'
import type { DocumentId } from '@skein/protocol'
import { z } from 'zod'
import { hashPassword } from './accounts/password.ts'
import { GitProbe } from './adapters/git/git-probe.ts'
import { GitProgram } from './adapters/git/git-program.ts'
import { resetPassword } from './commands/accounts/reset-password.ts'
import { restoreBackup } from './commands/backup/restore-backup.ts'
import { writeBackup } from './commands/backup/write-backup.ts'
import { rotateKey } from './commands/keys/rotate-key.ts'
import { checkRepository } from './commands/packs/check-repository.ts'
import { describeQuarantine, repairDocuments } from './commands/repair/repair-documents.ts'
import type { Config } from './config/config.ts'
import { adoptNextSecretKey, createSecrets, keepNextSecretKey, keepSecretKey } from './config/secrets.ts'
import { readVersion } from './config/version.ts'
import { createLog } from './observability/log.ts'
import { becomeNode, findServer, openStorage } from './services/storage.ts'

/** Brings the schema up to date, and nothing else. */
export async function migrateDatabase(config: Config): Promise<void> {
  const storage = await openStorage(config, { isNode: false, log: createLog(config.logLevel) })
  await storage.close()
  process.stdout.write('The schema is up to date.\n')
}

/** Gives the account a new random password and prints it. */
export async function resetPasswordOf(config: Config, email: string | undefined): Promise<void> {
  if (!email) throw new StartRefused('Whose password? Use: npm run reset-password -- <e-mail>')
  needDatabase(config)
  const storage = await openStorage(config, { isNode: false, log: createLog(config.logLevel) })
  try {
    const result = await resetPassword({ db: storage.database, hashPassword, randomBytes }, email)
    if (result.outcome === 'no-such-account') throw new StartRefused(`There is no account with the e-mail ${email}.`)
    const { name, password, sessionsEnded, activeTokens } = result
    process.stdout.write(
      `The new password of ${name} is ${password}\n` +
        `${sessionsEnded} sessions were ended. ${activeTokens} API tokens still work; they are revoked in the settings page.\n`,
    )
  } finally {
    await storage.close()
  }
}

const REPAIR_USAGE = 'Which documents? Use: npm run repair -- <document id> | --all [--dry-run]'
const QUARANTINE_TOLD = 50

/** Looks for damage in one document or all, repairs it, and tells what it did; without a document it tells what was set aside so far. */
export async function repair(config: Config, words: readonly string[]): Promise<void> {
  const isDryRun = words.includes('--dry-run')
  const isAll = words.includes('--all')
  const [name, ...more] = words.filter((word) => !word.startsWith('--'))
  const document = z.uuid().safeParse(name)
  const isUnknown = words.some((word) => word.startsWith('--') && word !== '--dry-run' && word !== '--all')
  if (isUnknown || more.length > 0 || (name !== undefined && (isAll || !document.success)))
    throw new StartRefused(REPAIR_USAGE)
  needDatabase(config)
  const storage = await openStorage(config, { isNode: false, log: createLog(config.logLevel) })
  const tell = (line: string): void => void process.stdout.write(`${line}\n`)
  try {
    if (name === undefined && !isAll) {
      const lines = await describeQuarantine(storage.database, QUARANTINE_TOLD)
      tell(lines.length > 0 ? `Set aside so far, newest first:\n${lines.join('\n')}` : 'Nothing was ever set aside.')
      tell(REPAIR_USAGE)
      return
    }
    tell(
      await repairDocuments(
        storage.database,
        { document: (document.data ?? null) as DocumentId | null, isDryRun },
        tell,
      ),
    )
  } finally {
    await storage.close()
  }
}

const FSCK_USAGE = 'Which repositories? Use: npm run fsck -- <project id> | --all'

/** Compares what rows promise about Git repositories with what Git finds in their packs; changes nothing. */
export async function fsck(config: Config, words: readonly string[]): Promise<void> {
  const [word, ...more] = words
  const project = z.uuid().safeParse(word)
  if (more.length > 0 || (word !== '--all' && !project.success)) throw new StartRefused(FSCK_USAGE)
  needDatabase(config)
  const storage = await openStorage(config, { isNode: false, log: createLog(config.logLevel) })
  const { database } = storage
  const scratchDir = path.join(config.dataDir, 'cache', `fsck-${process.pid}`)
  try {
    const probe = new GitProbe({ database, git: new GitProgram(config.searchPath), scratchDir })
    const all = await packQueries.listRepositories(database.instance)
    const chosen = project.success ? all.filter(({ projectId }) => projectId === project.data) : all
    if (project.success && chosen.length === 0) throw new StartRefused(`There is no repository of a project ${word}.`)
    let damaged = 0
    for (const repository of chosen) {
      const report = await checkRepository({ database, probe }, repository)
      if (report === null) continue
      const { packs, bytes, commits, files, problems } = report
      if (problems.length > 0) damaged++
      process.stdout.write(
        `${repository.projectId}: ${commits} commits, ${files} files, ${packs} packs, ${inWords(bytes)}: ` +
          `${problems.length === 0 ? 'all is well' : 'DAMAGED'}\n${problems.map((line) => `  ${line}\n`).join('')}`,
      )
    }
    process.stdout.write(`${chosen.length} repositories looked at, ${damaged} damaged.\n`)
    if (damaged > 0) process.exitCode = 1
  } finally {
    await rm(scratchDir, { recursive: true, force: true })
    await storage.close()
  }
}

/** Writes everything but the secret key into one file, beside a running node or without one. */
export async function backUp(config: Config, file: string | undefined): Promise<void> {
  if (!isFileName(file)) throw new StartRefused('Into which file? Use: npm run backup -- <file>')
  needDatabase(config)
  const control = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => control.abort(new StartRefused('The backup was broken off. No file was made.')))
  }
  const server = await findServer(config)
  try {
    const picture = await openPicture(server.address)
    try {
      const onTable = (name: string, { rows, bytes }: { rows: number; bytes: number }): void => {
        if (rows > 0) process.stderr.write(`  ${name}: ${rows} rows, ${inWords(bytes)}\n`)
      }
      const report = await writeBackup({ picture, version: readVersion(), signal: control.signal, onTable }, file)
      process.stdout.write(
        `Everything as of ${picture.takenAt.toISOString()} is in ${file}: ${report.rows} rows of ${report.tables} tables, ` +
          `${inWords(report.bytes)}.\nKeep the secret key apart from it; both are needed to restore.\n`,
      )
    } finally {
      await picture.close()
    }
  } finally {
    await server.stop()
  }
}

/** Fills an empty database from a backup. */
export async function restore(config: Config, file: string | undefined): Promise<void> {
  if (!isFileName(file)) throw new StartRefused('From which file? Use: npm run restore -- <file>')
  const keyFile = path.join(config.dataDir, 'secret.key')
  if (config.secretKey === null && !existsSync(keyFile)) {
    throw new StartRefused(
      `The secret key is missing. Nothing was changed. Put the file secret.key of the instance that was backed up at ${keyFile}, or set SECRET_KEY.`,
    )
  }
  const { fingerprint } = createSecrets(config.secretKey ?? keepSecretKey(config.dataDir))
  const tell = (line: string): void => void process.stderr.write(`${line}\n`)
  const onLost = (error: Error): void => {
    process.stderr.write(`Another Skein took the database over: ${error.message}\n`)
    process.exit(1)
  }
  // Alone, also where nodes serve together: none of them may write into what is being restored.
  const openServer = () => becomeNode({ ...config, redisUrl: null }, createLog(config.logLevel), onLost)
  const report = await restoreBackup({ openServer, keyFingerprint: fingerprint, tell }, file)
  // What is kept there was made from a database that is gone.
  await rm(path.join(config.dataDir, 'cache'), { recursive: true, force: true })
  process.stdout.write(
    `Restored as of ${report.takenAt}: ${report.rows} rows, ${report.documents} documents, ${report.compared} of them compared with their text` +
      `${report.damaged > 0 ? `, ${report.damaged} damaged in the backup` : ''}.\n` +
      'Start Skein now. Everybody signs in again; what devices had typed since the backup is kept there as a copy.\n',
  )
}

/** Another secret key: of the settings where they name one, else a new one in the data directory. Nothing may run meanwhile. */
export async function changeSecretKey(config: Config): Promise<void> {
  needDatabase(config)
  const isInFile = config.secretKey === null
  if (!isInFile && config.previousSecretKey === null) {
    throw new StartRefused(
      'Set SECRET_KEY to the new key (openssl rand -base64 32) and SECRET_KEY_PREVIOUS to the one before, and use: npm run rotate-key',
    )
  }
  const log = createLog(config.logLevel)
  const onLost = (error: Error): void => {
    process.stderr.write(`Another Skein took the database over: ${error.message}\n`)
    process.exit(1)
  }
  const server = await becomeNode({ ...config, redisUrl: null }, log, onLost)
  try {
    await migrate(server.address)
    const database = openDatabase(server.address)
    try {
      const old = isInFile ? keepSecretKey(config.dataDir) : (config.previousSecretKey as string)
      const next = config.secretKey ?? keepNextSecretKey(config.dataDir)
      const secrets = createSecrets(next, old)
      const oldFingerprint = createSecrets(old).fingerprint
      const rotation = await rotateKey({ db: database, secrets, oldFingerprint })
      if (rotation.outcome === 'unknown-key') {
        throw new StartRefused('The database was made under neither of the two keys. Nothing was changed.')
      }
      const kept = isInFile ? adoptNextSecretKey(config.dataDir) : null
      const secretsInWords = rotation.sealed === 1 ? '1 secret was' : `${rotation.sealed} secrets were`
      process.stdout.write(
        `${secretsInWords} sealed anew${rotation.outcome === 'rotated-before' ? '; the key had been changed before' : ''}. ` +
          'Start Skein now; everybody signs in again, and API tokens go on.\n' +
          `Backups made until now open with the key before alone: ${kept === null ? 'keep it with them' : `${kept}; keep it with them and take it away from here`}.\n`,
      )
    } finally {
      await database.close()
    }
  } finally {
    await server.stop()
  }
}

/** A misspelt DATA_DIR would otherwise get a new, empty database, and an answer about that. */
function needDatabase(config: Config): void {
  if (config.databaseUrl || existsSync(path.join(config.dataDir, 'postgres', 'PG_VERSION'))) return
  throw new StartRefused(`There is no database under ${config.dataDir}. Set DATA_DIR, or DATABASE_URL.`)
}

/** `--help` is a question, not the name of a file. */
const isFileName = (word: string | undefined): word is string =>
  word !== undefined && word !== '' && !word.startsWith('-')

const inWords = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`
