/**
 * Boots the product as its own process, the way an operator does: a data folder, a port, settings in the environment. It can be killed and
 * started again on the same data, which is what the promises about saving are tested with.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '../..')
const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 30_000
const LOG_CHARACTERS_MAX = 200_000

export interface Product {
  readonly url: string
  readonly dataDir: string
  logs(): string
  /** Resolves when the process has ended by itself. */
  ended(): Promise<void>
  /** Stops the process with the signal and starts it again on the same data and port, after what is to be done meanwhile. */
  restart(signal: 'SIGTERM' | 'SIGKILL', meanwhile?: () => Promise<unknown>): Promise<void>
  /** Stops it and deletes its data. */
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the probe socket has no port')
  return address.port
}

/**
 * `settings` are environment variables of the product; nothing else of this process's environment reaches it but the path. `program` is another
 * start of the product, with something broken in it; `limits` are bounds of the system for it, as `prlimit` takes them.
 */
export async function bootProduct(
  settings: Record<string, string> = {},
  program: readonly string[] = ['server/src/main.ts'],
  limits: readonly string[] = [],
): Promise<Product> {
  const port = await freePort()
  const dataDir = await mkdtemp(path.join(os.homedir(), '.skein-e2e-'))
  const url = `http://localhost:${port}`
  let log = ''
  let child = await start()

  async function start(): Promise<ChildProcess> {
    const line = [process.execPath, ...program]
    const [file, ...args] = limits.length > 0 ? ['prlimit', ...limits, ...line] : line
    const started = spawn(file as string, args, {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: os.homedir(),
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        PORT: String(port),
        PUBLIC_URL: url,
        DATA_DIR: dataDir,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-LOG_CHARACTERS_MAX)
    }
    started.stdout.on('data', keep)
    started.stderr.on('data', keep)
    await untilReady(started)
    return started
  }

  async function untilReady(started: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS
    while (Date.now() < deadline) {
      if (started.exitCode !== null) throw new Error(`the product ended with ${started.exitCode}:\n${log}`)
      const answer = await fetch(`${url}/readyz`).catch(() => null)
      if (answer?.ok) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`the product was not ready within ${READY_WITHIN_MS} ms:\n${log}`)
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await ended
    clearTimeout(overdue)
  }

  return {
    url,
    dataDir,
    logs: () => log,
    ended: async () => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    async restart(signal, meanwhile) {
      await end(signal)
      await meanwhile?.()
      child = await start()
    },
    async stop() {
      await end('SIGTERM')
      // The embedded database follows its parent within a moment; its folder is only then free.
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
    },
  }
}
