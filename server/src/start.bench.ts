/**
 * Starting, and standing idle: the whole product in one process with the embedded database, as `npm start` runs it once everything is built.
 * The memory is the process's own; PostgreSQL runs beside it and is named for comparison.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const goalBytes = 200_000_000
const goalSecondStartMs = 5_000
/** Long enough for the engine to give back what the start took, as in an instance that nobody uses: it does so some twenty seconds later. */
const idleMs = 30_000

const root = path.resolve(import.meta.dirname, '../..')
const dataDir = await mkdtemp(path.join(tmpdir(), 'skein-start-'))
const port = await findFreePort()

const first = await start()
await end(first.child)
const second = await start()
await visitPages()
await sleep(idleMs)
const bytes = await readResidentBytes()
const databaseBytes = readDatabaseBytes()
await end(second.child)
await rm(dataDir, { recursive: true, force: true })

const megabytes = (count: number): string => `${(count / 1e6).toFixed(0)} MB`
const judge = (isMet: boolean): string => (isMet ? 'met' : 'missed')
process.stdout.write(`first start, with a new database: ready after ${first.readyMs} ms\n`)
process.stdout.write(
  `second start: ready after ${second.readyMs} ms (goal ${goalSecondStartMs} ms: ${judge(second.readyMs <= goalSecondStartMs)})\n`,
)
process.stdout.write(
  `idle after its pages were looked at: ${megabytes(bytes)} (goal ${megabytes(goalBytes)}: ${judge(bytes <= goalBytes)}); ` +
    `beside it PostgreSQL${databaseBytes === null ? '' : ` with ${megabytes(databaseBytes)}`}\n`,
)

async function start(): Promise<{ child: ChildProcess; readyMs: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, ['server/src/main.ts'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/skein-modules'),
      PORT: String(port),
      DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  while (!(await get('/readyz').catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error('the server did not start')
    await sleep(10)
  }
  return { child, readyMs: Math.round(performance.now() - began) }
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function visitPages(): Promise<void> {
  for (const page of ['/', '/sign-in', '/sign-up', '/api/v1/instance']) await (await get(page)).text()
}

async function readResidentBytes(): Promise<number> {
  const text = await (await get('/metrics')).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])
}

/** Memory of all processes of our database, shared pages divided among them; null where /proc is not there. */
function readDatabaseBytes(): number | null {
  if (process.platform !== 'linux') return null
  const folder = path.join(dataDir, 'postgres')
  let kilobytes = 0
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== folder) continue
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
    } catch {
      // It ended while we looked.
    }
  }
  return kilobytes * 1024
}

function get(address: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${address}`)
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}
