/**
 * Tokens of installations, each narrowed to one repository and to what its use needs. The library keeps them for 59 minutes; a new one is asked
 * for when GitHub does not believe the old one. A token is asked for as if every permission was there, and what the installation has is read only
 * when GitHub says no: so a push costs one call in an hour, and that is this one.
 */
import { App } from '@octokit/app'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { GithubAnswer, GithubPlace } from '../../commands/github/github-host.ts'
import { createRest, restAnswer, silent } from './rest.ts'

/** How long an installation's lack of a permission is believed; a push that was refused for it asks anew. */
const grantsKeptMs = 3_600_000

/** With what the App proves itself. */
export interface AppKey {
  readonly id: string
  readonly privateKey: string
}

export interface InstallationTokensOptions {
  /** GITHUB_API_URL, without a slash at the end. */
  apiUrl: string
  /** The App as it is now; null: there is none. Asked for each token, because an App may come and go while Skein runs. */
  readApp: () => Promise<AppKey | null>
}

type Permissions = Readonly<Record<string, 'read' | 'write'>>

/** What each use needs, and what it takes where the installation has it. */
const uses = {
  /** Refs, fetches, the repository and its rules. */
  read: { needs: { contents: 'read', metadata: 'read' }, takes: {} },
  push: { needs: { contents: 'write', metadata: 'read' }, takes: { workflows: 'write' } },
  'pull-requests': { needs: { pull_requests: 'write', contents: 'read', metadata: 'read' }, takes: {} },
} as const satisfies Record<string, { needs: Permissions; takes: Permissions }>
export type TokenUse = keyof typeof uses

const Token = z.object({ token: z.string().min(1) })
const Installation = z.object({ permissions: z.record(z.string(), z.string()), suspended_at: z.string().nullable() })

export class InstallationTokens {
  readonly #options: InstallationTokensOptions
  #client: { key: AppKey; app: App } | null = null
  /** What installations have that did not have everything. */
  readonly #grants = new LRUCache<number, Record<string, string>>({ max: 1000, ttl: grantsKeptMs })

  constructor(options: InstallationTokensOptions) {
    this.#options = options
  }

  /** Runs a call with a token for the one repository; a token that GitHub does not believe is replaced once. */
  async withToken<T>(
    place: GithubPlace,
    use: TokenUse,
    signal: AbortSignal,
    call: (token: string) => Promise<GithubAnswer<T>>,
  ): Promise<GithubAnswer<T>> {
    signal.throwIfAborted()
    const token = await this.#mint(place, use, false)
    if (!token.ok) return token
    const answer = await call(token.value)
    if (answer.ok || answer.failure.kind !== 'unauthorized') return answer
    signal.throwIfAborted()
    const fresh = await this.#mint(place, use, true)
    return fresh.ok ? call(fresh.value) : fresh
  }

  /** What the installation lacked is asked for again by the next call: GitHub refused something for the lack of it. */
  forgetGrants(installationId: number): void {
    this.#grants.delete(installationId)
  }

  async #mint(place: GithubPlace, use: TokenUse, refresh: boolean): Promise<GithubAnswer<string>> {
    const app = await this.#readApp()
    // Whoever is told this keeps trying, so that an App that is made later is found.
    if (app === null) return { ok: false, failure: { kind: 'unauthorized' } }
    const { needs, takes } = uses[use]
    const known = this.#grants.get(place.installationId)
    const takesToo = Object.entries(takes).filter(([name, level]) => known === undefined || known[name] === level)
    const asked = await ask(app, place, { ...needs, ...Object.fromEntries(takesToo) }, refresh)
    if (asked.ok || asked.failure.kind !== 'forbidden') return asked
    const grants = await this.#readGrants(app, place.installationId)
    if (!grants.ok) return grants
    const missing = Object.entries(needs).find(([name, level]) => !hasLevel(grants.value[name], level))
    if (missing !== undefined) return { ok: false, failure: { kind: 'forbidden', detail: describeNeed(...missing) } }
    // It has what is needed, so it was the rest that was too much; that is not asked for again.
    return takesToo.length === 0 ? asked : ask(app, place, needs, refresh)
  }

  /** The library's client keeps tokens, which belong to one App. */
  async #readApp(): Promise<App | null> {
    const key = await this.#options.readApp()
    if (key === null) return null
    if (this.#client?.key.id !== key.id || this.#client.key.privateKey !== key.privateKey) {
      const Rest = createRest(this.#options.apiUrl)
      const app = new App({ appId: key.id, privateKey: key.privateKey, Octokit: Rest, log: silent })
      this.#client = { key, app }
      this.#grants.clear()
    }
    return this.#client.app
  }

  async #readGrants(app: App, installationId: number): Promise<GithubAnswer<Record<string, string>>> {
    const answer = await restAnswer('installation', async () => {
      const { data } = await app.octokit.request('GET /app/installations/{installation_id}', {
        installation_id: installationId,
      })
      return Installation.parse(data)
    })
    if (!answer.ok) return answer
    if (answer.value.suspended_at !== null) return { ok: false, failure: { kind: 'suspended' } }
    this.#grants.set(installationId, answer.value.permissions)
    return { ok: true, value: answer.value.permissions }
  }
}

function ask(
  app: App,
  { installationId, repositoryId }: GithubPlace,
  permissions: Permissions,
  refresh: boolean,
): Promise<GithubAnswer<string>> {
  const asked = { type: 'installation' as const, installationId, repositoryIds: [repositoryId], permissions, refresh }
  return restAnswer('token', async () => Token.parse(await app.octokit.auth(asked)).token)
}

const hasLevel = (granted: string | undefined, level: 'read' | 'write'): boolean =>
  granted === 'write' || granted === 'admin' || (granted === 'read' && level === 'read')

function describeNeed(name: string, level: 'read' | 'write'): string {
  const words = `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`
  return `it lacks the permission “${words}: ${level}”`
}
