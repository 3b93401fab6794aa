/**
 * The measured servers, each a fresh process: Skein as `npm start` runs it (without pages and background work), and its peers, which are
 * installed when they are first needed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kind } from './figures.ts'
import type { Dialect } from './seat.ts'
import { cpuSeconds } from './usage.ts'

/** Path of a Yjs update with which every document of a peer begins; null: empty. */
export type Seed = string | null

export interface BenchServer {
  kind: Kind
  port: number
  pid: number
  dialect: Dialect
  /** Processor time so far, in seconds. */
  cpu(): number
  /** After everything unused was given back. */
  memory(): Promise<NodeJS.MemoryUsage>
  stop(): Promise<void>
}

const ROOT = path.resolve(import.meta.dirname, '../../../..')
const PEERS = path.join(ROOT, 'bench/peers')
const INSTALLED = path.join(ROOT, 'node_modules/.cache/skein-bench-peers')
const MEMORY_DOOR = path.join(PEERS, 'memory-door.mjs')
const PROGRAMS = {
  relay: 'relay.mjs',
  'y-websocket': 'y-websocket.mjs',
  hocuspocus: 'hocuspocus.mjs',
  'hocuspocus-pg': 'hocuspocus.mjs',
} as const
const READY_WITHIN_MS = 30_000

/** On the database at that address. */
export async function startSkein(databaseUrl: string): Promise<BenchServer> {
  const port = await findFreePort()
  const dataDir = await mkdtemp(path.join(tmpdir(), 'skein-bench-'))
  const child = launch([path.join(ROOT, 'server/src/main.ts')], {
    PORT: String(port),
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    SECRET_KEY: 'a secret for benchmarks alone, of no use elsewhere',
    SERVICES: 'api,collab',
    LOG_LEVEL: 'warn',
  })
  await untilReady(child, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok)
  return serverOf('skein', child, port, () => rm(dataDir, { recursive: true, force: true }))
}

export async function startPeer(kind: Exclude<Kind, 'skein'>, databaseUrl: string, seed: Seed): Promise<BenchServer> {
  await installPeers()
  const options = { state: seed, ...(kind === 'hocuspocus-pg' && { database: databaseUrl }) }
  const child = launch([path.join(INSTALLED, PROGRAMS[kind]), JSON.stringify(options)])
  let port = 0
  child.once('message', (message: { port: number }) => {
    port = message.port
  })
  await untilReady(child, async () => port > 0)
  return serverOf(kind, child, port)
}

const launch = (args: readonly string[], env: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, ['--expose-gc', '--import', MEMORY_DOOR, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })

async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('A measured server did not start')
    await sleep(10)
  }
}

function serverOf(kind: Kind, child: ChildProcess, port: number, tidy = async () => {}): BenchServer {
  const pid = child.pid ?? 0
  return {
    kind,
    port,
    pid,
    dialect: kind === 'relay' || kind === 'y-websocket' ? 'y-websocket' : 'hocuspocus',
    cpu: () => cpuSeconds([pid]),
    memory: async () => {
      child.send('memory')
      const [{ memory }] = await once(child, 'message')
      return memory
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      await tidy()
    },
  }
}

/** Copies their programs beside their dependencies, and installs those that the lockfile names. */
async function installPeers(): Promise<void> {
  const lock = await readFile(path.join(PEERS, 'package-lock.json'), 'utf8')
  const stamp = path.join(INSTALLED, 'installed')
  const isInstalled = existsSync(stamp) && (await readFile(stamp, 'utf8')) === lock
  await mkdir(INSTALLED, { recursive: true })
  await cp(PEERS, INSTALLED, { recursive: true })
  if (isInstalled) return
  process.stdout.write('  installing the peers (once) …\n')
  // Of its optional parts y-websocket wants a native database, which nobody here uses.
  const args = ['ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = spawn('npm', args, { cwd: INSTALLED, stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = await once(npm, 'exit')
  if (code !== 0) throw new Error('The peers could not be installed')
  await writeFile(stamp, lock)
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
