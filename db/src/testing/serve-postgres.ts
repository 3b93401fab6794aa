/**
 * A PostgreSQL server that tests of the whole product may break, as a program: `serve-postgres.ts <folder>`. Says one line of JSON about
 * itself after each word, and obeys these on its standard input:
 * - `kill` (every process, as by a crash of the machine), `stop` (immediately, without a checkpoint), `start`
 * - `pause` and `resume` of every process of the server
 * - `replicate`: from now on a second server beside it has every commit before it counts; `lag`: that one gets nothing more, and no commit waits
 *   for it; `fail over`: the first is killed, the second serves
 *
 * It ends with its input.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { type EmbeddedServer, startEmbedded } from '../embedded/server.ts'
import { migrate } from '../migrate.ts'
import { prepareEmbedded } from '../roles.ts'

const home = process.argv[2]
if (!home) throw new Error('Which folder? Use: serve-postgres.ts <folder>')

const SETTINGS = { max_connections: '100', max_wal_size: '128MB', min_wal_size: '32MB' }
const signals: Readonly<Record<string, NodeJS.Signals>> = {
  kill: 'SIGKILL',
  stop: 'SIGQUIT',
  pause: 'SIGSTOP',
  resume: 'SIGCONT',
}

const first = home
const second = path.join(home, 'standby')
let serving = first
let server: EmbeddedServer

const postmasterId = (folder: string): number =>
  Number(readFileSync(path.join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0])

/** The postmaster and its children. */
function serverIds(): number[] {
  const postmaster = postmasterId(serving)
  const isChild = (id: string) => {
    try {
      return readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(postmaster)
    } catch {
      return false
    }
  }
  const children = readdirSync('/proc').filter((id) => /^\d+$/.test(id) && isChild(id))
  return [postmaster, ...children.map(Number)]
}

function signal(word: string, ids: readonly number[]): void {
  for (const id of ids) process.kill(id, signals[word])
  process.stdout.write('{}\n')
}

async function start(): Promise<void> {
  server = await startEmbedded(serving, SETTINGS)
  const address = await prepareEmbedded(server)
  await migrate(address)
  tell(address)
}

function tell(address: string): void {
  const superuserAddress = new URL(server.superuserAddress)
  superuserAddress.pathname = new URL(address).pathname
  process.stdout.write(`${JSON.stringify({ address, superuserAddress: superuserAddress.href })}\n`)
}

async function asSuperuser(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: server.superuserAddress })
  await client.connect()
  await work(client)
  await client.end()
}

/** The low-level way of a base backup: the embedded binaries have no program for it. */
async function replicate(): Promise<void> {
  await asSuperuser(async (client) => {
    await client.query(`select pg_backup_start('standby', true)`)
    for (const part of readdirSync(first).filter((name) => name.startsWith('postgres'))) {
      const isWanted = (from: string) => !from.endsWith('postmaster.pid')
      cpSync(path.join(first, part), path.join(second, part), { recursive: true, filter: isWanted })
    }
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()')
    const data = path.join(second, 'postgres')
    writeFileSync(path.join(data, 'backup_label'), rows[0]?.labelfile ?? '')
    writeFileSync(path.join(data, 'standby.signal'), '')
  })
  await startEmbedded(second, { ...SETTINGS, primary_conninfo: `${server.superuserAddress}?application_name=standby` })
  await asSuperuser(async (client) => {
    await client.query(`alter system set synchronous_standby_names = 'standby'`)
    await client.query('select pg_reload_conf()')
    for (;;) {
      const { rowCount } = await client.query(`select from pg_stat_replication where sync_state = 'sync'`)
      if (rowCount) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })
  process.stdout.write('{}\n')
}

/** The process that sends to the second server stands still; it dies with the first one. */
async function lag(): Promise<void> {
  await asSuperuser(async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_replication')
    for (const { pid } of rows) process.kill(pid, 'SIGSTOP')
    await client.query('alter system reset synchronous_standby_names')
    await client.query('select pg_reload_conf()')
  })
  process.stdout.write('{}\n')
}

async function failOver(): Promise<void> {
  for (const id of serverIds()) process.kill(id, 'SIGKILL')
  serving = second
  server = await startEmbedded(second)
  await asSuperuser(async (client) => {
    await client.query('select pg_promote()')
    await client.query('alter system reset synchronous_standby_names')
    await client.query('select pg_reload_conf()')
  })
  tell(await prepareEmbedded(server))
}

rmSync(second, { recursive: true, force: true })
await start()
for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'start') await start()
  else if (word === 'replicate') await replicate()
  else if (word === 'lag') await lag()
  else if (word === 'fail over') await failOver()
  else if (word === 'stop') signal(word, [postmasterId(serving)])
  else if (word in signals) signal(word, serverIds())
}
process.exit(0)
