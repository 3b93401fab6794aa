/** What an operator does from the command line, beside a running node or without one. */

import { randomBytes } from 'node:crypto'
import { StartRefused } from '@skein/db'
import { hashPassword } from './accounts/password.ts'
import { resetPassword } from './commands/accounts/reset-password.ts'
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
