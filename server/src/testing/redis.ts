/**
 * A Redis of a test's own, which it may stop, starve and empty. The program is not among the dependencies: where it is not installed the tests
 * that need it are skipped.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { testSearchPath } from './world.ts'

const PROGRAM = 'redis-server'
const READY_MS_MAX = 10_000

const isThere = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether tests of Redis can run here. */
export const hasRedis = testSearchPath.split(path.delimiter).some((folder) => isThere(path.join(folder, PROGRAM)))
if (!hasRedis) process.stderr.write(`${PROGRAM} is not installed: tests of several nodes are skipped\n`)

export interface TestRedis {
  readonly url: string
  /** `SIGKILL`: dead at once; what was subscribed is forgotten. */
  kill(): Promise<void>
  /** Starts it anew, empty, on the same port. */
  start(): Promise<void>
  /** The sockets stay open and nothing answers. */
  pause(): void
  resume(): void
  /** One command over a connection of its own; returns the raw answer. */
  command(...words: string[]): Promise<string>
  stop(): Promise<void>
}

/** Starts one; `settings` are those of its configuration file, `--name value`. */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort()
  let child = await launch(port, settings)
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    start: async () => {
      child = await launch(port, settings)
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    command: (...words) => ask(port, words),
    stop: () => end('SIGKILL'),
  }
}

async function launch(port: number, settings: readonly string[]): Promise<ChildProcess> {
  const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no']
  const child = spawn(PROGRAM, [...fixed, ...settings], { env: { PATH: testSearchPath }, stdio: 'ignore', cwd: '/' })
  const until = Date.now() + READY_MS_MAX
  while (!(await ask(port, ['PING']).catch(() => ''))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('Redis did not start')
    await sleep(20)
  }
  return child
}

async function ask(port: number, words: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write(`${words.join(' ')}\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString()
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
