/**
 * The folder of the embedded database: made once by initdb, recognised afterwards, never emptied. A folder that holds
 * something else, or the files of another PostgreSQL version, is refused with what to do about it.
 */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { StartRefused } from '../refusal.ts'
import { type Account, childEnvironment, commandFor } from './account.ts'

/** The version whose binaries are among the dependencies; the files of a cluster fit one major version only. */
export const postgresMajor = '18'

/** The superuser, used by the starter alone, to make the roles and the database. */
export const superuser = 'postgres'

/** Reads the superuser's password, or makes it; it stands beside the cluster, readable for its owner only. */
export function keepPassword(dataDir: string): string {
  const file = path.join(dataDir, 'postgres.password')
  if (existsSync(file)) return readOwn(file)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const password = randomBytes(24).toString('base64url')
  writeFileSync(`${file}.new`, `${password}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return password
}

function readOwn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new StartRefused(
      `${file} cannot be read (${(error as Error).message}). The data directory belongs to the account under which Skein was started first; use the same one.`,
    )
  }
}

/** Says whether the folder holds a cluster that this version serves; `false` means it is free to be made. */
export function isCluster(folder: string): boolean {
  if (!existsSync(folder)) return false
  const versionFile = path.join(folder, 'PG_VERSION')
  if (!existsSync(versionFile)) {
    if (readdirSync(folder).length === 0) return false
    throw new StartRefused(
      `The folder ${folder} is not empty and holds no PostgreSQL database. Nothing in it was touched. Move it away, or choose another DATA_DIR.`,
    )
  }
  const version = readOwn(versionFile)
  if (version === postgresMajor) return true
  throw new StartRefused(
    `The database in ${folder} was made by PostgreSQL ${version}; this Skein brings PostgreSQL ${postgresMajor}. Nothing was changed. ` +
      `To carry it over: start the Skein that made it, run \`pg_dump -Fc -d <address> -f skein.dump\` (PostgreSQL ${version}), ` +
      `move the folder away, start this Skein once, stop it when it is ready, and run \`pg_restore --clean --if-exists -d <address> skein.dump\`.`,
  )
}

/**
 * Makes the cluster. initdb works in a folder beside the final one, which is then renamed: a start that was cut short
 * leaves nothing that looks like a database.
 */
export function makeCluster(folder: string, account: Account, initdb: string, password: string): void {
  const making = `${folder}.making-${randomBytes(4).toString('hex')}`
  mkdirSync(making, { recursive: true, mode: 0o700 })
  const passwordFile = `${making}.password`
  writeFileSync(passwordFile, password, { mode: 0o600 })
  try {
    if (account.is === 'other') for (const made of [making, passwordFile]) chownSync(made, account.uid, account.gid)
    // The builtin C.UTF-8 locale needs nothing of the operating system and still lowers 'É' to 'é'.
    const command = commandFor(
      account,
      making,
      initdb,
      [
        ...[
          '-D',
          making,
          '-U',
          superuser,
          '--auth=scram-sha-256',
          `--pwfile=${passwordFile}`,
          '--encoding=UTF8',
          '--locale=C',
        ],
        ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
      ],
      false,
    )
    const made = spawnSync(command.file, command.args, {
      env: childEnvironment,
      cwd: path.parse(making).root,
      encoding: 'utf8',
    })
    if (made.status !== 0) {
      throw new StartRefused(
        `The embedded database could not be made in ${folder}: ${made.stderr || made.error?.message}`,
      )
    }
    if (existsSync(folder)) rmdirSync(folder)
    renameSync(making, folder)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(making, { recursive: true, force: true })
  }
}
