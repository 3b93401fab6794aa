/** Clones with the real git binary, away from the configuration of whoever runs the tests. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

export async function git(directory: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, {
    cwd: directory,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ana',
      GIT_AUTHOR_EMAIL: 'ana@example.org',
      GIT_COMMITTER_NAME: 'Ana',
      GIT_COMMITTER_EMAIL: 'ana@example.org',
    },
    maxBuffer: OUTPUT_BYTES_MAX,
  })
  return stdout.trim()
}

/** A fresh folder that is deleted when `work` ends. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'skein-story-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** `cloneUrl` with the token as password, as Git takes it. */
export const withToken = (cloneUrl: string, token: string): string => cloneUrl.replace('://', `://skein:${token}@`)
