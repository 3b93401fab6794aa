/**
 * Under which operating-system account the embedded PostgreSQL runs. It refuses uid 0, and people do start Skein as
 * root (containers, fresh machines). As root on Linux there are two ways down:
 *
 * - `namespace`: a user namespace that maps us to uid 65534. No user is made, nothing changes owner, folders with mode
 *   0700 above the data stay readable.
 * - `other`: where namespaces are forbidden (Docker's default profile), uid 65534 itself; the data folder is given to it.
 *   A folder that belongs to somebody already is served as that person. When a folder above is closed to others the
 *   process keeps one capability, to pass through.
 *
 * Everybody else runs it under their own account.
 */

import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, lchownSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { StartRefused } from '../refusal.ts'

export type Account =
  | { readonly is: 'own' }
  | { readonly is: 'namespace' }
  | { readonly is: 'other'; readonly uid: number; readonly gid: number }

export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

const nobodyId = 65534

const namespaceArgs = ['--user', `--map-user=${nobodyId}`, `--map-group=${nobodyId}`, '--']

/** The environment of every child process here: built from scratch; Windows needs its own, so it is inherited there. */
export const childEnvironment: NodeJS.ProcessEnv | undefined =
  process.platform === 'win32'
    ? undefined
    : { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C', TZ: 'UTC' }

/** Finds the account under which PostgreSQL can run on this machine and may use the folder, if there is one already. */
export function chooseAccount(folder: string): Account {
  if (process.getuid?.() !== 0) return { is: 'own' }
  const owner = existsSync(folder) ? statSync(folder) : null
  if (owner && owner.uid !== 0) return { is: 'other', uid: owner.uid, gid: owner.gid }
  if (succeeds('unshare', [...namespaceArgs, 'true'])) return { is: 'namespace' }
  return { is: 'other', uid: nobodyId, gid: nobodyId }
}

/** Gives our own folder to the account that will use it. */
export function giveTo(account: Account, folder: string): void {
  if (account.is !== 'other' || statSync(folder).uid === account.uid) return
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    lchownSync(path.join(folder, entry), account.uid, account.gid)
  }
  chownSync(folder, account.uid, account.gid)
}

/**
 * The command line that runs a PostgreSQL binary under the account. With `dieWithParent` the kernel ends it when this
 * process ends, even by kill -9 (Linux only; elsewhere the next start finds the server and uses it again).
 */
export function commandFor(
  account: Account,
  folder: string,
  binary: string,
  args: readonly string[],
  dieWithParent: boolean,
): Command {
  const setpriv: string[] = dieWithParent && succeeds('setpriv', ['--version']) ? ['--pdeathsig', 'INT'] : []
  if (account.is === 'other') {
    if (!succeeds('setpriv', ['--version'])) {
      throw new StartRefused(
        'PostgreSQL cannot run as root, and this machine lacks the program setpriv (package util-linux). Install it, start Skein as an ordinary user, or set DATABASE_URL.',
      )
    }
    setpriv.push(`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups')
    if (![folder, binary].every(isOpenToOthers))
      setpriv.push('--inh-caps=+dac_override', '--ambient-caps=+dac_override')
  }
  const line = setpriv.length > 0 ? ['setpriv', ...setpriv, '--', binary, ...args] : [binary, ...args]
  const [file = binary, ...rest] = account.is === 'namespace' ? ['unshare', ...namespaceArgs, ...line] : line
  return { file, args: rest }
}

function succeeds(file: string, args: readonly string[]): boolean {
  if (process.platform !== 'linux') return false
  return spawnSync(file, args, { env: childEnvironment, stdio: 'ignore' }).status === 0
}

/** Whether another account may pass through every folder above the path. */
function isOpenToOthers(target: string): boolean {
  for (let folder = path.dirname(path.resolve(target)); ; folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === path.dirname(folder)) return true
  }
}
