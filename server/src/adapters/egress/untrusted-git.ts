/**
 * Runs Git where one end is not ours: a fetch of a stranger's repository, a push to GitHub, a pack that a client sends. The environment is built from scratch, settings of
 * the machine and of users are not read, every helper that Git could start is switched off, and the process group dies with its signal.
 */
import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

const outputBytesMax = 1_048_576

/** What is switched off for every run, whatever it does. */
const settings: readonly (readonly [string, string])[] = [
  ['credential.helper', ''],
  ['core.hooksPath', '/dev/null'],
  ['core.symlinks', 'false'],
  ['core.protectHFS', 'true'],
  ['core.protectNTFS', 'true'],
  ['core.packedGitWindowSize', '32m'],
  ['core.packedGitLimit', '256m'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.unpackLimit', '1'],
  ['gc.auto', '0'],
  ['http.followRedirects', 'false'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '30'],
  ['init.templateDir', ''],
  ['maintenance.auto', 'false'],
  ['pack.threads', '1'],
  ['protocol.version', '2'],
  ['transfer.bundleURI', 'false'],
  ['transfer.credentialsInUrl', 'die'],
  ['transfer.fsckObjects', 'true'],
  // Harmless slips that well-known old repositories carry in their history.
  ['fetch.fsck.badTimezone', 'ignore'],
  ['fetch.fsck.missingSpaceBeforeDate', 'ignore'],
  ['fetch.fsck.zeroPaddedFilemode', 'ignore'],
]

export interface UntrustedGitRun {
  args: readonly string[]
  cwd: string
  /** Protocols Git may speak, separated by colons. */
  protocols: 'https' | 'http' | 'none'
  /** More settings; they reach Git in its environment, so that a token among them never shows in a list of processes. */
  config?: readonly (readonly [string, string])[]
  signal: AbortSignal
  /** Largest file that Git may write, in bytes, which also bounds its memory to 4 GiB and its time; POSIX only. */
  fileBytesMax?: number
  /** Seconds of a processor that each process of a run with `fileBytesMax` may take; default 15 minutes. */
  cpuSecondsMax?: number
  /** Writes what Git reads and ends the stream, also when Git reads no more; Git is ended when it rejects, and the run rejects with the same. */
  input?: (stdin: Writable) => Promise<void>
  onProgress?: (line: string) => void
}

export interface GitOutcome {
  /** Null when the process was ended by a signal. */
  code: number | null
  stdout: string
  /** Without progress lines; at most the last 64 KiB. */
  stderr: string
}

/** Runs Git to its end. Rejects when `signal` is aborted, after the process is gone, and when Git cannot be started. */
export type UntrustedGit = (run: UntrustedGitRun) => Promise<GitOutcome>

/** @param searchPath where programs are found: PATH of the server's own environment */
export const createUntrustedGit =
  (searchPath: string): UntrustedGit =>
  (run) =>
    runToEnd(run, searchPath)

function runToEnd(run: UntrustedGitRun, searchPath: string): Promise<GitOutcome> {
  run.signal.throwIfAborted()
  const [command, args] = withLimits(run)
  const child = spawn(command, args, {
    cwd: run.cwd,
    env: environment(run, searchPath) as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: git starts git-remote-https and index-pack, which must not outlive it.
    detached: true,
  })
  const kill = () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      child.kill('SIGKILL')
    }
  }
  let stdout = ''
  let stderr = ''
  let line = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < outputBytesMax) stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (line + text).split(/[\r\n]/)
    line = (parts.pop() ?? '').slice(0, 4096)
    for (const part of parts) {
      if (/^(?:remote: )?[A-Z][a-z ]+: +\d/.test(part)) run.onProgress?.(part)
      else if (part.trim() !== '') stderr = `${stderr}${part}\n`.slice(-65_536)
    }
  })

  let fault: { error: unknown } | null = null
  // Git that ended early closes its input under our hands; why it ended is what counts.
  child.stdin.on('error', () => {})
  if (run.input === undefined) child.stdin.end()
  const fed = run.input?.(child.stdin).catch((error: unknown) => {
    fault = { error }
    kill()
  })
  return new Promise((resolve, reject) => {
    run.signal.addEventListener('abort', kill, { once: true })
    child.once('error', reject)
    child.once('close', async (code) => {
      run.signal.removeEventListener('abort', kill)
      if (!run.signal.aborted) await fed
      if (run.signal.aborted) reject(run.signal.reason)
      else if (fault) reject(fault.error)
      else resolve({ code, stdout, stderr: `${stderr}${line}`.trim() })
    })
  })
}

/**
 * Limits of the system for Git and what it starts: the largest file (in units of 512 bytes), the time of a processor (in seconds; a megabyte of a pack may
 * ask for hours) and, where there is one, the address space (in KiB).
 */
const limitScript = 'ulimit -f "$1"; ulimit -t "$2"; ulimit -v "$3" 2>/dev/null; shift 3; exec git "$@"'
const addressSpaceKibMax = 4_194_304

function withLimits({ args, fileBytesMax, cpuSecondsMax = 900 }: UntrustedGitRun): [string, string[]] {
  if (fileBytesMax === undefined || process.platform === 'win32') return ['git', [...args]]
  const limits = [String(Math.ceil(fileBytesMax / 512)), String(cpuSecondsMax), String(addressSpaceKibMax)]
  return ['/bin/sh', ['-c', limitScript, 'sh', ...limits, ...args]]
}

function environment({ protocols, config = [] }: UntrustedGitRun, searchPath: string): Record<string, string> {
  const all = [...settings, ...config]
  const entries = all.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return {
    PATH: searchPath,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(entries),
  }
}
