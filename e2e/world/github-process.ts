/** Starts the stand-in for GitHub as a process, and steers it through its control door. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

export interface RemoteRepository {
  id: number
  installationId: number
  fullName: string
}

export interface Github {
  readonly gitUrl: string
  /** What the product is told about it, in its own settings. */
  readonly settings: Record<string, string>
  control<Body>(method: string, what: string, body?: unknown): Promise<Body>
  /** An installation with one empty private repository, or one with a first commit of `files`. */
  createRepository(name: string, files?: { path: string; content: string }[]): Promise<RemoteRepository>
  /** The commit of a branch there, or null. */
  head(repository: RemoteRepository, branch: string): Promise<string | null>
  stop(): Promise<void>
}

export async function bootGithub(): Promise<Github> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'skein-github-'))
  const main = path.join(import.meta.dirname, 'github/main.ts')
  const child = spawn(process.execPath, [main, '--data', data], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { url, apiUrl, gitUrl } = JSON.parse(String(line)) as { url: string; apiUrl: string; gitUrl: string }

  async function control<Body>(method: string, what: string, body?: unknown): Promise<Body> {
    const answer = await fetch(`${url}/_control/${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (!answer.ok) throw new Error(`${method} ${what}: ${await answer.text()}`)
    return (await answer.json()) as Body
  }

  const app = await control<{ appId: number; privateKey: string }>('GET', 'app')
  return {
    gitUrl,
    settings: {
      GITHUB_API_URL: apiUrl,
      GITHUB_GIT_URL: gitUrl,
      GITHUB_APP_ID: String(app.appId),
      GITHUB_APP_PRIVATE_KEY: app.privateKey,
    },
    control,
    async createRepository(name, files) {
      const installation = await control<{ id: number }>('POST', 'installations', {})
      const made = await control<{ id: number; owner: string; name: string }>('POST', 'repositories', {
        installationId: installation.id,
        name,
        ...(files ? { files } : {}),
      })
      return { id: made.id, installationId: installation.id, fullName: `${made.owner}/${made.name}` }
    },
    async head(repository, branch) {
      const { oid } = await control<{ oid: string | null }>('POST', `repositories/${repository.id}/ref`, {
        ref: `refs/heads/${branch}`,
      })
      return oid
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(data, { recursive: true, force: true })
    },
  }
}
