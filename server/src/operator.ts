/** What an operator does from the command line, beside a running node or without one. */

import { randomBytes } from 'node:crypto'
import { StartRefused } from '@skein/db'
import type { DocumentId } from '@skein/protocol'
import { z } from 'zod'
import { hashPassword } from './accounts/password.ts'
import { resetPassword } from './commands/accounts/reset-password.ts'
import { describeQuarantine, repairDocuments } from './commands/repair/repair-documents.ts'
import type { Config } from './config/config.ts'
import { createLog } from './observability/log.ts'
import { openStorage } from './services/storage.ts'

/** Brings the schema up to date, and nothing else. */
export async function migrateDatabase(config: Config): Promise<void> {
  const storage = await openStorage(config, { isNode: false, log: createLog(config.logLevel) })
  await storage.close()
  process.stdout.write('The schema is up to date.\n')
}

/** Gives the account a new random password and prints it. */
export async function resetPasswordOf(config: Config, email: string | undefined): Promise<void> {
  if (!email) throw new StartRefused('Whose password? Use: reset-password <e-mail>')
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
