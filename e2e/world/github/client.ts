/** Starts the stand-in for GitHub as a process and steers it, for the tests of this folder and the browser stories. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppFacts, type Control, controlOf, controlsOf, type GithubControls } from './controls.ts'

export interface Github extends GithubControls {
  readonly url: string
  readonly apiUrl: string
  readonly gitUrl: string
  readonly appId: number
  readonly privateKey: string
  readonly webhookSecret: string
  readonly clientId: string
  readonly clientSecret: string
  readonly slug: string
  /** Settings with which the product finds it. */
  readonly settings: Record<string, string>
  control: Control
  stop(): Promise<void>
}

/** Starts an empty GitHub on a free port; `stop` ends it and deletes its folder. */
export async function startGithub(): Promise<Github> {
  const folder = await mkdtemp(join(tmpdir(), 'github-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--data', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { url, apiUrl, gitUrl } = JSON.parse(await firstLine(child)) as { url: string; apiUrl: string; gitUrl: string }

  const control = controlOf(url)
  const app = await control<AppFacts>('GET', 'app')
  return {
    url,
    apiUrl,
    gitUrl,
    ...app,
    settings: {
      GITHUB_API_URL: apiUrl,
      GITHUB_GIT_URL: gitUrl,
      GITHUB_APP_ID: String(app.appId),
      GITHUB_APP_PRIVATE_KEY: app.privateKey,
      GITHUB_WEBHOOK_SECRET: app.webhookSecret,
      GITHUB_CLIENT_ID: app.clientId,
      GITHUB_CLIENT_SECRET: app.clientSecret,
    },
    control,
    ...controlsOf(control),
    stop: async () => {
      if (child.exitCode === null) {
        const ended = once(child, 'exit')
        child.kill()
        await ended
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'))
  }
  throw new Error('the stand-in for GitHub ended before it listened')
}
