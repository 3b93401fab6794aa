/**
 * Starts the stand-ins of `e2e/world` for tests of the server: as processes, by their path, because the product knows them only by address.
 * They end with the test's process.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'
// @boundaries-ignore the stand-in itself stays a process; these are the calls of its control door, with their types
import {
  type AppFacts,
  type Control,
  controlOf,
  controlsOf,
  type GithubControls,
} from '../../../e2e/world/github/controls.ts'

const worldDir = path.resolve(import.meta.dirname, '../../../e2e/world')
const run = promisify(execFile)

/** PATH for programs that tests start. */
export const testSearchPath = process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'

/** A folder that goes after the tests of the file. */
export async function createTestFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'skein-test-'))
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Git as an ordinary person uses it, away from the configuration of whoever runs the tests. */
export async function git(directory: string, ...args: string[]): Promise<string> {
  const env: Record<string, string> = {
    PATH: testSearchPath,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ana',
    GIT_AUTHOR_EMAIL: 'ana@example.org',
    GIT_COMMITTER_NAME: 'Ana',
    GIT_COMMITTER_EMAIL: 'ana@example.org',
    GIT_TERMINAL_PROMPT: '0',
  }
  const { stdout } = await run('git', args, {
    cwd: directory,
    env: env as NodeJS.ProcessEnv,
    maxBuffer: 64 * 1_048_576,
  })
  return stdout.trim()
}

async function start(
  script: string,
  args: string[],
): Promise<{ child: ChildProcess; greeting: Record<string, string> }> {
  const child = spawn(process.execPath, [path.join(worldDir, script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) {
    text += chunk
    if (text.includes('\n')) return { child, greeting: JSON.parse(text.slice(0, text.indexOf('\n'))) }
  }
  throw new Error(`${script} ended before it listened`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}

/** A plain Git server over the bare repositories of a folder, until the tests of the file are over. */
export async function startGitServer(root: string): Promise<{ url: string; host: string; calls(): Promise<string[]> }> {
  const { child, greeting } = await start('git-server/main.ts', ['--root', root])
  afterAll(() => stop(child))
  const url = greeting.url ?? ''
  return { url, host: new URL(url).host, calls: async () => (await (await fetch(`${url}/_calls`)).json()) as string[] }
}

export interface TestGithub extends GithubControls {
  /** Where a browser would find its pages. */
  url: string
  apiUrl: string
  gitUrl: string
  app: { id: string; privateKey: string }
  slug: string
  webhookSecret: string
  clientId: string
  clientSecret: string
  /** One call of the stand-in's control door; see e2e/world/github/control.ts. */
  control: Control
}

/** An empty stand-in for GitHub, until the tests of the file are over. */
export async function startGithub(): Promise<TestGithub> {
  const github = await openGithub(await createTestFolder())
  afterAll(() => github.stop())
  return github
}

/** The same for whoever is no test, and stops it by itself; it keeps its repositories in `folder`. */
export async function openGithub(folder: string): Promise<TestGithub & { stop(): Promise<void> }> {
  const { child, greeting } = await start('github/main.ts', ['--data', folder])
  const { url = '', apiUrl = '', gitUrl = '' } = greeting
  const control = controlOf(url)
  const { appId, privateKey, slug, webhookSecret, clientId, clientSecret } = await control<AppFacts>('GET', 'app')
  const app = { id: String(appId), privateKey }
  const facts = { url, apiUrl, gitUrl, app, slug, webhookSecret, clientId, clientSecret }
  return { ...facts, control, ...controlsOf(control), stop: () => stop(child) }
}
