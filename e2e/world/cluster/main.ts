/**
 * `npm run cluster`: three nodes, their Redis, one database and a load balancer on this machine, for trying what several nodes are like.
 * A node that is killed by hand is passed by and started again; Ctrl+C ends everything in order.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../product.ts'
import { bootRedis } from '../redis.ts'
import { startBalancer } from './balancer.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const NODES = 3
const READY_WITHIN_MS = 120_000
const REST_MS = 1_000
const ENDS_WITHIN_MS = 30_000
const GREETING = 'Skein runs at '

const port = Number(process.env.PORT || 3000)
const dataDir = path.resolve(process.env.DATA_DIR || 'data')
const ends: (() => Promise<unknown>)[] = []
let isEnding = false

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Starts in a process group of its own, so that Ctrl+C reaches this program alone. */
const launch = (args: readonly string[], env: Record<string, string>, stdout: 'pipe' | 'inherit'): ChildProcess =>
  spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['pipe', stdout, 'inherit'],
    detached: true,
  })

/** The key of `npm start` on the same data, or a new one. */
function keepSecretKey(): string {
  const file = path.join(dataDir, 'secret.key')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  }
  return readFileSync(file, 'utf8').trim()
}

/** The address of the database: the given one, or one of our own. */
async function findDatabase(): Promise<{ DATABASE_URL: string; SECRET_KEY: string }> {
  const { DATABASE_URL, SECRET_KEY } = process.env
  if (DATABASE_URL) return { DATABASE_URL, SECRET_KEY: SECRET_KEY ?? '' }
  const database = launch(['db/src/embedded/main.ts', dataDir], {}, 'pipe')
  ends.push(() => end(database))
  const lines = createInterface({ input: database.stdout as NonNullable<typeof database.stdout> })
  const first = await Promise.race([once(lines, 'line'), once(database, 'exit')])
  if (typeof first[0] !== 'string') throw new Error('The database did not start; what it said stands above.')
  return { DATABASE_URL: JSON.parse(first[0]).address, SECRET_KEY: SECRET_KEY ?? keepSecretKey() }
}

async function findRedis(): Promise<string> {
  if (process.env.REDIS_URL) return process.env.REDIS_URL
  const redis = await bootRedis({ isDetached: true })
  if (!redis) {
    throw new Error(
      'Several nodes need Redis, and there is no program redis-server here. Install it (Debian: apt-get install redis-server), or set REDIS_URL to one that runs.',
    )
  }
  ends.push(() => redis.end())
  return redis.url
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const overdue = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS)
  await ended
  clearTimeout(overdue)
}

/** Keeps one node running until the end. */
async function keepNode(name: string, settings: Record<string, string>): Promise<void> {
  while (!isEnding) {
    const node = launch(['server/src/main.ts'], settings, 'pipe')
    nodes.set(name, node)
    const lines = createInterface({ input: node.stdout as NonNullable<typeof node.stdout> })
    lines.on('line', (line) => {
      // It tells the address of all as its own.
      if (!line.startsWith(GREETING)) say(`${name}: ${line}`)
    })
    await once(node, 'exit')
    if (isEnding) return
    say(`${name} has ended; it is started again`)
    await sleep(REST_MS)
  }
}

const nodes = new Map<string, ChildProcess>()

async function run(): Promise<void> {
  const database = await findDatabase()
  const shared = {
    ...database,
    REDIS_URL: await findRedis(),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PUBLIC_URL: process.env.PUBLIC_URL ?? `http://localhost:${port}`,
    TRUST_PROXY: '127.0.0.1,::1,::ffff:127.0.0.1',
  }
  const ports: number[] = []
  for (let n = 0; n < NODES; n++) ports.push(await freePort())
  const balancer = await startBalancer({ port, nodes: ports })
  ends.push(() => balancer.close())
  ends.push(async () => void (await Promise.all([...nodes.values()].map(end))))
  for (const [n, nodePort] of ports.entries()) {
    const settings = { ...shared, PORT: `${nodePort}`, DATA_DIR: path.join(dataDir, `cluster/node-${n + 1}`) }
    void keepNode(`node ${n + 1}`, settings)
  }
  const until = Date.now() + READY_WITHIN_MS
  while (!isEnding && !ports.every((each) => balancer.ready.has(each))) {
    if (Date.now() > until) throw new Error('The nodes did not become ready; what they said stands above.')
    await sleep(100)
  }
  if (isEnding) return
  say(`\nSkein runs on ${NODES} nodes at ${shared.PUBLIC_URL} – stop it with Ctrl+C`)
  for (const [name, { pid }] of nodes) say(`${name} is process ${pid}; try: kill -9 ${pid}`)
}

async function endAll(code: number): Promise<void> {
  if (isEnding) return
  isEnding = true
  for (const step of ends.reverse()) await step().catch(() => {})
  process.exit(code)
}

process.on('SIGINT', () => void endAll(0))
process.on('SIGTERM', () => void endAll(0))
await run().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  return endAll(1)
})
