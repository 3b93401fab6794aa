/**
 * Tokens of installations, each narrowed to one repository and to what a push needs: contents, and workflows where the installation was given
 * that. The library keeps them for 59 minutes; `refresh` asks for a new one, for when GitHub did not believe the old one.
 */
import { App } from '@octokit/app'
import { Octokit } from '@octokit/core'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { GithubAnswer, GithubPlace } from '../../commands/github/github-host.ts'
import { type Asked, answerToFailure, networkToFailure } from './github-errors.ts'

const timeoutMs = 20_000
/** How long permissions that were taken or given on GitHub may go unnoticed. */
const permissionsKeptMs = 5 * 60_000

export interface GithubAppSettings {
  apiUrl: string
  app: { id: string; privateKey: string }
}

const Installation = z.object({ permissions: z.record(z.string(), z.string()), suspended_at: z.string().nullable() })

interface InstallationInfo {
  permissions: Record<string, string>
  isSuspended: boolean
}

export type Rest = InstanceType<typeof Octokit>

/** A REST client with a time limit for each call and GitHub's own retries left to the outbox. */
export function createRest(apiUrl: string): typeof Octokit {
  const timed: typeof fetch = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) })
  return Octokit.defaults({ baseUrl: apiUrl, userAgent: 'skein', request: { fetch: timed }, log: silent })
}

// What goes wrong is told as a value; the library would also print it.
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export class InstallationTokens {
  readonly #app: App
  readonly #installations = new LRUCache<number, InstallationInfo>({ max: 1000, ttl: permissionsKeptMs })

  constructor({ apiUrl, app }: GithubAppSettings) {
    this.#app = new App({ appId: app.id, privateKey: app.privateKey, Octokit: createRest(apiUrl), log: silent })
  }

  /** A token for the one repository. */
  async mint({ installationId, repositoryId }: GithubPlace, refresh: boolean): Promise<GithubAnswer<string>> {
    const found = await this.#readInstallation(installationId, refresh)
    if (!found.ok) return found
    if (found.value.isSuspended) return { ok: false, failure: { kind: 'suspended' } }
    if (found.value.permissions.contents !== 'write') {
      return { ok: false, failure: { kind: 'forbidden', detail: 'it may not write contents' } }
    }
    const permissions = {
      contents: 'write',
      ...(found.value.permissions.workflows === 'write' && { workflows: 'write' }),
    }
    const asked = { type: 'installation' as const, installationId, repositoryIds: [repositoryId], permissions, refresh }
    return restAnswer('token', async () => {
      const { token } = (await this.#app.octokit.auth(asked)) as { token: string }
      return token
    })
  }

  async #readInstallation(installationId: number, refresh: boolean): Promise<GithubAnswer<InstallationInfo>> {
    const known = refresh ? undefined : this.#installations.get(installationId)
    if (known !== undefined) return { ok: true, value: known }
    const answer = await restAnswer('installation', async () => {
      const { data } = await this.#app.octokit.request('GET /app/installations/{installation_id}', {
        installation_id: installationId,
      })
      const { permissions, suspended_at: suspendedAt } = Installation.parse(data)
      return { permissions, isSuspended: suspendedAt !== null }
    })
    if (answer.ok) this.#installations.set(installationId, answer.value)
    return answer
  }
}

/** Runs a call of the REST API and makes a value of what it throws. */
export async function restAnswer<T>(asked: Asked, call: () => Promise<T>): Promise<GithubAnswer<T>> {
  try {
    return { ok: true, value: await call() }
  } catch (error) {
    const { status, response, message } = error as Partial<HttpError> & { message: string }
    if (response === undefined || status === undefined) return { ok: false, failure: networkToFailure(error) }
    const header = (name: string) => String(response.headers[name] ?? '') || null
    return { ok: false, failure: answerToFailure({ status, header, message }, asked, new Date()) }
  }
}

/** The part of the library's error that is read here. */
interface HttpError {
  status: number
  response: { headers: Record<string, string | number | undefined> }
}
