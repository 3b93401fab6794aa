/** A Redis of a test's own, which it may kill, stop, empty and start again. The program is not among the dependencies. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './product.ts'

const READY_WITHIN_MS = 10_000

export interface Redis {
  readonly port: number
  readonly url: string
  /** Dead at once; who was subscribed is forgotten. */
  kill(): Promise<void>
  /** Starts it anew on the same port, empty. */
  start(): Promise<void>
  /** It hangs: the connections stay and nothing answers. */
  pause(): void
  resume(): void
  /** One command over a connection of its own; the raw answer. */
  say(...words: string[]): Promise<string>
  end(): Promise<void>
}

/** Null when there is no program `redis-server` on this machine. `isDetached`: Ctrl+C in the terminal does not reach it. */
export async function bootRedis({ isDetached = false } = {}): Promise<Redis | null> {
  const port = await freePort()
  let child = await launch(port, isDetached)
  if (!child) return null
  const end = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill: end,
    start: async () => {
      child = await launch(port, isDetached)
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    say: (...words) => ask(port, words),
    end,
  }
}

async function launch(port: number, detached: boolean): Promise<ChildProcess | null> {
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', args, {
    env: { PATH: process.env.PATH ?? '' },
    stdio: 'ignore',
    cwd: '/',
    detached,
  })
  let isMissing = false
  child.once('error', () => {
    isMissing = true
  })
  const until = Date.now() + READY_WITHIN_MS
  while (!(await ask(port, ['PING']).catch(() => ''))) {
    if (isMissing) return null
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
