/**
 * Runs Git on repositories of our own, without network. The environment is made from scratch: a variable or a settings
 * file of the machine must not decide what Git does with somebody's objects. Every run has a time limit, and a run
 * whose output is collected has a size limit too.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

const outputBytesMax = 16 * 1024 * 1024
const complaintBytesMax = 16 * 1024
const runTimeMaxMs = 10 * 60_000

// Nothing of the repository may start a program, and nothing cleans up behind the cache's back.
const settings: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['pack.threads', '1'],
  ['core.packedGitLimit', '256m'],
  // The data directory may belong to another user than the process, as volumes of containers do.
  ['safe.directory', '*'],
]

export interface GitRun {
  args: readonly string[]
  directory: string
  signal?: AbortSignal | undefined
  /** Default: ten minutes. */
  timeMaxMs?: number
  /** Variables beside the base ones, such as those of CGI. */
  environment?: Readonly<Record<string, string>>
}

export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * A Git process on its way: `ended` resolves with its exit code, or rejects with GitError when it did not end by
 * itself.
 */
export interface StartedGit {
  process: GitProcess
  ended: Promise<number>
  /** What it complained about so far; at most 16 KiB. */
  complaint: () => string
  kill: () => void
}

/** Git could not be started, took too long, said too much, or failed where that is not an answer. */
export class GitError extends Error {
  override readonly name = 'GitError'
  readonly exitCode: number | null

  constructor(message: string, exitCode: number | null) {
    super(message)
    this.exitCode = exitCode
  }

  /** Whether Git complained about what is on disk, rather than about what it was asked for. */
  get isAboutDamage(): boolean {
    return damage.test(this.message)
  }
}

const damage =
  /corrupt|inflate|packfile|pack .*(?:bad|truncated|index)|mmap|unable to (?:open|read|find)|not a git repository/i

export class GitProgram {
  readonly #searchPath: string

  /** @param searchPath where programs are found: PATH of the server's own environment */
  constructor(searchPath: string) {
    this.#searchPath = searchPath
  }

  /** Starts Git with all three streams in the caller's hands. */
  start({ args, directory, signal, timeMaxMs = runTimeMaxMs, environment }: GitRun): StartedGit {
    signal?.throwIfAborted()
    const child = spawn('git', [...args], {
      cwd: directory,
      env: { PATH: this.#searchPath, ...baseEnvironment, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that helpers which Git starts go with it.
      detached: true,
    })
    const kill = () => killGroup(child)
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-complaintBytesMax)
    })
    // A process that ended early closes its input under our hands; why it ended is what counts.
    child.stdin.on('error', () => {})
    const ended = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(kill, timeMaxMs)
      signal?.addEventListener('abort', kill, { once: true })
      child.once('error', (error) => reject(new GitError(`git cannot be started: ${error.message}`, null)))
      child.once('close', (code) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', kill)
        if (signal?.aborted) reject(signal.reason)
        else if (code === null) reject(new GitError(`git ${args[0]} was ended: ${complaint.trim()}`, null))
        else resolve(code)
      })
    })
    ended.catch(() => {})
    return { process: child, ended, complaint: () => complaint.trim(), kill }
  }

  /**
   * Runs Git to its end and gives its output, at most 16 MiB; exit codes other than the accepted ones throw GitError.
   */
  async run(
    run: GitRun & { input?: string | Uint8Array; accept?: readonly number[] },
  ): Promise<{ stdout: Buffer; exitCode: number }> {
    const started = this.start(run)
    started.process.stdin.end(run.input ?? '')
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of started.process.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > outputBytesMax) {
        started.kill()
        throw new GitError(`git ${run.args[0]} said more than ${outputBytesMax} bytes`, null)
      }
      chunks.push(chunk)
    }
    const exitCode = await started.ended
    if (!(run.accept ?? [0]).includes(exitCode)) {
      throw new GitError(`git ${run.args[0]} failed (${exitCode}): ${started.complaint()}`, exitCode)
    }
    return { stdout: Buffer.concat(chunks, bytes), exitCode }
  }
}

function killGroup(child: GitProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

const baseEnvironment: Readonly<Record<string, string>> = {
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_CONFIG_COUNT: String(settings.length),
  ...Object.fromEntries(
    settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
}
